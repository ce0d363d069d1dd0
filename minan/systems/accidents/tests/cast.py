"""The model case in 朝阳社区: 王秀兰 on her e-bike, the driver 孙长河, their police, insurer, mediator, court; and who sees nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from minan.kernel import worker
from minan.kernel.access import SPEAKER, Actor, actor
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.models import Case, Clock, Event

MONDAY = datetime(2026, 11, 16, 1, 20, tzinfo=UTC)
DAY = timedelta(days=1)
VILLAGE = "131022100010"
HEAD, MEDIATOR, SECOND = "gu.vmedhead", "gu.vmed", "gu.vmed2"
POLICE, CLAIMS, OTHERS, FUND, COURT = "gx.traffic", "lf.claims", "lf.claims2", "lf.fund", "gu.court"
STRANGERS = ("gong.med", "gong.medhead", "gu.med", "stranger", "handler", OTHERS, "gu.police", "gu.point")
FINDING = {
    "number": "冀公交认字〔2026〕第1107号",
    "happened_on": "2026-11-07",
    "made_on": "2026-11-14",
    "duty_a": "secondary",
    "duty_b": "main",
}
LOSSES = {
    "who": "a", "medical": "46000", "meals_days": 18, "meals_daily": "100", "nutrition_days": 60, "nutrition_daily": "30",
    "nursing_days": 60, "nursing_daily": "150", "lost_income_days": 120, "lost_income_daily": "140", "transport": "600",
}  # fmt: skip


SECRETS: dict[str, str] = {}  # what the rider has on paper


def reported(at: datetime = MONDAY, by: Actor = SPEAKER, **facts: Any) -> Case:
    said = {
        "text": "过路口被小车撞了，断了六根肋骨，软组织挫伤，家里拿不出住院的钱。",
        "place": VILLAGE,
        "no_money": True,
        "name": "王秀兰",
        "phone": "13800000001",
        "other_name": "孙长河",
        "other_phone": "13800000002",
    } | facts
    opened = open_case("accident", by=by, facts=said, at=at)
    assert isinstance(opened, Opened), opened
    SECRETS[opened.case.code] = opened.secret
    return opened.case


def child(case: Case, procedure: str, ref: str = "") -> Case:
    """The newest case of this procedure under the accident (or under its dispute)."""
    found = Case.objects.filter(parent=case.id, procedure=procedure).order_by("-id")
    return next(c for c in found if not ref or c.facts.get("ref") == ref)


def tried(case: Case, step: str, who: Any, at: datetime = MONDAY, /, **facts: Any) -> Event | Refused:
    case.refresh_from_db()
    by = who if isinstance(who, Actor) else actor(who)
    done = act(case, step, by=by, facts=facts, at=max(at, case.changed_at))
    case.refresh_from_db()
    return done


def go(case: Case, step: str, who: Any, at: datetime = MONDAY, /, **facts: Any) -> Event:
    event = tried(case, step, who, at, **facts)
    assert isinstance(event, Event), (step, event)
    return event


def refused(case: Case, step: str, who: Any, at: datetime = MONDAY, /, **facts: Any) -> str:
    done = tried(case, step, who, at, **facts)
    assert isinstance(done, Refused), (step, done)
    return done.rule


def clock(case: Case, name: str) -> Clock:
    return Clock.objects.filter(case_id=case.id, name=name).latest("round")


def settle(at: datetime = MONDAY) -> None:
    worker.settle(at)


def gathered(people: dict[str, Any], at: datetime = MONDAY, **facts: Any) -> Case:
    """Finding, vehicles, the policy, who was hurt, the driver's advance, the losses: ready to be worked out."""
    case = reported(at, **facts)
    keeper = people[MEDIATOR]
    go(child(case, "finding"), "issue", people[POLICE], at, **FINDING)
    go(case, "vehicle", keeper, at, who="b", sort="motor", share=70)
    go(case, "vehicle", keeper, at, who="a", sort="non_motor", share=30)
    go(case, "policy", keeper, at, who="b", insurer="1310-jian")
    go(child(case, "cover"), "confirm", people[CLAIMS], at, compulsory=True, since="2026-03-01", until="2027-02-28")
    go(case, "victim", keeper, at, who="a", age=52)
    go(case, "ask_driver", keeper, at, who="b", amount=20000)
    settle(at)
    go(child(case, "road_party", "b"), "paid", SPEAKER, at, amount=20000, on="2026-11-16")
    go(case, "losses", keeper, at, **LOSSES)
    return case


def side(case: Case, ref: str) -> Case:
    return child(child(case, "dispute"), "side", ref)


__all__ = ["COURT", "DAY", "FUND", "HEAD", "MONDAY", "OTHERS", "SECOND", "SECRETS", "SPEAKER", "STRANGERS", "side"]
