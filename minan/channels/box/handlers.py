"""A photograph goes as soon as a matter on it must not be seen in it any longer (keeping.py)."""

from __future__ import annotations

from minan.channels.box import keeping
from minan.kernel import rights
from minan.kernel.listen import Told, on


def look(events: list[Told]) -> None:
    keeping.look_at({told.case_id for told in events})


for _name in (rights.ASK, rights.ERASED, "hide", "pass_on"):
    on(f"matter.{_name}")(look)
