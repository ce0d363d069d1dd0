"""The app of the doors: the worker forgets on its day what has ended, and a closed account leaves its homes."""

from __future__ import annotations

from django.apps import AppConfig


class Doors(AppConfig):
    name = "minan.systems.doors"
    label = "doors"

    def ready(self) -> None:
        from django.db.models.signals import pre_delete  # models are there only now

        from minan.kernel import listen  # as above
        from minan.kernel.models import User  # as above
        from minan.systems.doors import keeping

        listen.each_turn(keeping.turn)
        pre_delete.connect(keeping.account_closed, sender=User, dispatch_uid="doors")
