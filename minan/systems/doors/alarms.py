"""A door forced or held open becomes an alarm case by its name, with its own clock; where there is no such system only the desk shows it.

It is said on the bus and to the screens of who looks after the door as well: a door, a word, a time; never a person.
"""

from __future__ import annotations

import json
import logging
from datetime import datetime

from minan.kernel import bus, registry
from minan.kernel.access import CLOCK
from minan.kernel.act import Refused, act, open_case
from minan.kernel.live import tell
from minan.kernel.models import Case
from minan.systems.doors.lists import topic_of
from minan.systems.doors.models import Door

ALARM, KIND, QUIET = (
    "alarm",
    "forced",
    "cleared",
)  # the procedure's name, what it calls a door forced or held open, the step when it is over
WRONG = ("forced", "held")
log = logging.getLogger("minan.doors")


def raised(door: Door, word: str, now: datetime) -> str:
    """What is new and wrong with a door; returns the id of a case that was opened. Fire is the panel's own alarm: it is only said."""
    name = f"{door.compound.name} {door.name}"
    said = {"door": door.pk.hex, "name": name, "what": word, "at": now.isoformat(timespec="seconds")}
    bus.publish(topic_of(door, "said"), json.dumps(said, ensure_ascii=False))
    tell([door.compound.unit], "door", **said)
    if word not in WRONG or registry.get(ALARM) is None or _standing(door) is not None:
        return ""
    facts = {
        "device": f"door-{door.pk.hex}",
        "alarm": KIND,
        "unit": door.compound.unit,
        "place": door.compound.place,
        "mounted": name,
    }
    done = open_case(
        ALARM, by=CLOCK, facts=facts, channel="device", key=f"door:{door.pk.hex}:{now:%Y%m%d%H%M%S}", at=now
    )
    if isinstance(done, Refused):
        log.warning("an alarm was not taken", extra={"door": door.pk.hex, "reason": done.reason.en})
        return ""
    return str(done.case.id)


def over(door: Door, now: datetime) -> None:
    """It is shut again: the case knows, and stays until somebody has looked."""
    case = _standing(door)
    procedure = registry.get(ALARM)
    if case is not None and procedure is not None and procedure.step(QUIET) is not None:
        act(case, QUIET, by=CLOCK, at=max(now, case.changed_at))


def _standing(door: Door) -> Case | None:
    """This door's alarm that is still open; its id stands with the door's state."""
    name = door.state.get("case")
    return Case.objects.filter(county=door.compound.place[:6], id=name, closed_at=None).first() if name else None
