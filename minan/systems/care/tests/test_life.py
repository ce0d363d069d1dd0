"""The life of an agreement: 王秀兰 asks for it, taps, forgets, is reminded, told of, visited; pauses, and ends it."""

from __future__ import annotations

from typing import Any

import pytest

from minan.kernel import bus, speakers, worker
from minan.kernel.access import CLOCK, SPEAKER, actor
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.models import Body, Case, Event, Message, Speaker
from minan.systems.care import home, page, watching
from minan.systems.care.models import Watch
from minan.systems.care.tests.cast import ASKED, POINT, STATION, VILLAGE, agreed, at, done, must, visits

pytestmark = pytest.mark.django_db


def test_she_taps_by_nine_and_nobody_comes(city: None) -> None:
    _case, watch = agreed()
    assert watch.next_at == at(1, "00:00")  # agreed on in the evening: from the next day on
    worker.settle(at(1, "00:00"))
    watching.give(Watch.objects.get(), "own", at(1, "08:12"))
    worker.settle(at(1, "09:00"))
    assert visits() == []
    worker.settle(at(2, "00:00"))
    watch.refresh_from_db()
    assert not watch.given  # yesterday is gone
    assert watch.next_at == at(2, "09:00")


def test_a_missed_sign_reminds_her_then_her_son_then_the_grid_worker_goes(people: dict[str, Any]) -> None:
    case, watch = agreed()
    worker.settle(at(1, "00:00"))
    worker.settle(at(1, "08:59"))
    assert visits() == []
    worker.settle(at(1, "09:00"))
    (visit,) = visits()
    assert (visit.state, visit.desk, visit.unit, visit.privacy, visit.urgency) == ("missed", POINT, POINT, "confidential", "urgent")
    kin = Case.objects.get(procedure="visit_kin")
    texts = Message.objects.filter(channel="sms")
    assert [m.case_id for m in texts] == [visit.id]  # she alone is told at first
    assert speakers.known(visit, who="speaker", why="own").items() >= {"name": "王秀兰", "phone": "13800000001",
        "address": ASKED["address"]}.items()
    worker.settle(at(1, "09:30"))
    visit.refresh_from_db()
    assert (visit.state, [m.case_id for m in texts.all()]) == ("kin", [visit.id, kin.id])
    assert speakers.known(kin, who="speaker", why="own")["phone"] == "13800000009"
    worker.settle(at(1, "10:00"))
    visit.refresh_from_db()
    assert visit.state == "visit"
    assert Message.objects.filter(case_id=visit.id, to=POINT).exists()
    li = people["worker"]
    assert visit in Case.objects.visible_to(li)
    must(visit, "call", li, at(1, "10:02"))
    must(visit, "go_now", li, at(1, "10:03"))
    must(visit, "found", li, at(1, "10:20"), found="fine", words="耳朵背，没听见手机")
    assert (visit.state, visit.facts["found"]) == ("visited", "fine")
    assert ASKED["address"] not in "".join(Body.objects.filter(case_id=visit.id).values_list("text", flat=True))
    watch.refresh_from_db()
    assert [words for _at, words in page.told(visit)] == [
        "提醒了您", "告诉了您写的家人", "请社区上门看看", "上门的人看了您的姓名、住址、电话", "有人出门来看您了", "看到您了",
    ]  # fmt: skip
    worker.settle(at(2, "00:00"))
    watch.refresh_from_db()
    assert watch.visit is None  # who was told stands there today only
    assert case.open


def test_nobody_goes_in_time_and_the_station_is_told(city: None) -> None:
    agreed(kin_name="", kin_phone="")
    worker.settle(at(1, "00:00"))
    worker.settle(at(1, "09:00"))
    worker.settle(at(1, "09:30"))
    (visit,) = visits()
    assert (visit.state, Case.objects.filter(procedure="visit_kin").count()) == ("visit", 0)
    worker.settle(at(1, "10:30"))
    worker.settle(at(1, "11:00"))
    steps = list(Event.objects.filter(case_id=visit.id).order_by("n").values_list("step", flat=True))
    assert steps == ["miss", "pass_over", "remind", "go_up"]
    assert Message.objects.filter(case_id=visit.id, to=STATION).exists()


def test_a_tap_while_they_are_on_the_way_ends_the_visit(people: dict[str, Any]) -> None:
    _case, watch = agreed()
    worker.settle(at(1, "00:00"))
    worker.settle(at(1, "09:00"))
    watch.refresh_from_db()
    watching.give(watch, "own", at(1, "09:10"))
    worker.settle(at(1, "09:10"))
    (visit,) = visits()
    assert (visit.state, visit.open) == ("fine", False)
    assert Case.objects.get(procedure="visit_kin").state == "spared"  # her son is not frightened
    worker.settle(at(1, "12:00"))
    assert len(visits()) == 1


def test_she_visits_her_daughter_and_says_nowhere_where(city: None) -> None:
    _case, watch = agreed()
    watching.pause(watch, 3, at(1, "08:00"))
    for day in (1, 2, 3):
        worker.settle(at(day, "00:00"))
        worker.settle(at(day, "09:01"))
    assert visits() == []
    worker.settle(at(4, "00:00"))
    watch.refresh_from_db()
    assert watch.paused_until is None  # and no trace of it is left
    worker.settle(at(4, "09:00"))
    assert len(visits()) == 1


def test_one_tap_ends_everything_and_erases_it(people: dict[str, Any]) -> None:
    case, _watch = agreed()
    must(case, "add_hand", SPEAKER, at(0, "19:30"), who="neighbour")
    worker.settle(at(1, "00:00"))
    worker.settle(at(1, "09:00"))
    (visit,) = visits()
    must(case, "end", SPEAKER, at(1, "09:05"))
    assert (case.state, Watch.objects.count(), case.title, case.facts) == ("ended", 0, "", {})
    row = Speaker.objects.get(case_id=case.id)
    assert (row.wrapped, row.sealed, row.phone, row.owner) == (None, None, False, "")
    left = [b.text for b in Body.objects.filter(case_id=case.id)]
    assert len(left) == 1, "only the line that it was erased"
    assert "09:00" not in left[0]
    visit.refresh_from_db()
    assert visit.state == "fine"  # nobody visits who did not ask for it
    assert Case.objects.get(procedure="care_hand").state == "left"  # the helper's link holds no more
    worker.settle(at(2, "09:30"))
    assert len(visits()) == 1


def test_the_gateway_at_home_tells_only_an_alert(city: None) -> None:
    _case, watch = agreed(way="home")
    bus.enroll("gw-0042", VILLAGE)
    assert watching.set_device(watch, "gw-0042")
    worker.settle(at(1, "00:00"))
    worker.settle(at(1, "20:00"))
    assert visits() == []  # no sign is awaited from it: it judges by itself
    topic = f"minan/{VILLAGE}/gw-0042/wellbeing"
    for nothing in (b"moved", b'{"room":"kitchen"}', b""):
        home.heard("gw-0042", topic, nothing, at(2, "03:00"))
    home.heard("gw-0043", topic.replace("42", "43"), b"alert", at(2, "03:00"))
    home.heard("gw-0042", topic.replace(VILLAGE, "131022100011"), b"alert", at(2, "03:00"))
    assert visits() == []
    home.heard("gw-0042", topic, b"alert", at(2, "03:00"))
    home.heard("gw-0042", topic, b"alert", at(2, "03:01"))
    (visit,) = visits()
    assert visit.facts["by"] == "home"
    home.heard("gw-0042", topic, b"fine", at(2, "03:05"))
    visit.refresh_from_db()
    assert visit.state == "fine"
    home.heard("gw-0042", topic, b"alert", at(2, "03:30"))
    assert [v.open for v in visits()] == [False, True]  # a second fall is a second visit
    home.heard("gw-0042", topic, b"end", at(2, "04:00"))
    worker.settle(at(2, "04:00"))
    assert Watch.objects.count() == 0


def test_only_a_registered_gateway_of_the_place_that_no_other_home_has_is_taken(city: None) -> None:
    _case, watch = agreed(way="home")
    _other, second = agreed(way="home", name="孙长河")
    for name, area in (("gw-0001", VILLAGE), ("gw-0002", "131022100011"), ("gw-0003", VILLAGE)):
        bus.enroll(name, area)
    bus.revoke("gw-0003")
    for wrong in ("gw-0009", "gw-0002", "gw-0003", "随便", "x" * 80):
        assert not watching.set_device(watch, wrong), wrong
    assert Watch.objects.get(pk=watch.pk).device == ""
    assert watching.set_device(watch, " gw-0001 ")
    assert watching.set_device(watch, "gw-0001"), "the same again"
    assert not watching.set_device(second, "gw-0001"), "another home has it"
    assert watching.set_device(watch, ""), "taken away"
    assert watching.set_device(second, "gw-0001")


def test_the_paper_plan_is_lines_without_names(people: dict[str, Any]) -> None:
    _one, first = agreed(way="paper")
    _two, second = agreed(way="paper", name="孙长河", phone="")
    assert (first.number, second.number) == (1, 2)
    worker.settle(at(1, "00:00"))
    assert [w.number for w in watching.on_paper([POINT], watching.today(at(1, "08:00")))] == [1, 2]
    watching.give(first, "staff", at(1, "08:30"))
    assert [w.number for w in watching.on_paper([POINT], watching.today(at(1, "08:40")))] == [2]
    worker.settle(at(1, "09:00"))
    assert len(visits()) == 1


def test_danger_calls_for_help_or_tells_the_duty_posts(people: dict[str, Any]) -> None:
    agreed()
    worker.settle(at(1, "00:00"))
    worker.settle(at(1, "09:00"))
    (visit,) = visits()
    by_help, by_posts = (
        done(visit, name, people["worker"], at(1, "09:20"), where="3 号楼 101，倒在厨房，叫不醒") for name in ("call_help", "danger")
    )
    assert isinstance(by_help, Event) or isinstance(by_posts, Event)  # the one where the city has calls for help, else the other
    assert "倒在厨房" not in "".join(Body.objects.filter(case_id=visit.id).values_list("text", flat=True))


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"agreed": False}, "without her yes"), ({"asked_by": "guardian"}, "a guardian says by what"), ({"place": "131022100000"},
        "a village is needed"),
        ({"hour": "03:00"}, "an hour of the list"), ({"name": ""}, "a name"),
    ],
)  # fmt: skip
def test_without_her_yes_or_a_guardians_ground_nothing_is_agreed(city: None, wrong: dict[str, Any], why: str) -> None:
    refused = open_case("daily_sign", by=SPEAKER, facts=ASKED | wrong)
    assert isinstance(refused, Refused), why
    assert Watch.objects.count() == 0


def test_a_guardian_agrees_with_their_ground_and_the_point_can_take_it_down(people: dict[str, Any]) -> None:
    case, watch = agreed(asked_by="guardian", ground="child", guardian="王建国")
    assert (case.desk, watch.unit) == (POINT, POINT)
    taken = open_case("daily_sign", by=actor(people["worker"]), facts=ASKED | {"phone": ""}, channel="walkin")
    assert isinstance(taken, Opened)
    refused = act(case, "sign", by=CLOCK)
    assert isinstance(refused, Refused), "an agreement has no step for a sign: it would be a history"


def test_helpers_tap_for_her_and_three_are_enough(people: dict[str, Any]) -> None:
    case, _watch = agreed()
    for who in ("neighbour", "child", "friend"):
        must(case, "add_hand", SPEAKER, at(0, "20:00"), who=who)
    assert isinstance(done(case, "add_hand", SPEAKER, at(0, "20:01"), who="kin"), Refused)
    hands = page.hands(case)
    assert [hand.facts["who"] for hand in hands] == ["neighbour", "child", "friend"]
    must(hands[0], "leave", SPEAKER, at(0, "20:02"))
    case.refresh_from_db()
    assert case.facts["hands"] == 2
