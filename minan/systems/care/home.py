"""What a gateway at home may say on `minan/<area>/<device>/wellbeing`: `alert`, `fine`, `end`; anything else is not heard.

The gateway judges (no movement by the hour, a fall, a pressed "stop"); what it measured never leaves the home. An alert opens a visit at
once; `fine` ends it; `end` is the person's own stop at the device: the agreement ends and is erased.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from minan.kernel.access import CLOCK
from minan.kernel.act import act
from minan.kernel.bus import hears
from minan.kernel.models import Case
from minan.systems.care import watching

PROP = "wellbeing"
SAID = (b"alert", b"fine", b"end")


def heard(device: str, topic: str, payload: bytes, at: Any = None) -> None:
    """One word of a gateway. A device that nobody named, or that is not of this area, is nobody's."""
    word = bytes(payload)[:16].strip().lower()
    watch = watching.by_device(device) if word in SAID else None
    parts = topic.split("/")
    if watch is None or (len(parts) == 4 and parts[1] != watch.place[:12]):
        return
    now = at if isinstance(at, datetime) else datetime.now(UTC)
    if word == b"alert":
        if not watching.paused(watch, watching.today(now)):
            watching.raise_visit(watch, now, alert=True)
    elif word == b"fine":
        watching.give(watch, "home", now)
    else:
        end(Case.objects.get(county=watch.county, id=watch.case_id), now)


def end(case: Case, now: datetime) -> None:
    act(case, "end", by=CLOCK, at=max(now, case.changed_at))
    watching.settle(case, now)


def listen() -> None:
    """What a gateway says of a home is heard before everything else (minan/kernel/bus)."""
    hears(PROP, first=True)(heard)
