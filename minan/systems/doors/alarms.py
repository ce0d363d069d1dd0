"""A door forced, held open or opened by fire: said on the bus, as any device says its alarm, and on the screens of who looks after it."""

from __future__ import annotations

import json
from datetime import datetime

from minan.kernel import bus
from minan.kernel.live import tell
from minan.systems.doors.lists import topic_of
from minan.systems.doors.models import Door


def raised(door: Door, word: str, now: datetime) -> None:
    """A door, a word, a time; never a person. Where no devices' system hears the bus, the desk's own page shows it red."""
    said = {
        "door": door.pk.hex,
        "name": f"{door.compound.name} {door.name}",
        "what": word,
        "at": now.isoformat(timespec="seconds"),
    }
    bus.publish(topic_of(door, "alarm"), json.dumps(said, ensure_ascii=False))
    tell([door.compound.unit], "door", **said)
