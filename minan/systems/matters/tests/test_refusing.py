"""陈静 proposes not to accept a matter; 孙丽华 at the county decides; who spoke hears of it then, and may ask the city above her."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from minan.kernel import directory, inbox, routing, worker
from minan.kernel.access import SPEAKER, Actor, actor
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.directory import PostRow
from minan.kernel.models import Body, Case, Clock, Event, Message
from minan.kernel.pages.overview import Overview, scopes
from minan.kernel.tests import office
from minan.systems.matters.tests.test_life import MONDAY, VILLAGE, go, say

pytestmark = pytest.mark.django_db
STATION, COUNTY, CITY = "131022100-station", "131022-centre", "1310-centre"
GIVEN = {"ground": "private", "words": "这是两家之间的事，请找调解委员会"}
SOON = MONDAY + timedelta(minutes=20)


def seat(unit: str, role: str, person: int) -> Actor:
    return Actor("staff", person, (PostRow(unit, role, "", ""),))


def proposed(people: dict[str, Any], **more: Any) -> Case:
    case = say(**more).case
    go(case, "ask_refusal", actor(people["clerk"]), MONDAY + timedelta(minutes=10), **GIVEN)
    return case


def why_not(case: Case, step: str, who: Actor, **facts: Any) -> str:
    result = act(case, step, by=who, facts=facts, at=SOON)
    assert isinstance(result, Refused), (step, result)
    return result.rule or str(result.status)


def test_the_desk_proposes_the_county_decides_and_only_then_is_she_told(people: dict[str, Any]) -> None:
    case, clerk, county = say().case, actor(people["clerk"]), actor(people["supervisor"])
    assert why_not(case, "refuse", county) in ("403", "refusal_asked")
    assert why_not(case, "ask_refusal", clerk, words="不归这里") == "facts", "no refusal without a ground"
    go(case, "ask_refusal", clerk, MONDAY, **GIVEN)
    assert (case.state, case.ruler, case.marks["refusal_asked"]) == ("said", COUNTY, "private")
    assert why_not(case, "refuse", clerk) == "403", "not by the desk itself"
    assert why_not(case, "ask_refusal", clerk, **GIVEN) == "not_proposed"
    worker.settle(SOON)
    assert Message.objects.filter(case_id=case.id, to=COUNTY).exists()
    assert not Message.objects.filter(case_id=case.id, to="speaker", n=case.n).exists()
    go(case, "refuse", county, SOON)
    worker.settle(SOON)
    assert (case.state, case.ruler, case.marks.get("refusal_asked")) == ("refused", "", None)
    assert set(Message.objects.filter(case_id=case.id, n=case.n).values_list("to", flat=True)) == {"speaker", STATION}
    event = Event.objects.get(case_id=case.id, step="refuse")
    note = json.loads(Body.objects.get(case_id=case.id, n=event.n).text)["note"]
    assert (event.by, event.at) == (f"{COUNTY}:supervisor", SOON), "who and when stands on the record"
    assert note == GIVEN, "the ground and the desk's words reach who spoke with the decision"


def test_the_time_runs_on_while_it_waits_and_accepting_ends_the_proposal(people: dict[str, Any]) -> None:
    case = say().case
    before = Clock.objects.get(case_id=case.id, name="accept").due_at
    go(case, "ask_refusal", actor(people["clerk"]), SOON, **GIVEN)
    clock = Clock.objects.get(case_id=case.id, name="accept")
    assert (clock.due_at, clock.paused_at, clock.done_at, clock.unit) == (before, None, None, STATION)
    go(case, "accept", actor(people["clerk"]), SOON)
    assert (case.state, case.ruler, case.marks.get("refusal_asked"), case.facts.get("refusal_words")) == ("accepted", "", None, None)
    assert why_not(case, "refuse", actor(people["supervisor"])) in ("403", "409")


def test_the_county_says_no_and_the_desk_reads_why(people: dict[str, Any]) -> None:
    case = proposed(people)
    go(case, "deny_refusal", actor(people["supervisor"]), SOON, words="路灯是公家的，应当受理")
    worker.settle(SOON)
    assert (case.state, case.ruler, case.marks.get("refusal_asked")) == ("said", "", None)
    assert set(Message.objects.filter(case_id=case.id, n=case.n).values_list("to", flat=True)) == {STATION}
    go(case, "accept", actor(people["clerk"]), SOON)


@pytest.mark.parametrize(
    ("step", "facts"),
    [
        ("withdraw", {}), ("settle", {"outcome": "explained", "words": "讲清楚了", "article": "第 1 条", "kind": "lamp.hours"}),
        ("locate", {"place": "131022101000"}), ("wall", {"whom": "900100", "words": "说的就是他"}),
    ],
)  # fmt: skip
def test_whatever_moves_it_on_ends_the_proposal(people: dict[str, Any], step: str, facts: dict[str, Any]) -> None:
    if "whom" in facts:
        facts = facts | {"whom": str(people["worker"].pk)}
    case = proposed(people)
    go(case, step, SPEAKER if step == "withdraw" else actor(people["clerk"]), SOON, **facts)
    assert "refusal_asked" not in case.marks
    assert case.ruler in ("", COUNTY if case.state == "answered" else "")


def test_nobody_decides_what_they_proposed_themselves(people: dict[str, Any]) -> None:
    both = Actor("staff", 900_100, (PostRow(STATION, "clerk", "", ""), PostRow(COUNTY, "supervisor", "", "")))
    case = say().case
    go(case, "ask_refusal", both, MONDAY, **GIVEN)
    assert why_not(case, "refuse", both) == "another_person"
    assert why_not(case, "deny_refusal", both, words="x") == "another_person"
    go(case, "refuse", actor(people["supervisor"]), SOON)


def test_at_the_top_another_person_decides_and_where_there_is_none_it_is_accepted(
    people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    case = say(facts={"place": "131000000000"}).case
    assert case.desk == CITY
    go(case, "ask_refusal", seat(CITY, "clerk", 900_101), MONDAY, **GIVEN)
    assert case.ruler == CITY
    assert why_not(case, "refuse", seat(CITY, "clerk", 900_101)) == "another_person"
    go(case, "refuse", seat(CITY, "supervisor", 900_102), SOON)
    go(case, "appeal", SPEAKER, SOON)
    for had_a_part in (seat(CITY, "clerk", 900_101), seat(CITY, "supervisor", 900_102)):
        assert why_not(case, "uphold_refusal", had_a_part, words="x") == "had_no_part"
    go(case, "uphold_refusal", seat(CITY, "supervisor", 900_103), SOON, words="看过了，去调解委员会")
    monkeypatch.setattr(routing.Offices, "others", lambda self, unit, person: False)
    alone = say(facts={"place": "131000000000"}).case
    assert why_not(alone, "ask_refusal", seat(CITY, "clerk", 900_101), **GIVEN) == "somebody_decides"


def test_she_appeals_to_the_level_above_who_decided_once_and_acceptance_ordered_stands(people: dict[str, Any]) -> None:
    case, clerk, city = proposed(people), actor(people["clerk"]), seat(CITY, "supervisor", 900_003)
    go(case, "refuse", actor(people["supervisor"]), SOON)
    go(case, "appeal", SPEAKER, MONDAY + timedelta(days=3), words="路灯是公家的")
    assert (case.state, case.ruler) == ("appealed", CITY), "the county decided: the city looks at it"
    for who in (clerk, actor(people["supervisor"])):
        assert isinstance(act(case, "order_acceptance", by=who, facts={"words": "x"}, at=MONDAY), Refused)
    go(case, "order_acceptance", city, MONDAY + timedelta(days=4), words="公共设施，应当受理")
    assert case.state == "said"
    assert why_not(case, "ask_refusal", clerk, **GIVEN) == "not_ordered"


def test_an_upheld_refusal_stands_and_after_thirty_days_nobody_appeals(people: dict[str, Any]) -> None:
    first, second = proposed(people), proposed(people)
    for case in (first, second):
        go(case, "refuse", actor(people["supervisor"]), SOON)
    go(first, "appeal", SPEAKER, SOON)
    go(first, "uphold_refusal", seat(CITY, "supervisor", 900_003), SOON, words="属于私人争议，去调解委员会")
    assert first.state == "refused"
    assert isinstance(act(first, "appeal", by=SPEAKER, at=SOON), Refused)
    assert isinstance(act(second, "appeal", by=SPEAKER, at=MONDAY + timedelta(days=31)), Refused)


def test_a_village_point_proposes_to_its_township(people: dict[str, Any]) -> None:
    point = next(o.id for o in directory.city().units.values() if o.kind == "point" and o.block == STATION and o.place.startswith(VILLAGE))
    assert routing.above(point, "line") == STATION
    worker_there = seat(point, "worker", 900_104)
    taken_in = open_case("matter", by=worker_there, facts={"text": "邻居的树挡了光", "place": VILLAGE}, at=MONDAY, channel="point")
    assert isinstance(taken_in, Opened)
    case = taken_in.case
    assert case.desk == point
    go(case, "ask_refusal", worker_there, MONDAY, **GIVEN)
    assert case.ruler == STATION
    go(case, "refuse", actor(people["clerk"]), SOON)
    go(case, "appeal", SPEAKER, SOON)
    assert case.ruler == COUNTY


def test_it_stands_among_what_she_must_decide_and_nobody_elses_and_the_desk_reads_whom_it_waits_for(
    people: dict[str, Any], settings: Any
) -> None:
    settings.MFA_REQUIRED_FOR_STAFF = False
    case = proposed(people)
    mine = {name: Overview(scopes(people[name])[0]).decide for name in ("supervisor", "city.super")}
    assert [(one.code, mark) for one, mark in mine["supervisor"]] == [(case.code, "refusal_asked")]
    assert mine["city.super"] == []
    assert inbox.counts(people["clerk"]).flag["refusal_asked"] == 1
    assert "等固安县群众服务中心批" in office.signed_in(people["clerk"]).get(f"/desk/{case.code}/").content.decode()
    row = office.signed_in(people["supervisor"]).get("/supervise/").context["decide"][0]
    assert (row["what"], row["by"]) == ("申请不予受理", "固安镇说事站"), "the station still owes it an answer"
    page = office.signed_in(people["supervisor"]).get(row["url"]).content.decode()
    assert "同意不予受理" in page
    assert GIVEN["words"] in page
