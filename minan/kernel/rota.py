"""Who answers for a unit outside office hours 值班: urgent matters count around the clock, so somebody must be there around the clock."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from minan.kernel import directory
from minan.kernel.directory import CITY_DESK, LOCAL, POINT, TOWN_DESK, Office
from minan.kernel.models import Case, Rota

NIGHT, REST, ALWAYS = "night", "rest", "always"
WHEN = (NIGHT, REST, ALWAYS)


class OnDuty(NamedTuple):
    post: str
    telephone: str


def shut(unit: str, at: datetime) -> str:
    """Why the unit's offices are shut at a moment: "rest" on days nobody works, "night" outside hours, "" while they are open."""
    office = directory.office(unit)
    calendar = directory.calendar(office.hours if office else "default")
    day = at.astimezone(LOCAL).date()
    if not calendar.is_workday(day):
        return REST
    return "" if calendar.is_open(at) else NIGHT


def on_duty(unit: str, at: datetime) -> list[OnDuty]:
    """The duty rooms that answer for the unit just now; [] while offices are open, and where nobody is on the roster. One query."""
    why = shut(unit, at)
    if not why:
        return []
    today = str(at.astimezone(LOCAL).isoweekday())
    rows = Rota.objects.filter(unit=unit, when__in=(why, ALWAYS)).order_by("when", "weekday", "telephone")
    return [OnDuty(r.post, r.telephone) for r in rows if not r.weekday or today in r.weekday]


def of_case(case: Case, at: datetime) -> list[OnDuty]:
    """The duty rooms to call about an open urgent matter while the offices of who has it are shut; else [], without a query."""
    return on_duty(case.unit or case.desk, at) if case.open and case.urgency != "ordinary" else []


def needed() -> dict[str, Office]:
    """The units urgent matters may come to: the desks, and those with an urgent kind on the duty list."""
    city = directory.city()
    urgent = {k.code for k in city.kinds.values() if k.active and k.urgency != "ordinary"}
    words = {w for kind, level, w, *_, until in city.duties if kind in urgent and until is None and level != "village"}
    return {
        u.id: u for u in city.units.values() if u.kind != POINT and (u.kind in (TOWN_DESK, CITY_DESK) or u.word in words)
    }


def holes() -> list[str]:
    """The units urgent matters may come to that nobody answers for by night, or on rest days. One query."""
    rows = list(Rota.objects.values_list("unit", "when"))
    night = {unit for unit, when in rows if when in (NIGHT, ALWAYS)}
    rest = {unit for unit, when in rows if when in (REST, ALWAYS)}
    return sorted(unit for unit in needed() if unit not in night or unit not in rest)
