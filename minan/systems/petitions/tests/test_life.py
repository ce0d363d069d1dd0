"""A petition from its registration to the end of its ladder, every clock of the law at frozen moments."""

from __future__ import annotations

import json
import random
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from minan.kernel import access, registry, speakers, worker
from minan.kernel.access import SPEAKER, Actor, actor
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.directory import LOCAL, PostRow
from minan.kernel.models import Body, Case, Clock, Event

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 16, 1, 20, tzinfo=UTC)
VILLAGE, LAND = "131022100010", "131022-agriculture"
TEXT = "征地补偿款三年没有发到手。要求按协议发放。"


def seat(unit: str, role: str, person: int) -> Actor:
    return Actor("staff", person, (PostRow(unit, role, "", ""),))


HANDLER, HEAD = seat(LAND, "handler", 9101), seat(LAND, "supervisor", 9102)


def put(facts: dict[str, Any] | None = None, at: datetime = MONDAY) -> Opened:
    opened = open_case("petition", by=SPEAKER, facts={"text": TEXT, "place": VILLAGE} | (facts or {}), at=at)
    assert isinstance(opened, Opened), opened
    return opened


def go(case: Case, step: str, who: Any, at: datetime, **facts: Any) -> Event:
    event = act(case, step, by=who, facts=facts, at=at)
    assert isinstance(event, Event), (step, event)
    case.refresh_from_db()
    return event


def note(event: Event) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Body.objects.get(case_id=event.case_id, n=event.n).text).get("note", {})
    return found


def due(case: Case, name: str) -> str:
    """The last day of a clock; it ends at 24:00."""
    end = Clock.objects.filter(case_id=case.id, name=name).latest("round").due_at
    return str((end - timedelta(seconds=1)).astimezone(LOCAL).date())


def in_hand(people: dict[str, Any]) -> Case:
    case, office = put().case, actor(people["gx.petition"])
    go(case, "classify", office, MONDAY, sort="complaint", way="petition")
    go(case, "accept", office, MONDAY, unit=LAND)
    return case


def decided(people: dict[str, Any], at: datetime = MONDAY) -> Case:
    case = in_hand(people)
    go(case, "decide", HANDLER, at, outcome="not_support", words="协议未约定", article="土地管理法第四十八条")
    return case


def test_she_puts_it_forward_and_the_county_office_has_fifteen_days(people: dict[str, Any]) -> None:
    case = put().case
    assert (case.desk, case.state) == ("131022-petition", "registered")
    assert due(case, "admit") == "2026-12-01"
    refused = act(case, "accept", by=actor(people["gx.petition"]), facts={"unit": LAND}, at=MONDAY)
    assert isinstance(refused, Refused)
    assert refused.rule == "is_petition"


def test_what_is_for_the_court_is_shown_its_way_in_writing(people: dict[str, Any]) -> None:
    case, office = put().case, actor(people["gx.petition"])
    go(case, "classify", office, MONDAY, sort="complaint", way="litigation")
    event = go(case, "direct", office, MONDAY, ground="court", words="向固安县人民法院起诉")
    assert case.state == "directed"
    assert note(event)["number"] == "信访告知〔2026〕1号"
    assert not Clock.objects.filter(case_id=case.id, done_at=None).exists()


def test_a_report_is_sorted_to_discipline_and_to_nothing_else(people: dict[str, Any]) -> None:
    case, office = put().case, actor(people["gx.petition"])
    assert isinstance(act(case, "classify", by=office, facts={"sort": "report", "way": "petition"}, at=MONDAY), Refused)
    assert isinstance(act(case, "classify", by=office, facts={"sort": "suggestion", "way": "discipline"}, at=MONDAY), Refused)
    go(case, "classify", office, MONDAY, sort="report", way="discipline")
    assert isinstance(act(case, "accept", by=office, facts={"unit": LAND}, at=MONDAY), Refused)


@pytest.mark.parametrize(("people_", "representatives", "fits"), [(60, 5, True), (60, 6, False), (3, 4, False)])
def test_many_name_five_at_most(city: None, people_: int, representatives: int, fits: bool) -> None:
    facts = {"text": TEXT, "place": VILLAGE, "people": people_, "representatives": representatives}
    assert isinstance(open_case("petition", by=SPEAKER, facts=facts, at=MONDAY), Opened) is fits


def test_the_unit_objects_within_five_working_days_once(people: dict[str, Any]) -> None:
    case, office = in_hand(people), actor(people["gx.petition"])
    assert due(case, "objection") == "2026-11-23"
    late = act(case, "dispute", by=HANDLER, facts={"article": "三定方案", "words": "归住建"}, at=MONDAY + timedelta(days=8))
    assert isinstance(late, Refused)
    go(case, "dispute", HANDLER, MONDAY + timedelta(days=2), article="三定方案", words="归住建")
    go(case, "rule_unit", office, MONDAY + timedelta(days=3), unit=LAND, words="仍归农业农村局")
    assert isinstance(act(case, "dispute", by=HANDLER, facts={"article": "x", "words": "y"}, at=MONDAY + timedelta(days=3)), Refused)


def test_sixty_days_and_once_at_most_thirty_more_by_the_head_alone(people: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from minan.kernel.routing import Offices

    monkeypatch.setattr(Offices, "heads", lambda self, unit, person: person == "9102")
    case, at = in_hand(people), MONDAY + timedelta(days=50)
    assert due(case, "decide") == "2027-01-15"
    assert isinstance(act(case, "ask_longer", by=HANDLER, facts={"days": 31, "words": "要测绘"}, at=at), Refused)
    go(case, "ask_longer", HANDLER, at, days=30, words="要测绘")
    assert isinstance(act(case, "allow_longer", by=HANDLER, facts={"words": "同意"}, at=at), Refused)
    go(case, "allow_longer", HEAD, at, words="测绘要时间")
    assert due(case, "longer") == "2027-02-14"
    assert isinstance(act(case, "ask_longer", by=HANDLER, facts={"days": 5, "words": "还要"}, at=at), Refused)


def test_the_decision_says_where_to_turn_next_and_thirty_days_later_it_is_final(people: dict[str, Any]) -> None:
    case = in_hand(people)
    event = go(case, "decide", HANDLER, MONDAY, outcome="explain", words="已说明", article="条例第三十二条")
    assert note(event)["number"] == "信访处理意见〔2026〕1号"
    assert "廊坊市" in note(event)["words"]
    assert "三十日内" in note(event)["words"]
    assert due(case, "ask_review") == "2026-12-16"
    late = act(case, "ask_review", by=SPEAKER, at=datetime(2026, 12, 16, 16, 1, tzinfo=UTC))  # 17 December in Langfang
    assert isinstance(late, Refused)
    worker.settle(datetime(2026, 12, 16, 16, 1, tzinfo=UTC))
    case.refresh_from_db()
    assert case.state == "ended"


def test_review_and_re_review_go_up_and_a_hearing_is_not_counted(people: dict[str, Any]) -> None:
    case, at = decided(people), MONDAY + timedelta(days=29)
    go(case, "ask_review", SPEAKER, at, words="不服")
    first = case.ruler
    assert first == case.facts["next"]
    assert first != LAND
    assert due(case, "review_due") == "2027-01-14"
    above = seat(first, "supervisor", 9103)
    go(case, "hearing", above, at + timedelta(days=5), words="12月20日在市局三楼")
    opinion = {"result": "uphold", "words": "x", "article": "y"}
    assert isinstance(act(case, "review_opinion", by=above, facts=opinion, at=at + timedelta(days=6)), Refused)
    go(case, "hearing_over", above, at + timedelta(days=15))
    assert due(case, "review_due") == "2027-01-25"  # ten days on is a Sunday: the Monday after
    event = go(case, "review_opinion", above, at + timedelta(days=20), result="uphold", words="事实清楚", article="条例第三十五条")
    assert note(event)["document"] == "信访事项复查意见书"
    assert case.state == "reviewed"
    go(case, "ask_recheck", SPEAKER, at + timedelta(days=49), words="还是不服")
    assert case.ruler not in (first, LAND)
    go(case, "recheck_opinion", seat(case.ruler, "supervisor", 9104), at + timedelta(days=60), result="uphold", words="维持", article="第三十六条")
    assert case.state == "ended"
    assert not Clock.objects.filter(case_id=case.id, done_at=None).exists()


def test_set_aside_above_it_is_handled_again_with_a_clock_of_its_own(people: dict[str, Any]) -> None:
    case = decided(people)
    go(case, "ask_review", SPEAKER, MONDAY)
    go(case, "review_opinion", seat(case.ruler, "clerk", 9103), MONDAY, result="again", words="漏了协议附件", article="第三十五条")
    assert case.state == "handling"
    assert Clock.objects.filter(case_id=case.id, name="decide").count() == 2
    assert Clock.objects.get(case_id=case.id, name="decide", round=2).done_at is None


def test_the_clerk_of_the_township_next_door_does_not_learn_that_it_is_there(people: dict[str, Any]) -> None:
    case = in_hand(people)
    with pytest.raises(Case.DoesNotExist):
        act(case, "decide", by=actor(people["stranger"]), facts={}, at=MONDAY)
    assert access.roles_of(actor(people["stranger"]), case.as_view()) == {}


def test_a_matter_turned_into_one_is_followed_by_the_same_secret(people: dict[str, Any]) -> None:
    if "matter" not in registry.procedures():
        assert registry.get("petition") is not None
        return
    opened = open_case("matter", by=SPEAKER, facts={"text": TEXT, "place": VILLAGE, "kind": "lamp.out"}, at=MONDAY)
    assert isinstance(opened, Opened)
    go(opened.case, "turn", actor(people["clerk"]), MONDAY, words="是信访诉求，已联系两次")
    assert opened.case.state == "turned"
    child = Case.objects.get(parent=opened.case.id, procedure="petition")
    assert (child.desk, child.text, child.state) == ("131022-petition", TEXT, "registered")
    assert speakers.enter(child.code, opened.secret) is not None
    assert due(child, "admit") == "2026-12-01"
    assert isinstance(act(opened.case, "accept", by=actor(people["clerk"]), at=MONDAY), Refused)


@pytest.mark.parametrize("seed", range(4))
def test_walked_at_random_none_ends_without_its_paper_or_its_thirty_days(people: dict[str, Any], seed: int) -> None:
    chance, case, at = random.Random(seed), put().case, MONDAY
    procedure = registry.procedures()["petition"]
    for _ in range(60):
        at += timedelta(hours=chance.randrange(1, 200))
        worker.ring(at)
        case.refresh_from_db()
        hands = [SPEAKER, actor(people["gx.petition"]), HANDLER, HEAD, seat(case.ruler or LAND, "supervisor", 9105)]
        step = chance.choice(procedure.steps_from(case.state) or procedure.steps)
        facts: dict[str, Any] = {
            "sort": "complaint", "way": chance.choice(["petition", "court", "litigation"]), "unit": LAND, "words": "说明", "article": "条",
            "outcome": "explain", "result": chance.choice(["uphold", "again"]), "ground": "court", "days": 10,
        }  # fmt: skip
        for who in hands:
            with suppress(Case.DoesNotExist):
                if isinstance(act(case, step.name, by=who, facts=facts, at=at), Event):
                    break
        case.refresh_from_db()
        took = list(Event.objects.filter(case_id=case.id).order_by("n"))
        assert case.closed_at is not None or Clock.objects.filter(case_id=case.id, done_at=None).exists() or "hold" in case.facts
        if case.state == "ended":
            assert any(e.step == "decide" for e in took)
            assert any(e.step in ("end", "content", "recheck_opinion") for e in took)
        if case.closed_at is not None:
            break
