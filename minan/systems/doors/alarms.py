"""A door forced, held open or opened by fire becomes an alarm of the devices' system, by its name; without one only the desk shows it."""

from __future__ import annotations

import json
from datetime import datetime

from minan.systems.doors.models import Door


def raised(door: Door, word: str, now: datetime) -> None:
    """Said on the bus as any device says its alarm: a door, a word, a time; never a person."""
    said = json.dumps({"door": door.pk.hex, "name": door.name, "what": word, "at": now.isoformat(timespec="seconds")}, ensure_ascii=False)
    publish(f"minan/{door.compound.place[:12]}/{door.pk.hex}/alarm", said.encode())


def publish(topic: str, payload: bytes) -> None:
    """To the bus where there is one."""
