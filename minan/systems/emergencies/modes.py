"""Which modes there are and were, what each covers, and how many registered under it: read from the cases, one query each.

The truth is the date in the case, not the worker: a mode whose date is past is over, whether or not anybody has turned a clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef

from minan.kernel import directory
from minan.kernel.choosing import one
from minan.kernel.models import Case, Inbox
from minan.kernel.opening import home_place

NAME, HELP = "emergency_mode", "home_help"
LIVE = ("mode_asked", "mode_on", "mode_ended", "mode_wiping")
KNOWN = ("mode_on", "mode_ended", "mode_wiping", "mode_erased")  # what was declared, and so is public
FEW = 5  # fewer are told as "fewer than five"
MOST = 100


def of(states: Iterable[str]) -> list[Case]:
    """The modes in these states, newest first: they all lie before the city's centre, whose list is indexed. One query."""
    centre = one(directory.CITY_DESK, home_place())
    held = Inbox.objects.filter(
        county=OuterRef("county"), case_id=OuterRef("id"), unit=centre, state__in=tuple(states), procedure=NAME
    )
    return list(Case.objects.filter(Exists(held), procedure=NAME).order_by("-id")[:MOST])


def covers(mode: Mapping[str, Any] | Case, place: str) -> bool:
    """Whether a place lies in the subtree the mode was declared for."""
    return bool(place) and place.startswith(_stem(mode.place if isinstance(mode, Case) else mode["place"]))


def _stem(place: str) -> str:
    return place[: directory.LEVELS.get(directory.level_of(place), len(place))]


def touching(place: str) -> bool:
    """Whether a mode that is asked for, on, or not deleted yet shares any household with this place."""
    return any(covers(mode, place) or _stem(mode.place).startswith(_stem(place)) for mode in of(LIVE))


def is_on(mode: Case, now: datetime) -> bool:
    return mode.state == "mode_on" and datetime.fromisoformat(mode.facts["since"]) <= now < datetime.fromisoformat(
        mode.facts["until"]
    )


def running(now: datetime) -> list[Case]:
    """The modes that are on just now. One query."""
    return [mode for mode in of(("mode_on",)) if is_on(mode, now)]


def over(place: str, now: datetime) -> Case | None:
    """The mode that is on over this place; None where there is none, and so nothing of it exists."""
    return next((mode for mode in running(now) if covers(mode, place)), None)


def registered(mode: Case) -> Any:
    """The cases registered under a mode: in its subtree, while it was on. They are found so after their words are gone, too."""
    stem, city = _stem(mode.place), directory.city()
    counties = {
        code[:6]
        for code, spot in city.places.items()
        if spot.level in ("county", "city") and (code.startswith(stem) or stem.startswith(code[:6]))
    }
    found = Case.objects.filter(county__in=counties, procedure=HELP, place__startswith=stem)
    return found.filter(
        opened_at__gte=datetime.fromisoformat(mode.facts["since"]),
        opened_at__lt=datetime.fromisoformat(mode.facts["until"]),
    )


def counted(mode: Case) -> int | None:
    """How many registered, or None for fewer than FEW."""
    n = int(mode.facts["registered"]) if "registered" in mode.facts else registered(mode).count()
    return n if n >= FEW else None
