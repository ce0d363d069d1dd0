"""The life of a matter from its saying to its judgement, as the six people live it."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from minan.kernel import access, sheet, worker
from minan.kernel.access import SPEAKER, Actor, actor
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.models import Body, Case, Clock, Event, Inbox, Message, Tally
from minan.kernel.pictures import Picture

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 16, 1, 20, tzinfo=UTC)  # 09:20 in Langfang, a working day
VILLAGE = "131022100010"


def photo() -> Picture:
    """A photo like no other."""
    mark = secrets.token_hex(32)
    return Picture(data=b"x", mime="image/jpeg", width=8, height=8, sha256=mark, thumb=b"x", dhash=mark[:16])


def say(**more: Any) -> Opened:
    facts = {
        "text": "小区东门三盏路灯不亮，老人摔了一下。电话13812345678。",
        "place": VILLAGE,
        "kind": "lamp.out",
        "phone": "13812345678",
    }
    opened = open_case("matter", by=SPEAKER, facts=facts | more.pop("facts", {}), at=more.pop("at", MONDAY), **more)
    assert isinstance(opened, Opened), opened
    return opened


def go(case: Case, step: str, who: Any, at: datetime, **facts: Any) -> Event:
    event = act(case, step, by=who, facts=facts, at=at)
    assert isinstance(event, Event), (step, event)
    case.refresh_from_db()
    return event


def until_answered(people: dict[str, Any], at: datetime = MONDAY) -> Case:
    case = say(at=at).case
    clerk, handler = actor(people["clerk"]), actor(people["handler"])
    go(case, "accept", clerk, at + timedelta(minutes=20))
    go(case, "assign", clerk, at + timedelta(minutes=30), unit="131022-lighting")
    go(case, "sign", handler, at + timedelta(minutes=40))
    go(case, "call", handler, at + timedelta(minutes=50))
    go(
        case,
        "answer",
        handler,
        at + timedelta(hours=2),
        outcome="solved",
        words="换了三只灯泡，当晚亮了。",
        photos=[photo()],
    )
    return case


def test_wang_xiulan_says_a_lamp_is_broken_and_it_is_solved_and_closed_by_her_word(people: dict[str, Any]) -> None:
    case = until_answered(people)
    assert case.state == "answered"
    go(case, "rate", SPEAKER, MONDAY + timedelta(hours=5), solved=True, satisfied=True, contacted=True)
    assert case.state == "closed"
    assert case.closed_at is not None
    assert [e.step for e in Event.objects.filter(case_id=case.id).order_by("n")] == [
        "say", "accept", "assign", "sign", "call", "handle", "answer", "rate", "close",
    ]  # fmt: skip
    assert not Clock.objects.filter(case_id=case.id, done_at=None).exists()
    assert not Inbox.objects.filter(case_id=case.id, open=True).exists()


def test_her_phone_number_stands_nowhere_but_in_the_vault(people: dict[str, Any]) -> None:
    opened = say()
    assert "13812345678" not in opened.case.text
    asked = say(facts={"answers": {"pole": "灯杆旁小卖部 13812345678"}}).case
    assert "13812345678" not in str(asked.facts) + str(Body.objects.filter(case_id=asked.id).values_list("text"))
    assert "［电话］" in opened.case.text


def test_not_solved_goes_one_level_up_and_comes_back_with_an_order(people: dict[str, Any]) -> None:
    case = until_answered(people)
    at = MONDAY + timedelta(hours=5)
    go(case, "rate", SPEAKER, at, solved=False, satisfied=False, words="只亮了一盏")
    assert (case.state, case.ruler) == ("reopened", "131022-centre")
    refused = act(
        case, "rule_reopen", by=actor(people["clerk"]), facts={"unit": "131022-lighting", "words": "重办"}, at=at
    )
    assert isinstance(refused, Refused)
    assert refused.status == 403
    event = go(
        case,
        "rule_reopen",
        actor(people["supervisor"]),
        at + timedelta(hours=1),
        unit="131022-lighting",
        words="三盏都要亮",
    )
    assert case.state == "assigned"
    assert case.marks["supervised"]
    assert "督办〔2026〕1号" in str(sheet.lines(case, staff=True)[event.n - 1].note)
    handler = actor(people["handler"])
    go(case, "sign", handler, at + timedelta(hours=2))
    go(case, "handle", handler, at + timedelta(hours=2, minutes=5))
    go(case, "answer", handler, at + timedelta(hours=3), outcome="solved", words="三盏都亮了", photos=[photo()])
    go(case, "rate", SPEAKER, at + timedelta(hours=4), solved=True, satisfied=True)
    assert case.state == "closed"
    assert Clock.objects.filter(case_id=case.id, name="answer").count() == 2


def test_the_clerk_of_the_next_township_sees_nothing(people: dict[str, Any]) -> None:
    case = until_answered(people)
    stranger = people["stranger"]
    assert not Case.objects.visible_to(stranger).filter(id=case.id).exists()
    with pytest.raises(Case.DoesNotExist):
        act(case, "accept", by=actor(stranger))
    with pytest.raises(Case.DoesNotExist):
        sheet.of(case, actor(stranger))
    assert access.roles_of(actor(stranger), case.as_view()) == {}


def test_a_lamp_is_not_solved_without_a_photo(people: dict[str, Any]) -> None:
    case = say().case
    clerk, handler = actor(people["clerk"]), actor(people["handler"])
    go(case, "accept", clerk, MONDAY)
    go(case, "assign", clerk, MONDAY, unit="131022-lighting")
    go(case, "sign", handler, MONDAY)
    refused = act(case, "answer", by=handler, facts={"outcome": "solved", "words": "好了"}, at=MONDAY)
    assert isinstance(refused, Refused)
    assert refused.rule == "proof_given"


def test_chen_jing_settles_a_walk_in_on_the_spot_and_all_steps_are_written(people: dict[str, Any]) -> None:
    clerk = actor(people["clerk"])
    opened = open_case(
        "matter",
        by=clerk,
        facts={"text": "想问低保怎么办", "place": VILLAGE, "kind": "civil.ask"},
        channel="walkin",
        at=MONDAY,
    )
    if isinstance(opened, Refused):  # the city's list has another word for it
        opened = open_case(
            "matter", by=clerk, facts={"text": "想问低保怎么办", "place": VILLAGE}, channel="walkin", at=MONDAY
        )
    assert isinstance(opened, Opened)
    case = opened.case
    go(case, "settle", clerk, MONDAY, kind="lamp.hours", outcome="explained", words="按规定开灯", article="示例第 1 条")
    assert case.state == "answered"
    assert [e.step for e in Event.objects.filter(case_id=case.id).order_by("n")] == [
        "say",
        "accept",
        "handle_myself",
        "settle",
    ]


def test_the_same_key_gives_the_same_matter_and_the_same_event(people: dict[str, Any]) -> None:
    first, again = say(key="k1"), say(key="k1")
    assert first.case.id == again.case.id
    clerk = actor(people["clerk"])
    one = act(first.case, "accept", by=clerk, key="k2", at=MONDAY)
    two = act(first.case, "accept", by=clerk, key="k2", at=MONDAY)
    assert isinstance(one, Event)
    assert isinstance(two, Event)
    assert one.id == two.id


def test_who_was_slower_is_told_so(people: dict[str, Any]) -> None:
    case = say().case
    clerk = actor(people["clerk"])
    seen = case.moves
    go(case, "accept", clerk, MONDAY)
    slower = act(case, "assign", by=clerk, facts={"unit": "131022-lighting"}, moves=seen, at=MONDAY)
    assert isinstance(slower, Refused)
    assert slower.status == 409


def test_a_red_clock_reminds_by_itself_and_goes_up_at_one_and_a_half_times(people: dict[str, Any]) -> None:
    case = say().case
    clock = Clock.objects.get(case_id=case.id, name="accept")
    worker.settle(clock.due_at + timedelta(minutes=1))
    case.refresh_from_db()
    assert case.marks["late"] == ["accept"]
    worker.settle(clock.due_at + timedelta(hours=30))
    case.refresh_from_db()
    assert case.marks["escalated"]
    assert [e.step for e in Event.objects.filter(case_id=case.id).order_by("n")] == ["say", "remind", "go_up"]
    assert Message.objects.filter(case_id=case.id, to="131022-centre").exists()


def test_nothing_heard_after_two_notices_closes_as_unheard(people: dict[str, Any]) -> None:
    case = until_answered(people)
    for days in (1, 3, 5, 8, 12, 14):
        worker.settle(MONDAY + timedelta(days=days))
    case.refresh_from_db()
    steps = [e.step for e in Event.objects.filter(case_id=case.id).order_by("n")]
    if "visit" in case.marks:
        assert case.state == "answered"  # drawn for a return visit: a person must ask, silence is not enough
    else:
        assert case.state == "unheard"
        assert steps[-2:] == ["notify_again", "close_unheard"]


def test_the_counts_follow_the_matter(people: dict[str, Any]) -> None:
    case = until_answered(people)
    go(case, "rate", Actor("speaker", cast="own"), MONDAY + timedelta(hours=5), solved=True, satisfied=True)
    worker.settle(MONDAY + timedelta(hours=6))
    row = Tally.objects.get(place="131022000000", by="all", key="", county="131022")
    assert (row.opened, row.open, row.answered, row.rated_solved) == (1, 0, 1, 1)
