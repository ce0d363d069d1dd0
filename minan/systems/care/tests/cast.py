"""王秀兰 of 朝阳社区 and her agreement, by a clock that stands still; beds of a small street."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from minan.kernel import worker
from minan.kernel.access import SPEAKER, Actor, actor
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.models import Case, Event
from minan.systems.care.models import Bed, Centre, Watch

VILLAGE, POINT, STATION = "131022100010", "131022100010-point", "131022100-station"
STREET, COMMUNITY = "131081001000", "131081001003"
EVENING = datetime(2026, 11, 15, 11, 0, tzinfo=UTC)  # 19:00 of the city, Sunday
DAY = timedelta(days=1)
SECRETS: dict[str, str] = {}
ASKED = {
    "asked_by": "self", "name": "王秀兰", "phone": "13800000001", "address": "3 号楼 2 单元 101", "place": VILLAGE, "hour": "09:00",
    "way": "page", "kin_name": "王建国", "kin_phone": "13800000009", "agreed": True,
}  # fmt: skip


def at(day: int, clock: str) -> datetime:
    """A moment of the city's clock, so many days after the evening on which it was agreed."""
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 11, 15 + day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


def agreed(**facts: Any) -> tuple[Case, Watch]:
    opened = open_case("daily_sign", by=SPEAKER, facts=ASKED | facts, at=EVENING)
    assert isinstance(opened, Opened), (opened, opened.errors)
    SECRETS[opened.case.code] = opened.secret
    worker.settle(EVENING)
    return opened.case, Watch.objects.get(case_id=opened.case.id)


def visits() -> list[Case]:
    return list(Case.objects.filter(procedure="visit_care").order_by("id"))


def done(case: Case, step: str, who: Any, now: datetime, /, **facts: Any) -> Event | Refused:
    case.refresh_from_db()
    by = who if isinstance(who, Actor) else actor(who)
    result = act(case, step, by=by, facts=facts, at=max(now, case.changed_at))
    worker.settle(max(now, case.changed_at))
    case.refresh_from_db()
    return result


def must(case: Case, step: str, who: Any, now: datetime, /, **facts: Any) -> Event:
    result = done(case, step, who, now, **facts)
    assert isinstance(result, Event), (step, result)
    return result


def street(beds: int = 2) -> Centre:
    """One centre in 隆泰社区 of 裕华街道."""
    centre = Centre.objects.create(number=3, name="隆泰社区托养中心", name_en="Longtai Care Centre", place=COMMUNITY, street=STREET, hours="全天")
    Bed.objects.bulk_create([Bed(centre=centre, number=n) for n in range(1, beds + 1)])
    return centre


def stay(now: datetime, start: str, nights: int = 3, **facts: Any) -> Case:
    given = {"place": COMMUNITY, "start": start, "nights": nights, "name": "王秀兰", "phone": "13800000001", "need": "arm"} | facts
    opened = open_case("stay", by=SPEAKER, facts=given, at=now)
    assert isinstance(opened, Opened), (opened, opened.errors)
    SECRETS[opened.case.code] = opened.secret
    return opened.case
