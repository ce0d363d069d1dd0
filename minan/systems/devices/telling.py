"""To the duty screens, through the live process: what sounds, in a few words; a screen that is away reads the same in its list."""

from __future__ import annotations

from typing import Any

from minan.kernel import labels, live
from minan.kernel.models import Case
from minan.systems.devices.kinds import ALARMS
from minan.systems.devices.models import Device


def units_of(case: Case) -> list[str]:
    """Whose screens: the unit it lies with and whoever it went up to."""
    return list(dict.fromkeys([case.desk, *case.marks.get("up", [])]))


def sounds(case: Case, device: Device, alarm: str, times: int, since: Any) -> None:
    """Never raises, never waits."""
    kind = ALARMS[alarm]
    live.tell(
        units_of(case), "alarm", code=case.code, title=case.title, urgent=kind.urgency == "emergency", times=times,
        place=labels.place_short(device.place), since=since.isoformat(), say=kind.say.zh, say_en=kind.say.en,
    )  # fmt: skip


def ended(case: Case) -> None:
    """The screen may take it off."""
    live.tell(units_of(case), "alarm_over", code=case.code)
