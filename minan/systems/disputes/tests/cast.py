"""The people of a dispute in 朝阳社区: 王秀兰 applies, the neighbour answers; the village's committee, its mediators, the judicial
office, the court's clerk, and the mediator of another committee, who sees nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from minan.kernel import worker
from minan.kernel.access import SPEAKER, Actor, actor
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.models import Body, Case, Clock, Event

MONDAY = datetime(2026, 11, 16, 1, 20, tzinfo=UTC)
VILLAGE = "131022100010"
TEXT = "邻居在滴水下面垒了墙，一下雨就往我家屋里灌。想让他拆了，把地面修好。"
HEAD, MEDIATOR, SECOND = "gu.vmedhead", "gu.vmed", "gu.vmed2"
JUDICIAL, COURT, ELSEWHERE = "gu.judicial", "gu.court", "gong.med"


def applied(at: datetime = MONDAY, by: Actor = SPEAKER, **facts: Any) -> Case:
    said = {
        "text": TEXT,
        "place": VILLAGE,
        "sort": "neighbour",
        "name": "王秀兰",
        "phone": "13800000001",
        "other_name": "孙长河",
        "other_phone": "13800000002",
    } | facts
    opened = open_case("dispute", by=by, facts=said, at=at)
    assert isinstance(opened, Opened), opened
    return opened.case


def side(case: Case, ref: str) -> Case:
    return next(c for c in Case.objects.filter(parent=case.id, procedure="side") if c.facts["ref"] == ref)


def tried(case: Case, step: str, who: Any, at: datetime = MONDAY, **facts: Any) -> Event | Refused:
    case.refresh_from_db()
    by = who if isinstance(who, Actor) else actor(who)
    done = act(case, step, by=by, facts=facts, at=max(at, case.changed_at))
    case.refresh_from_db()
    return done


def go(case: Case, step: str, who: Any, at: datetime = MONDAY, **facts: Any) -> Event:
    event = tried(case, step, who, at, **facts)
    assert isinstance(event, Event), (step, event)
    return event


def refused(case: Case, step: str, who: Any, at: datetime = MONDAY, **facts: Any) -> str:
    done = tried(case, step, who, at, **facts)
    assert isinstance(done, Refused), (step, done)
    return done.rule


def does(case: Case, ref: str, step: str, at: datetime = MONDAY, **facts: Any) -> Event:
    """A side by its own link."""
    event = go(side(case, ref), step, SPEAKER, at, **facts)
    case.refresh_from_db()
    return event


def mediating(people: dict[str, Any], at: datetime = MONDAY) -> Case:
    """Both consented, 姚长顺 took it on."""
    case = applied(at)
    go(case, "accept", people[HEAD], at, summary="两家院墙和排水的事")
    does(case, "b", "agree", at)
    go(case, "appoint", people[HEAD], at, mediator=str(people[MEDIATOR].pk))
    go(case, "take_on", people[MEDIATOR], at, no_tie=True)
    assert case.state == "mediating"
    return case


def drafted(
    people: dict[str, Any],
    at: datetime = MONDAY,
    plan: str = "2026-11-26 3000.00\n2026-12-10 拆掉滴水下的墙",
    **facts: Any,
) -> Case:
    case = mediating(people, at)
    said = {
        "facts": "滴水下垒墙，雨水倒灌",
        "duty": "孙长河拆墙并赔修屋钱",
        "terms": "拆墙，赔 3000 元",
        "manner": "转账",
    } | facts
    go(case, "draft", people[MEDIATOR], at, **said, plan=plan, payer="b" if plan else "")
    return case


def signs(case: Case, ref: str, at: datetime = MONDAY) -> Event:
    from minan.kernel import onetime_code

    asked = go(side(case, ref), "ask_code", SPEAKER, at)
    code = onetime_code.of(asked.case_id, asked.n)
    return does(case, ref, "sign", at, k=case.facts["draft"]["k"], code=code)


def agreed(people: dict[str, Any], at: datetime = MONDAY, **facts: Any) -> Case:
    case = drafted(people, at, **facts)
    signs(case, "a", at)
    signs(case, "b", at)
    go(case, "countersign", people[MEDIATOR], at)
    go(case, "seal", people[HEAD], at)
    return case


def note(event: Event) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Body.objects.get(case_id=event.case_id, n=event.n).text).get("note", {})
    return found


def clock(case: Case, name: str) -> Clock:
    return Clock.objects.filter(case_id=case.id, name=name).latest("round")


def settle(at: datetime = MONDAY) -> None:
    worker.settle(at)
