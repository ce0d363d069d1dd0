"""The app of the doors: the worker forgets on its hour what has ended."""

from __future__ import annotations

from django.apps import AppConfig


class Doors(AppConfig):
    name = "minan.systems.doors"
    label = "doors"

    def ready(self) -> None:
        from minan.kernel import listen  # models are there only now
        from minan.systems.doors import keeping

        listen.each_turn(keeping.turn)
