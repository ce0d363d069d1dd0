"""The app of the boxes: the worker erases photographs on their day."""

from __future__ import annotations

from django.apps import AppConfig


class Boxes(AppConfig):
    name = "minan.channels.box"
    label = "box"

    def ready(self) -> None:
        from minan.channels.box import keeping  # models are there only now
        from minan.kernel import listen

        listen.each_turn(keeping.turn)
