"""The life of a call for help: pressed, answered, on the way, there, closed; every second on the record, and who sees what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from minan.kernel import access, bus, speakers, vault, worker
from minan.kernel.access import CLOCK, SPEAKER
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.models import Case, Clock, Event, Look, Message, Speaker
from minan.kernel.procedure import Field, Procedure, State, Step, Words
from minan.systems.help import handlers
from minan.systems.help.tests.cast import (
    CENTRE,
    MONDAY,
    PERSON,
    POINT,
    STATION,
    VILLAGE,
    enrolled,
    go,
    pressed,
    refused,
    tried,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(people: dict[str, Any]) -> Case:
    return pressed(enrolled())


def clock(case: Case, name: str) -> Clock:
    return Clock.objects.filter(case_id=case.id, name=name).latest("round")


def test_a_call_is_answered_is_on_its_way_is_there_and_ends(call: Case, people: dict[str, Any]) -> None:
    liu = people["gu.point"]
    assert (call.state, call.desk) == ("ringing", POINT)
    assert clock(call, "human_answer").due_at == MONDAY + timedelta(seconds=60)
    go(call, "answer", liu, 14)
    assert clock(call, "help_way").due_at == MONDAY + timedelta(seconds=14 + 180)
    go(call, "on_the_way", liu, 40)
    assert clock(call, "help_there").due_at == MONDAY + timedelta(seconds=40 + 600)
    go(call, "there", liu, 300)
    assert (call.state, call.light) == ("there", "")
    go(call, "close", liu, 1800, outcome="helped", words="扶起来了，量了血压，没事。")
    assert (call.state, call.outcome) == ("closed", "helped")
    assert [e.step for e in Event.objects.filter(case_id=call.id).order_by("n")] == [
        "press",
        "answer",
        "on_the_way",
        "there",
        "close",
    ]


def test_several_responders_stand_side_by_side_and_who_sets_out_later_takes_nothing_back(
    call: Case, people: dict[str, Any]
) -> None:
    liu, li = people["gu.point"], people["worker"]
    go(call, "answer", liu, 10)
    assert refused(call, "join", liu, 11) == "not_going_yet"
    go(call, "join", li, 20)
    go(call, "there", liu, 200)
    go(call, "on_the_way", li, 210)
    assert call.state == "there"
    assert [(r["who"], "way" in r, "there" in r) for r in call.facts["responders"]] == [
        (str(liu.pk), False, True),
        (str(li.pk), True, False),
    ]
    assert refused(call, "there", liu, 220) == "not_there_yet"


def test_a_hand_over_rings_at_the_other_desk_with_a_new_minute(call: Case, people: dict[str, Any]) -> None:
    liu, chen = people["gu.point"], people["clerk"]
    go(call, "answer", liu, 10)
    assert refused(call, "hand_over", liu, 20, unit=POINT) == "is_another"
    go(call, "hand_over", liu, 20, unit=STATION, words="人在镇上")
    assert (call.state, call.unit) == ("ringing", STATION)
    assert clock(call, "human_answer").round == 2
    go(call, "answer", chen, 30)
    assert call.state == "answered"


def test_nobody_within_a_minute_brings_the_level_above_and_asks_for_120(call: Case, people: dict[str, Any]) -> None:
    with pytest.raises(Case.DoesNotExist):
        tried(pressed(Case.objects.get(id=call.parent), press="b" * 32), "answer", people["supervisor"], 30)
    worker.settle(MONDAY + timedelta(seconds=61))
    other = Case.objects.get(procedure="help", facts__press="b" * 32)
    assert other.marks["unanswered"]
    assert other.marks["needs_120"]
    assert CENTRE in other.marks["called"]
    go(other, "answer", people["supervisor"], 70)  # the county's supervisor may come in now
    go(other, "ring_120", people["supervisor"], 75, why="silent")
    assert not other.marks.get("needs_120")


def test_120_is_rung_whenever_it_is_asked_for_and_no_rung_has_to_run_out(call: Case, people: dict[str, Any]) -> None:
    go(call, "ring_120", SPEAKER, 3, why="said")
    assert call.facts["why_120"] == "said"
    liu = people["gu.point"]
    go(call, "ring_back", liu, 20, result="silent")
    assert call.marks["needs_120"]  # nobody answered the one ring-back
    go(call, "ring_120", liu, 25, why="silent")
    assert not call.marks.get("needs_120")
    go(call, "ring_back", liu, 40, result="ill")
    assert call.marks["needs_120"]


def test_by_mistake_is_a_word_of_the_caller_that_a_human_makes_sure_of(call: Case, people: dict[str, Any]) -> None:
    go(call, "said_false", SPEAKER, 8)
    assert call.state == "ringing"  # somebody else may have said so
    assert refused(call, "false_alarm", people["gu.point"], 30) == "facts"
    go(call, "false_alarm", people["gu.point"], 40, words="打电话问过本人，孙子碰的")
    assert call.state == "mistaken"


def test_the_vault_has_what_the_records_do_not(call: Case) -> None:
    first = Case.objects.get(id=call.parent)
    everything = " ".join(str(value) for case in (first, call) for value in vars(case).values())
    for word in ("王秀兰", "13800000001", "3 号楼", "氨氯地平", "刘芳", "13900000011"):
        assert word not in everything, word
    known = speakers.known(first, who="system:help", why="help")
    assert known["told"] == PERSON["told"]
    assert known["family2_phone"] == "13900000012"


def test_the_card_is_opened_by_an_event_and_by_nobody_without_one(call: Case, people: dict[str, Any]) -> None:
    liu, first = people["gu.point"], Case.objects.get(id=call.parent)
    with pytest.raises(vault.Sealed):
        speakers.known(first, who=f"user:{liu.pk}", why="help_card")
    event = go(call, "card", liu, 5)
    card = speakers.known(first, who=f"user:{liu.pk}", why="help_card", event=event.hash)
    assert card["address"] == PERSON["address"]
    assert "family1_push" not in card
    go(call, "answer", liu, 10)
    go(call, "close", liu, 99, outcome="nothing", words="没事")
    assert refused(call, "card", liu, 120) == "state"
    assert Look.objects.count() == 0  # it is no look at a speaker by two: the call itself is the reason


def test_strangers_neighbours_and_other_units_see_nothing(call: Case, people: dict[str, Any]) -> None:
    first = Case.objects.get(id=call.parent)
    for name in ("stranger", "handler", "gu.point2", "gong.point", "admin", "operator", "supervisor", "gu.police"):
        for case in (call, first):
            assert not access.roles_of(access.actor(people[name]), case.as_view()), (name, case.procedure)
            with pytest.raises(Case.DoesNotExist):
                tried(case, "answer" if case is call else "end", people[name], 5)
    for name in ("gu.point", "worker"):
        assert "desk" in access.roles_of(access.actor(people[name]), call.as_view())
    assert "staff" in access.roles_of(
        access.actor(people["clerk"]), call.as_view()
    )  # the township stands over the point


def test_an_enrolment_ends_whenever_its_person_says_and_everything_goes(people: dict[str, Any]) -> None:
    first = enrolled()
    bus.enroll("btn-7", VILLAGE)
    go(first, "bind", people["gu.point"], 60, device="btn-7")
    assert first.facts["devices"] == ["btn-7"]
    go(first, "end", SPEAKER, 90)
    row = Speaker.objects.get(case_id=first.id)
    assert row.sealed is None or not speakers.known(first, who="system:help", why="help")
    assert (first.state, first.facts["devices"]) == ("ended", [])


def test_a_button_of_another_enrolment_is_not_taken(people: dict[str, Any]) -> None:
    liu, first, second = people["gu.point"], enrolled(), enrolled()
    for button in ("btn-7", "btn-77"):
        bus.enroll(button, VILLAGE)
    go(first, "bind", liu, 60, device="btn-7")
    assert refused(second, "bind", liu, 70, device="btn-7") == "not_anothers"
    go(second, "bind", liu, 80, device="btn-77")
    go(first, "bind", liu, 90, device="btn-7")
    go(first, "loose", liu, 100, device="btn-7")
    go(second, "bind", liu, 110, device="btn-7")
    assert second.facts["devices"] == ["btn-77", "btn-7"]


def test_a_button_that_nobody_registered_or_that_is_out_of_service_is_not_taken(people: dict[str, Any]) -> None:
    liu, first = people["gu.point"], enrolled()
    assert refused(first, "bind", liu, 60, device="btn-8") == "is_registered"
    bus.enroll("btn-8", VILLAGE)
    go(first, "bind", liu, 70, device="btn-8")
    go(first, "loose", liu, 80, device="btn-8")
    bus.revoke("btn-8")
    said = act(first, "bind", by=access.actor(liu), facts={"device": "btn-8"}, at=MONDAY + timedelta(seconds=90))
    assert isinstance(said, Refused)
    assert said.reason.zh.startswith("设备里没有登记这个按钮")
    assert said.reason.en.startswith("No such button is registered")


def test_a_worker_takes_somebody_down_at_the_point(people: dict[str, Any]) -> None:
    made = open_case("help_enrolment", by=access.actor(people["worker"]), facts=PERSON, at=MONDAY, channel="walkin")
    assert isinstance(made, Opened)
    assert made.case.desk == POINT
    assert made.secret


def test_the_position_is_erased_a_day_after_the_end_and_the_rest_stays(people: dict[str, Any]) -> None:
    call = pressed(enrolled(), where="39.43,116.29")
    assert vault.names(call.code, *Speaker.objects.filter(case_id=call.id).values_list("wrapped", "sealed")[0]) == [
        "where"
    ]
    go(call, "answer", people["gu.point"], 10)
    go(call, "close", people["gu.point"], 60, outcome="nothing", words="没事")
    handlers._looked.clear()
    assert handlers.forget_positions(MONDAY + timedelta(hours=23)) == 0
    assert handlers.forget_positions(MONDAY + timedelta(hours=24, minutes=5)) == 1
    call.refresh_from_db()
    assert call.marks["position_gone"]
    row = Speaker.objects.get(case_id=call.id)
    assert row.sealed is None or not vault.names(call.code, row.wrapped, row.sealed)
    assert handlers.forget_positions(MONDAY + timedelta(hours=24, minutes=7)) == 0
    assert Event.objects.filter(case_id=call.id).count() == 4


def test_no_step_of_a_call_is_told_by_a_message_of_the_ordinary_kind_to_the_caller(
    call: Case, people: dict[str, Any]
) -> None:
    """The caller's screen and the lane tell; no text message of the record's own follows half an hour later."""
    go(call, "answer", people["gu.point"], 10)
    worker.settle(MONDAY + timedelta(seconds=20))
    assert not Message.objects.filter(case_id=call.id, to="speaker").exists()
    assert Message.objects.filter(case_id=call.id, to=POINT).exists()


def test_a_drill_is_no_call_and_says_so(people: dict[str, Any]) -> None:
    call = pressed(enrolled(), how="drill")
    assert call.marks["drill"]
    go(call, "drill_over", CLOCK, 12, well=["family:1/sms"], dead=[f"duty:{POINT}:0/screen"])
    assert call.state == "drilled"


def test_the_street_begins_an_improvement_from_a_closed_call(
    call: Case, people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from minan.kernel import came_of, registry

    liu, chen = people["gu.point"], people["clerk"]
    go(call, "answer", liu, 10)
    go(call, "close", liu, 60, outcome="hospital", words="送医了")
    held = registry.procedures() | {"improvement": improvement()}
    monkeypatch.setattr(registry, "procedures", lambda: held)
    go(call, "improve", chen, 3600, title="独居老人白天有人看一眼", words="白天家里没人，摔了没人知道")
    made = Case.objects.get(procedure="improvement")
    assert (made.desk, made.parent, made.facts["ref"]) == (STATION, call.id, "improvement")
    assert refused(call, "improve", chen, 3700, title="再来一个", words="再来") == "not_improved_yet"
    assert came_of.tell(call, made.code, "开了 14 个关爱中心", MONDAY + timedelta(days=60))


def improvement() -> Procedure:
    """As small as a partner can be; the city's own is another system's."""
    opening = Step(
        "begin", Words("立一个改进项目", "Begin"), ("intake", "clock"), to="planned",
        fields=(Field("title", Words("改什么", "What"), required=True), Field("text", Words("什么事", "Why"), "long", required=True)),
    )  # fmt: skip
    states = (
        State("planned", Words("在定措施", "Planned")),
        State("done", Words("改好了", "Done"), final=True, keep_days=9),
    )
    end = Step("end", Words("改好了", "Done"), ("desk",), ("planned",), "done", done=Words("改好了", "Done"))
    return Procedure(
        "improvement", 1, Words("改进项目", "Improvement"), states, (end,), (), opening=opening, first="planned"
    )


def test_without_improvements_in_the_city_nobody_can_begin_one(
    call: Case, people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from minan.kernel import registry

    liu = people["gu.point"]
    go(call, "answer", liu, 10)
    go(call, "close", liu, 60, outcome="nothing", words="没事")
    held = {name: one for name, one in registry.procedures().items() if name != "improvement"}
    monkeypatch.setattr(registry, "procedures", lambda: held)
    assert refused(call, "improve", liu, 90, title="独居老人白天有人看一眼", words="白天家里没人") == "children"
