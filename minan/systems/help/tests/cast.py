"""王秀兰 enrolled at 朝阳社区, a lane that rings nobody, and who is who there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client

from minan.kernel.access import CLOCK, SPEAKER, Actor, actor
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.models import Case, Event

MONDAY = datetime(2026, 11, 16, 1, 20, tzinfo=UTC)
VILLAGE, POINT, STATION, CENTRE = "131022100010", "131022100010-point", "131022100-station", "131022-centre"
PERSON = {
    "place": VILLAGE, "name": "王秀兰", "phone": "13800000001", "address": "朝阳社区 3 号楼 2 单元 101", "door": "钥匙在对门李家",
    "told": "高血压，吃氨氯地平", "family1_name": "女儿刘芳", "family1_phone": "13900000011", "family2_name": "外甥李强",
    "family2_phone": "13900000012", "duty": POINT, "consent": 1,
}  # fmt: skip
SECRETS: dict[str, str] = {}


def browser(user: Any) -> Client:
    """Signed in with password and second factor."""
    client = Client()
    client.force_login(user)
    session = client.session
    session["second_factor"] = True
    session.save()
    return client


def enrolled(at: datetime = MONDAY, by: Actor = SPEAKER, **more: Any) -> Case:
    made = open_case("help_enrolment", by=by, facts=PERSON | more, at=at)
    assert isinstance(made, Opened), made
    SECRETS[made.case.code] = made.secret
    return made.case


def pressed(first: Case, at: datetime = MONDAY, press: str = "a" * 32, **more: Any) -> Case:
    facts = {"place": VILLAGE, "how": "app", "press": [press], "duty": POINT} | more
    made = open_case("help", by=CLOCK, facts=facts, channel="help", key=f"help:{press}", at=at, child_of=first)
    assert isinstance(made, Opened), made
    return made.case


def tried(case: Case, step: str, who: Any, after: float = 0, /, **facts: Any) -> Event | Refused:
    case.refresh_from_db()
    by = who if isinstance(who, Actor) else actor(who)
    done = act(case, step, by=by, facts=facts, at=max(MONDAY + timedelta(seconds=after), case.changed_at))
    case.refresh_from_db()
    return done


def go(case: Case, step: str, who: Any, after: float = 0, /, **facts: Any) -> Event:
    event = tried(case, step, who, after, **facts)
    assert isinstance(event, Event), (step, event)
    return event


def refused(case: Case, step: str, who: Any, after: float = 0, /, **facts: Any) -> str:
    done = tried(case, step, who, after, **facts)
    assert isinstance(done, Refused), (step, done)
    return done.rule
