"""The people of a health emergency in 固安镇: the county's head puts it forward, the city's decides; 王秀兰's household asks; 朝阳社区 helps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from minan.kernel import worker
from minan.kernel.access import SPEAKER, Actor, actor
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.models import Case, Event
from minan.systems.emergencies import sweeping

MONDAY = datetime(2026, 11, 16, 1, 20, tzinfo=UTC)
DAY = timedelta(days=1)
TOWN, VILLAGE, OTHER_TOWN, OTHER_VILLAGE = "131022100000", "131022100010", "131022101000", "131022101201"
COUNTY, CITY, DESK, STRANGER = "supervisor", "city.super", "gu.point", "stranger"
ADDRESS, PHONE, WORDS = "7号楼3单元501", "13800000001", "降压药只够吃两天了，家里还有一只猫"


def proposed(people: dict[str, Any], at: datetime = MONDAY, who: str = COUNTY, **facts: Any) -> Case | str:
    """The case; or the name of the rule that refused."""
    said = {
        "place": TOWN,
        "law": "health",
        "document": "固政告〔2026〕9号",
        "words": "镇上有流感暴发，减少出门",
        "returns": "从外省回来\n从境外回来",
    } | facts
    done = open_case("emergency_mode", by=actor(people[who]), facts=said, at=at)
    return done.case if isinstance(done, Opened) else done.rule


def declared(people: dict[str, Any], at: datetime = MONDAY, **facts: Any) -> Case:
    case = proposed(people, at, **facts)
    assert isinstance(case, Case), case
    go(case, "decide", people[CITY], at)
    return case


def asked(at: datetime, by: Actor = SPEAKER, **facts: Any) -> Opened | Refused:
    said = {
        "place": VILLAGE,
        "need": "medicine",
        "people": "2",
        "address": ADDRESS,
        "phone": PHONE,
        "words": WORDS,
    } | facts
    return open_case("home_help", by=by, facts=said, at=at)


def tried(case: Case, step: str, who: Any, at: datetime, **facts: Any) -> Event | Refused:
    case.refresh_from_db()
    by = who if isinstance(who, Actor) else actor(who)
    done = act(case, step, by=by, facts=facts, at=max(at, case.changed_at))
    case.refresh_from_db()
    return done


def go(case: Case, step: str, who: Any, at: datetime, **facts: Any) -> Event:
    event = tried(case, step, who, at, **facts)
    assert isinstance(event, Event), (step, event)
    return event


def refused(case: Case, step: str, who: Any, at: datetime, **facts: Any) -> str:
    done = tried(case, step, who, at, **facts)
    assert isinstance(done, Refused), (step, done)
    return done.rule


def turned(at: datetime) -> None:
    """The worker has done everything that is due by then."""
    sweeping._next["at"] = 0.0
    worker.settle(at)
