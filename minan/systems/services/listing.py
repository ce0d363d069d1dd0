"""Which shops a resident sees, and in what order: checked ones only, by distance or by name; nothing that is paid for has a place here."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef

from minan.kernel import choosing, directory, labels
from minan.kernel.models import Case, Inbox, Place
from minan.lib import codes, geo
from minan.systems.services.shop_rules import TRADES, WAYS

NAME = "shop"
FEW = 5  # fewer ratings are not shown
MOST = 300
NEAR_METRES = 50  # differences below this are none: then the name decides


def checked(case: Case, now: datetime) -> bool:
    """Listed, and its licence looked at no longer ago than said: past that day it is hidden whether or not a clock has turned."""
    today = now.astimezone(directory.LOCAL).date()
    return (
        case.procedure == NAME
        and case.state == "listed"
        and date.fromisoformat(case.facts.get("next_check", "2000-01-01")) >= today
    )


def of_town(place: str, now: datetime) -> list[Case]:
    """The checked shops of the town a village lies in. One query, on the town's own list."""
    station = choosing.one(directory.TOWN_DESK, directory.within(place, "town"))
    held = Inbox.objects.filter(
        county=OuterRef("county"), case_id=OuterRef("id"), unit=station, state="listed", procedure=NAME
    )
    found = Case.objects.filter(Exists(held), procedure=NAME).order_by("id")[:MOST] if station else []
    return [case for case in found if checked(case, now)]


def one(code: str, now: datetime) -> Case | None:
    """A checked shop by its code; None where it is not there, hidden or suspended, all alike."""
    case = Case.objects.filter(code=codes.parse(code) or "-", procedure=NAME).first()
    return case if case is not None and checked(case, now) else None


def near(place: str, trade: str, now: datetime) -> list[dict[str, Any]]:
    """The shops around a village, nearest first, then by name. Two queries."""
    found = [case for case in of_town(place, now) if trade in ("", case.facts["trade"])]
    spots = {
        code: (lon, lat)
        for code, lon, lat in Place.objects.filter(code__in={place, *(c.place for c in found)}).values_list(
            "code", "lon", "lat"
        )
    }
    rows = [row(case, now) | {"metres": _metres(spots, place, case)} for case in found]
    return sorted(rows, key=lambda r: (r["metres"] is None, (r["metres"] or 0) // NEAR_METRES, r["name"]))


def _metres(spots: dict[str, tuple[float | None, float | None]], place: str, case: Case) -> int | None:
    here, there = spots.get(place), (case.lon, case.lat) if case.lon is not None else spots.get(case.place)
    if place == case.place and case.lon is None:
        return 0
    if not here or not there or None in here or None in there:
        return None
    return round(geo.metres((float(here[0] or 0), float(here[1] or 0)), (float(there[0] or 0), float(there[1] or 0))))


def row(case: Case, now: datetime) -> dict[str, Any]:
    """One shop as everybody reads it."""
    facts = case.facts
    counted = facts.get("rated", 0)
    return {
        "code": case.code,
        "name": facts["name"],
        "trade": labels.into(dict(TRADES)[facts["trade"]]),
        "place": labels.place_short(case.place),
        "spot": facts["spot"],
        "hours": facts["hours"],
        "offers": facts["offers"],
        "phone": facts["shop_phone"],
        "licence": facts["licence"],
        "checked_on": _day(facts.get("checked_on")),
        "next_check": _day(facts.get("next_check")),
        "checked_by": labels.office_name(facts.get("checked_by", "")),
        "ways": [name for name in WAYS if facts.get(name)],
        "books": bool(facts.get("minutes")),
        "open": bool(facts.get("open")),
        "good": facts.get("good", 0),
        "rated": counted if counted >= FEW else 0,
        "few": FEW,
        "said": [one_ for one_ in reversed(facts.get("said") or []) if one_["shown"]] if counted >= FEW else [],
    }


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
