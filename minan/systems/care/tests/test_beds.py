"""Beds: first come, first served, the urgent before; no bed twice, whoever is faster; two words at the door."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import date
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client

from minan.kernel import worker
from minan.kernel.access import SPEAKER, actor
from minan.kernel.act import Refused, act, open_case
from minan.kernel.models import Case, Event, Message, User
from minan.systems.care import beds, centres
from minan.systems.care.models import Bed, Centre, Night
from minan.systems.care.tests.cast import COMMUNITY, EVENING, STREET, at, done, must, stay, street

MONDAY = at(1, "09:20")
AT_ONCE = 20


@pytest.fixture
def desk(people: dict[str, Any]) -> Any:
    """殷淑敏 of 裕华街道."""
    return people["bz.clerk"]


@pytest.mark.django_db
def test_a_stay_is_booked_lived_and_handed_over_by_two_words(desk: Any) -> None:
    street()
    case = stay(MONDAY, "2026-11-17", 3, centre=3)
    worker.settle(MONDAY)
    assert (case.desk, case.state) == ("131081001-station", "applied")
    must(case, "accept", desk, MONDAY)
    assert (case.state, case.facts["bed"], case.facts["from"], case.facts["until"]) == ("booked", 1, "2026-11-17", "2026-11-20")
    assert sorted(Night.objects.values_list("day", flat=True)) == [date(2026, 11, d) for d in (17, 18, 19)]
    must(case, "arrive", desk, at(2, "10:00"))
    must(case, "hand_over", desk, at(5, "10:00"), taker="王建国", relation="child")
    assert (case.state, case.open) == ("leaving", True)
    assert isinstance(done(case, "confirm", desk, at(5, "10:05")), Refused), "the desk alone is one word, not two"
    must(case, "not_with_us", SPEAKER, at(5, "10:10"))
    must(case, "hand_over", desk, at(5, "11:00"), taker="王建国", relation="child")
    must(case, "confirm", SPEAKER, at(5, "11:30"))
    assert (case.state, Night.objects.count()) == ("home", 0)
    assert "王建国" not in str(list(Event.objects.values())) + str(case.facts)


@pytest.mark.django_db
def test_who_waits_is_told_the_place_in_the_queue_and_the_urgent_stand_before(desk: Any) -> None:
    street(beds=1)
    cases = [stay(MONDAY, "2026-11-17", 2), stay(MONDAY, "2026-11-17", 2), stay(MONDAY, "2026-11-17", 2), stay(MONDAY, "2026-11-18", 2,
        urgent=True)]
    for n, case in enumerate(cases):
        must(case, "accept", desk, at(1, f"09:2{n}"))
    assert [c.state for c in cases] == ["booked", "waiting", "waiting", "waiting"]
    assert [beds.position(c) for c in cases] == [(0, 3), (2, 3), (3, 3), (1, 3)]
    must(cases[0], "withdraw", SPEAKER, at(1, "10:00"))
    for case in cases:
        case.refresh_from_db()
    # the urgent one has the 18th and 19th; who asked for the 17th and 18th does not fit before it
    assert [c.state for c in cases] == ["withdrawn", "waiting", "waiting", "booked"]
    assert Message.objects.filter(case_id=cases[3].id, to="speaker", words__contains="床订好了").exists()


@pytest.mark.django_db
def test_a_longer_stay_only_where_nobody_has_booked_the_bed(desk: Any) -> None:
    street(beds=1)
    first, second = stay(MONDAY, "2026-11-17", 2), stay(MONDAY, "2026-11-20", 2)
    for case in (first, second):
        must(case, "accept", desk, MONDAY)
    must(first, "arrive", desk, at(2, "10:00"))
    must(first, "ask_more", SPEAKER, at(2, "11:00"), more=1)
    must(first, "agree_more", desk, at(2, "11:10"))
    assert (first.facts["until"], "more" in first.facts) == ("2026-11-20", False)
    must(first, "ask_more", SPEAKER, at(2, "12:00"), more=1)
    must(first, "agree_more", desk, at(2, "12:10"))
    assert first.facts["until"] == "2026-11-20"  # the 20th is the second one's
    assert Event.objects.filter(case_id=first.id, step="not_extended").count() == 1


@pytest.mark.django_db
def test_who_does_not_come_leaves_the_bed_and_past_nights_are_swept(desk: Any) -> None:
    street(beds=1)
    case, waiting = stay(MONDAY, "2026-11-17", 3), stay(MONDAY, "2026-11-17", 3)
    for one in (case, waiting):
        must(one, "accept", desk, MONDAY)
    worker.settle(at(2, "20:00"))
    assert "remind" in Event.objects.filter(case_id=case.id).values_list("step", flat=True)
    must(case, "no_show", desk, at(3, "09:00"), words="打了三次电话没人接")
    waiting.refresh_from_db()
    assert (waiting.state, waiting.facts["from"]) == ("booked", "2026-11-18")  # as many nights, from today
    assert beds.sweep(at(4, "09:00")) == 1
    assert Night.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", [{"start": "2026-11-14"}, {"start": "2027-03-01"}, {"nights": 0}, {"nights": 16}, {"need": "tired"}])
def test_days_that_cannot_be_are_refused(city: None, wrong: dict[str, Any]) -> None:
    given = {"place": COMMUNITY, "start": "2026-11-17", "nights": 3, "name": "王秀兰", "need": "arm"} | wrong
    assert isinstance(open_case("stay", by=SPEAKER, facts=given, at=MONDAY), Refused)


@pytest.mark.django_db
def test_the_model_city_has_fourteen_centres_and_more_than_two_hundred_beds(city: None, settings: Any, tmp_path: Any) -> None:
    told = [centres.load(settings.CITY / centres.FILE) for _twice in range(2)]
    assert told[0] == told[1] == {"centres": 14, "beds": 210}
    assert (Centre.objects.count(), Bed.objects.count(), {c.street for c in Centre.objects.all()}) == (14, 210, {STREET})
    english = Client().get("/care/", headers={"accept-language": "en"}).content.decode()
    assert english.count("08:00–18:00, somebody at night") == 13
    assert "夜里有人值班" not in english
    assert "08:00–18:00，夜里有人值班" in Client().get("/care/").content.decode()
    (line, *_rest) = beds.board(date(2026, 11, 17), 2, streets=[STREET])
    assert (line.beds, line.free) == (16, (16, 16))
    wrong = tmp_path / "care_centres.csv"
    wrong.write_text("number,name,name_en,place,hours,beds,phone\n1,甲,A,131081001003,全天,0,\n1,乙,B,999,全天,3,\n", "utf-8")
    with pytest.raises(centres.Wrong) as found:
        centres.load(wrong)
    assert len(found.value.faults) == 3


def _at_once(ids: list[Any], gate: threading.Barrier, wrong: list[str]) -> None:
    try:
        gate.wait(60)
        for pk in ids:
            case = Case.objects.get(id=pk)
            beds._booked(case, STREET, MONDAY)
    except Exception as error:  # whatever it is, the test must see it
        wrong.append(repr(error))
    finally:
        connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_of_twenty_who_want_three_beds_at_once_three_have_one_each(city: None) -> None:
    """Each of twenty hands tries to book its own stay at the same moment: the rows refuse the second on a bed and night."""
    street(beds=3)
    cases = [stay(EVENING, "2026-11-17", 2) for _ in range(AT_ONCE)]
    clerk = actor(User.objects.get(username="bz.clerk"))
    for case in cases:
        case.refresh_from_db()
        assert isinstance(act(case, "accept", by=clerk, at=MONDAY), Event)
    gate, wrong = threading.Barrier(AT_ONCE), list[str]()
    hands = [threading.Thread(target=_at_once, args=([case.id], gate, wrong)) for case in cases]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join(120)
    assert wrong == []
    booked = [c for c in Case.objects.filter(procedure="stay") if c.state == "booked"]
    assert len(booked) == 3
    assert sorted(c.facts["bed"] for c in booked) == [1, 2, 3]
    taken = Counter(Night.objects.values_list("bed_id", "day"))
    assert (len(taken), max(taken.values())) == (6, 1)
    assert {n.case_id for n in Night.objects.all()} == {c.id for c in booked}
    connection.close()
