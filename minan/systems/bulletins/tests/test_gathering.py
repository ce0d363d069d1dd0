"""Events: seats given once each however many press at once, a waiting list in order, tickets at the door, names gone after seven days."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from minan.kernel import speakers, worker
from minan.kernel.access import SPEAKER
from minan.kernel.act import Refused
from minan.kernel.models import Body, Case, Inbox, Message
from minan.kernel.tests.desks import desk_of
from minan.lib import throttle
from minan.systems.bulletins import booking
from minan.systems.bulletins.models import Hall, Seat, Waiting
from minan.systems.bulletins.tests.cast import LI, LIU, MONDAY, SHOW, book, event, go, later, opened, tried, who


@pytest.fixture(autouse=True)
def unhurried() -> None:
    throttle.forget()


def numbers() -> list[int]:
    return sorted(Seat.objects.values_list("number", flat=True))


@pytest.mark.django_db
def test_an_event_is_checked_by_a_second_person_before_anybody_can_book(people: dict[str, Any]) -> None:
    case = opened("gathering", who(LIU), SHOW)
    assert tried(case, "check", LIU).rule == "another_person"
    assert isinstance(booking.book(case, {"people": 1, "booker": "王秀兰"}, at=MONDAY, key="seat:1"), Refused)
    assert go(case, "check", LI).state == "bookable"
    assert Hall.objects.get().seats == 5


@pytest.mark.django_db
def test_a_party_sits_together_or_waits_and_who_waited_longest_moves_up(people: dict[str, Any]) -> None:
    case = event()
    first, second, third, fourth = (book(case, key, n) for key, n in (("a", 4), ("b", 2), ("c", 1), ("d", 1)))
    assert [first.numbers, second.numbers, third.numbers] == [(1, 2, 3, 4), (), ()], "nobody goes past who waits"
    assert [Case.objects.get(id=b.case.id).state for b in (first, second, third)] == ["booked", "waiting", "waiting"]
    go(first.case, "cancel", SPEAKER, later(hours=1))
    worker.settle(later(hours=1))
    assert [Case.objects.get(id=b.case.id).state for b in (first, second, third, fourth)] == ["cancelled", "booked", "booked", "booked"]
    assert (numbers(), Waiting.objects.count()) == ([1, 2, 3, 4], 0)
    assert Message.objects.filter(case_id=second.case.id).exists(), "who moved up is told"
    assert "booker" not in speakers.known(first.case, who="speaker", why="own"), "who cancelled is forgotten at once"


@pytest.mark.django_db
def test_pressing_twice_books_once(people: dict[str, Any]) -> None:
    case = event()
    assert book(case, "a").numbers == book(case, "a").numbers == (1,)
    assert (Seat.objects.count(), book(case, "a").secret) == (1, "")


@pytest.mark.django_db(transaction=True)
def test_twenty_press_at_once_for_five_seats_and_no_seat_is_given_twice(people: dict[str, Any]) -> None:
    case = event()
    start, states = threading.Barrier(10), list[str]()

    def press(key: str) -> None:
        start.wait(20)
        try:
            for turn in range(2):
                states.append(Case.objects.get(id=book(case, f"{key}{turn}").case.id).state)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press, args=(f"t{n}",)) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert numbers() == [1, 2, 3, 4, 5]
    assert sorted(states) == ["booked"] * 5 + ["waiting"] * 15
    assert Seat.objects.values("case_id").distinct().count() == 5


@pytest.mark.django_db
def test_the_database_itself_gives_no_seat_twice(people: dict[str, Any]) -> None:
    from django.db import IntegrityError, transaction

    hall = Hall.objects.get(id=event().id)
    Seat.objects.create(hall=hall, number=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Seat.objects.create(hall=hall, number=1)


@pytest.mark.django_db
def test_a_ticket_lets_in_once_and_only_the_number_of_who_came_is_kept(people: dict[str, Any]) -> None:
    case = event()
    two, one = book(case, "a", 2), book(case, "b")
    door, tail = desk_of(LI), two.case.code[-5:].lower()
    assert "请进，2 位" in door.post(f"/gatherings/{case.code}/door/", {"ticket": tail}).content.decode()
    assert "用过了" in door.post(f"/gatherings/{case.code}/door/", {"ticket": two.case.code}).content.decode()
    assert "没有这张票" in door.post(f"/gatherings/{case.code}/door/", {"ticket": "<b>9"}).content.decode()
    worker.settle(later(days=7, hours=8))
    case.refresh_from_db()
    assert (case.state, case.facts["attended"], case.facts["booked"]) == ("held", 2, 3)
    assert (Seat.objects.count(), Hall.objects.count()) == (0, 0)
    assert [Case.objects.get(id=b.case.id).state for b in (two, one)] == ["over", "over"], "who came and who did not are alike"
    assert speakers.known(two.case, who="speaker", why="own")["booker"] == "张a"
    worker.settle(later(days=15))
    for done in (two, one):
        done.case.refresh_from_db()
        assert done.case.state == "forgotten"
        assert not {"booker", "phone"} & set(speakers.known(done.case, who="speaker", why="own"))
        assert "张" not in str(Body.objects.filter(case_id=done.case.id).values_list("text"))


@pytest.mark.django_db
def test_called_off_everybody_who_booked_or_waits_is_told_and_their_words_stay_seven_days(people: dict[str, Any]) -> None:
    case = event(seats=1)
    one, two = book(case, "a"), book(case, "b")
    go(case, "call_off", LIU, later(hours=1), words="演员病了")
    worker.settle(later(hours=1))
    for done in (one, two):
        done.case.refresh_from_db()
        assert done.case.state == "over"
        assert Message.objects.filter(case_id=done.case.id).exists()
    assert Hall.objects.count() == 0
    assert isinstance(booking.book(Case.objects.get(id=case.id), {"people": 1, "booker": "晚"}, at=later(hours=2), key="seat:z"), Refused)


@pytest.mark.django_db
def test_a_resident_books_on_the_page_and_cancels_by_their_own_link(people: dict[str, Any]) -> None:
    case, phone = event(at=timezone.now(), day="2031-05-05"), Client()
    page = phone.get(f"/gatherings/{case.code}/")
    ticket = phone.post(f"/gatherings/{case.code}/", {"key": page.context["key"], "people": "2", "booker": "王秀兰"})
    assert "报上了" in ticket.content.decode()
    seat, secret = ticket.context["case"], ticket.context["secret"]
    assert desk_of(LIU).get(f"/desk/{seat.code}/").status_code == 404, "who booked is nobody's business; the name lies in the vault"
    assert not Inbox.objects.filter(case_id=seat.id).exists()
    phone.post(f"/m/{seat.code}/", {"code": seat.code, "secret": secret})
    assert "不去了，取消" in phone.get(f"/m/{seat.code}/").content.decode()
    taking = phone.get(f"/m/{seat.code}/cancel/").context["taking"]
    assert phone.post(f"/m/{seat.code}/cancel/", {"key": taking.key, "moves": seat.moves}).status_code == 302
    worker.settle(timezone.now())
    assert Seat.objects.count() == 0
    bad = phone.post(f"/gatherings/{case.code}/", {"key": "0" * 32, "people": "9", "booker": "李四"})
    assert bad.status_code == 422
    assert "李四" in bad.content.decode()
