"""R15: the loop behind the pages loses nothing and doubles nothing: a bad listener, a killed worker, two workers at once."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from minan.kernel import listen, notices, tallies, worker
from minan.kernel.access import SPEAKER, actor
from minan.kernel.act import Opened, act, open_case
from minan.kernel.listen import Told, on
from minan.kernel.models import Case, Clock, Delivery, Event, Message, Outbox, Reminder, Tally
from minan.kernel.tests.turning import turning

AT = datetime(2026, 11, 16, 1, 20, tzinfo=UTC)
TOMORROW = AT + timedelta(days=1)


@pytest.fixture
def listeners() -> Iterator[list[Any]]:
    """Listeners declared in a test are gone after it."""
    before = list(listen._listeners)
    yield listen._listeners
    listen._listeners[:] = before


def say(n: int = 0, **more: Any) -> Case:
    facts = {"text": f"第 {n} 盏路灯不亮", "place": "131022100010", "kind": "lamp.out", "phone": "13812345678"}
    opened = open_case("matter", by=SPEAKER, facts=facts, at=AT + timedelta(seconds=n), **more)
    assert isinstance(opened, Opened), opened
    return opened.case


def city_row() -> Tally:
    return Tally.objects.get(county="131022", place="131022100000", by="all", key="")


# ---- a bad listener


@pytest.mark.bar("R15")
@pytest.mark.django_db
def test_a_listener_that_always_raises_is_parked_after_three_tries_and_the_next_hundred_are_not_held_up(
    city: None, listeners: list[Any]
) -> None:
    poison = say()
    asked: list[int] = []

    def bad(events: list[Told]) -> None:
        asked.extend(told.n for told in events if told.case_id == poison.id)
        if any(told.case_id == poison.id for told in events):
            raise RuntimeError("this one can never be done")

    heard: list[Any] = []
    on("matter.say")(bad)
    on("matter.say")(lambda events: heard.extend(told.case_id for told in events))
    others = [say(n) for n in range(1, 101)]
    for seconds in (200, 203, 215, 250, 3_700):
        worker.settle(AT + timedelta(seconds=seconds))
    left = Delivery.objects.get()
    assert (left.case_id, left.tries, left.next_at) == (poison.id, worker.TRIES, None)
    assert "this one can never be done" in left.error
    assert set(heard) == {poison.id, *(case.id for case in others)}
    assert len(heard) == 101
    assert city_row().opened == 101
    assert Message.objects.filter(to="131022100-station", channel="board").count() == 101


@pytest.mark.django_db
def test_a_listener_that_fails_twice_and_then_recovers_did_its_work_once(city: None, listeners: list[Any]) -> None:
    tries: list[int] = []
    done: list[Any] = []

    def shaky(events: list[Told]) -> None:
        tries.append(len(events))
        if len(tries) <= 3:  # the batch and the row alone count as one try
            raise OSError("the line is down")
        done.extend(told.case_id for told in events)

    on("matter.say")(shaky)
    case = say()
    worker.settle(AT + timedelta(seconds=1))
    assert Delivery.objects.get().tries == 1
    for seconds in (2, 4, 20, 60):
        worker.settle(AT + timedelta(seconds=seconds))
    assert done == [case.id]
    assert not Delivery.objects.exists()


@pytest.mark.django_db
def test_half_of_a_listeners_work_is_taken_back_when_it_fails(city: None, listeners: list[Any]) -> None:
    def half(events: list[Told]) -> None:
        tallies.count(events)
        raise RuntimeError("and then it broke")

    on("matter.say")(half)
    say()
    for seconds in (1, 4, 20, 60):
        worker.settle(AT + timedelta(seconds=seconds))
    assert city_row().opened == 1  # counted by the real listener alone


@pytest.mark.django_db
def test_a_clock_that_breaks_does_not_stop_the_others(city: None, monkeypatch: Any) -> None:
    cases = [say(n) for n in range(3)]
    real, bad = worker.act, cases[1].id

    def act_or_break(case: Case, *args: Any, **more: Any) -> Any:
        if case.id == bad:
            raise RuntimeError("broken")
        return real(case, *args, **more)

    monkeypatch.setattr(worker, "act", act_or_break)
    due = Clock.objects.filter(name="accept").latest("due_at").due_at
    worker.ring(due)
    reminded = set(Event.objects.filter(step="remind").values_list("case_id", flat=True))
    assert reminded == {cases[0].id, cases[2].id}
    assert Clock.objects.get(case_id=bad, name="accept").next_at == due + timedelta(minutes=10)


# ---- nothing twice


@pytest.mark.django_db
def test_an_event_told_twice_makes_one_message_a_receiver_and_channel(people: dict[str, Any]) -> None:
    case = say()
    act(case, "accept", by=actor(people["clerk"]), at=AT)
    rows = list(Outbox.objects.values())
    worker.settle(AT)
    before = sorted(Message.objects.values_list("case_id", "n", "to", "channel"))
    assert len(before) == len(set(before))
    assert {(to, channel) for _, _, to, channel in before} == {
        ("131022100-station", "board"),
        ("speaker", "page"),
        ("speaker", "sms"),
    }
    notices.tell([Told(r["id"], r["county"], r["case_id"], r["n"], r["name"], r["at"], r["delta"]) for r in rows])
    assert sorted(Message.objects.values_list("case_id", "n", "to", "channel")) == before


@pytest.mark.django_db
def test_a_message_carries_no_name_no_number_and_nothing_that_was_said(people: dict[str, Any]) -> None:
    case = say()
    act(case, "accept", by=actor(people["clerk"]), at=AT)
    worker.settle(AT)
    words = " ".join(Message.objects.values_list("words", flat=True))
    assert "13812345678" not in words
    assert "路灯不亮" not in words
    assert case.code[:5] in words


@pytest.mark.django_db
def test_a_clock_rung_twice_at_the_same_moment_takes_its_step_once(city: None) -> None:
    case = say()
    row = dict(Clock.objects.filter(name="accept").values().get())
    worker._ring(row, row["due_at"])
    worker._ring(row, row["due_at"])
    assert list(Event.objects.filter(case_id=case.id).order_by("n").values_list("step", flat=True)) == ["say", "remind"]


@pytest.mark.django_db
def test_fan_out_cut_off_before_its_end_leaves_the_outbox_as_it_was(city: None, monkeypatch: Any) -> None:
    say()
    real = Outbox.objects.filter
    monkeypatch.setattr(Outbox.objects, "filter", lambda *a, **k: (_ for _ in ()).throw(SystemExit("killed")))
    with pytest.raises(SystemExit):
        worker.fan_out()
    monkeypatch.setattr(Outbox.objects, "filter", real)
    assert Outbox.objects.count() == 1
    assert not Delivery.objects.exists()
    worker.settle(AT)
    assert city_row().opened == 1


# ---- killed in between, and two at once: real processes on the same records

CASES, KILLS = 100, 3


def _database() -> dict[str, Any]:
    from django.db import connection  # only now it is the test's

    return {name: connection.settings_dict[name] for name in ("NAME", "HOST", "PORT", "USER", "PASSWORD")}


def _left() -> int:
    return Outbox.objects.count() + Delivery.objects.count() + Clock.objects.filter(next_at__lte=TOMORROW).count()


def _progress() -> tuple[int, int, int]:
    return Outbox.objects.count(), Delivery.objects.count(), Event.objects.count()


def _everything_once() -> None:
    """Each matter counted once, reminded once, told once on each channel, though several workers were at it."""
    assert city_row().opened == CASES
    assert Tally.objects.get(county="131022", place="131000000000", by="all", key="").opened == CASES
    assert city_row().late == CASES
    steps = list(Event.objects.filter(step__in=("remind", "go_up")).values_list("case_id", "step"))
    assert len(steps) == len(set(steps)) == 2 * CASES
    board = list(Message.objects.filter(to="131022100-station", channel="board").values_list("case_id", "n"))
    assert len(board) == len(set(board)) == CASES  # said; the reminders stand on one list
    lists = Reminder.objects.filter(unit="131022100-station")
    assert [len(one.items) for one in lists if one.items] == [CASES]
    assert not Delivery.objects.exists()


@pytest.mark.slow
@pytest.mark.bar("R15")
@pytest.mark.django_db(transaction=True)
def test_workers_killed_in_the_middle_lose_nothing_and_count_nothing_twice(city: None) -> None:
    _said()
    spawn, cut = multiprocessing.get_context("spawn"), 0
    for _ in range(KILLS):
        process = spawn.Process(target=turning, args=(_database(), TOMORROW, time.monotonic() + 60))
        process.start()
        before = _progress()
        while _progress() == before and process.is_alive():
            time.sleep(0.002)
        assert process.is_alive(), "the worker ended by itself"
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join(30)
        cut += bool(_left())
    assert cut, "no kill came in the middle of the work"
    worker.settle(TOMORROW)
    _everything_once()


@pytest.mark.slow
@pytest.mark.bar("R15")
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_do_everything_once(city: None) -> None:
    _said()
    spawn = multiprocessing.get_context("spawn")
    both = [spawn.Process(target=turning, args=(_database(), TOMORROW, time.monotonic() + 90)) for _ in range(2)]
    for process in both:
        process.start()
    begun = time.monotonic()
    while _left() and time.monotonic() - begun < 80 and all(process.is_alive() for process in both):
        time.sleep(0.2)
    for process in both:
        process.kill()
        process.join(30)
    assert _left() == 0
    _everything_once()


def _said() -> None:
    for n in range(CASES):
        say(n)
