"""The promises of one matter: paused and taken up again, extended once, made stricter, gone up by themselves; never reset."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from minan.kernel import directory, registry, worker
from minan.kernel.access import SPEAKER, Actor, actor
from minan.kernel.act import Opened, act, open_case
from minan.kernel.calendar import Calendar, Limit
from minan.kernel.directory import LOCAL, PostRow
from minan.kernel.models import Case, Clock, Event, Inbox, Message
from minan.lib.uuid7 import uuid7

pytestmark = pytest.mark.django_db
STATION, LIGHTING = "131022100-station", "131022-lighting"


def at(text: str) -> datetime:
    """A moment in Langfang: "11-16 09:20" of 2026."""
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=LOCAL)


MONDAY = at("11-16 09:20")


def say(when: datetime = MONDAY, **facts: Any) -> Case:
    opened = open_case(
        "matter", by=SPEAKER, facts={"text": "路灯不亮", "place": "131022100010", "kind": "lamp.out"} | facts, at=when
    )
    assert isinstance(opened, Opened), opened
    return opened.case


def go(case: Case, step: str, who: Actor, when: datetime, **facts: Any) -> Case:
    event = act(case, step, by=who, facts=facts, at=when)
    assert isinstance(event, Event), (step, event)
    return Case.objects.get(id=case.id)


def clock(case: Case, name: str) -> Clock:
    return Clock.objects.filter(case_id=case.id, name=name).latest("round")


def ends(case: Case, name: str) -> str:
    return f"{clock(case, name).due_at.astimezone(LOCAL):%m-%d %H:%M}"


def steps(case: Case) -> list[str]:
    return list(Event.objects.filter(case_id=case.id).order_by("n").values_list("step", flat=True))


@pytest.fixture
def staff(people: dict[str, Any]) -> dict[str, Actor]:
    line = Actor("staff", 900_002, (PostRow(directory.city().units[LIGHTING].line, "supervisor", "", ""),))
    return {name: actor(user) for name, user in people.items()} | {"line": line}


def assigned(staff: dict[str, Actor], when: datetime = MONDAY) -> Case:
    case = go(say(when), "accept", staff["clerk"], when, urgency="ordinary", size="ordinary")
    return go(case, "assign", staff["clerk"], when, unit=LIGHTING)


# ---- pause and resume


def test_while_the_speaker_is_asked_nothing_runs_but_the_wait_for_the_answer(staff: dict[str, Actor]) -> None:
    case = assigned(staff)
    before = {c.name: c.due_at for c in Clock.objects.filter(case_id=case.id)}
    case = go(case, "ask_more", staff["handler"], at("11-16 11:00"), words="哪一盏？")
    running = {c.name: c for c in Clock.objects.filter(case_id=case.id, done_at=None)}
    assert {name for name, c in running.items() if c.paused_at} == {"answer", "sign", "contact"}
    assert running["supplement"].paused_at is None
    assert all(running[name].next_at is None for name in ("answer", "sign", "contact"))
    assert (case.light, case.due_at) == ("supplement", running["supplement"].due_at)
    assert {name: running[name].due_at for name in ("answer", "sign", "contact")} == {
        n: before[n] for n in ("answer", "sign", "contact")
    }


def test_a_pause_of_two_office_days_moves_the_end_by_two_office_days(staff: dict[str, Actor]) -> None:
    case = assigned(staff)
    assert ends(case, "answer") == "11-23 17:30"  # five working days after Monday the 16th
    case = go(case, "ask_more", staff["handler"], at("11-17 09:00"), words="哪一盏？")
    case = go(case, "supply", SPEAKER, at("11-19 09:00"), words="东门第二盏")
    assert ends(case, "answer") == "11-25 17:30"
    row = clock(case, "answer")
    assert (row.paused_at, row.next_at, row.round) == (None, row.due_at, 1)
    assert row.started_at == MONDAY


def test_a_pause_over_the_weekend_moves_nothing_that_counts_working_days(staff: dict[str, Actor]) -> None:
    case = assigned(staff)
    case = go(case, "ask_more", staff["handler"], at("11-20 17:30"), words="哪一盏？")
    case = go(case, "supply", SPEAKER, at("11-22 20:00"), words="东门第二盏")
    assert ends(case, "answer") == "11-23 17:30"


def test_while_it_is_paused_the_worker_reminds_nobody(staff: dict[str, Actor]) -> None:
    case = assigned(staff)
    sign = clock(case, "sign").due_at
    case = go(case, "ask_more", staff["handler"], at("11-16 10:00"), words="哪一盏？")
    worker.settle(sign + timedelta(minutes=30))
    assert "remind" not in steps(case)


def test_without_an_answer_it_goes_on_by_itself_and_the_wait_is_not_charged_to_the_handler(
    staff: dict[str, Actor],
) -> None:
    case = assigned(staff)
    case = go(case, "ask_more", staff["handler"], at("11-17 09:00"), words="哪一盏？")
    over = clock(case, "supplement").due_at
    worker.settle(over)
    case.refresh_from_db()
    assert "lapse" in steps(case)
    assert "waiting" not in case.marks
    calendar: Calendar = directory.calendar(clock(case, "answer").hours)
    waited = calendar.working_minutes(at("11-17 09:00"), over)
    assert calendar.working_minutes(at("11-23 17:30"), clock(case, "answer").due_at) == waited


def test_parked_it_waits_for_its_day_and_goes_on_by_itself(staff: dict[str, Actor]) -> None:
    case = assigned(staff)
    ground = next(g.code for g in directory.city().grounds.values() if g.list == "park")
    case = go(
        case, "ask_park", staff["handler"], at("11-16 10:00"), ground=ground, words="等天暖", review_on="2026-12-15"
    )
    case = go(case, "park", staff["line"], at("11-16 11:00"))
    assert case.light == "park"
    park = clock(case, "park")
    assert park.limit == "date"
    assert f"{park.due_at.astimezone(LOCAL):%m-%d}" in ("12-15", "12-16")
    worker.settle(park.due_at - timedelta(hours=1))
    case.refresh_from_db()
    assert case.marks.get("parked")
    worker.settle(park.due_at + timedelta(minutes=1))
    case.refresh_from_db()
    assert "parked" not in case.marks
    assert "unpark_due" in steps(case)
    assert clock(case, "answer").paused_at is None
    assert clock(case, "answer").due_at > park.due_at


# ---- extension


def test_more_time_is_given_once_and_counted_from_the_old_last_day(staff: dict[str, Actor]) -> None:
    case = assigned(staff)
    ground = next(g.code for g in directory.city().grounds.values() if g.list == "extend")
    case = go(case, "ask_extension", staff["handler"], at("11-18 09:00"), ground=ground, words="等备件")
    assert ends(case, "answer") == "11-23 17:30"  # asking moves nothing
    case = go(case, "extend", staff["line"], at("11-18 10:00"), words="等备件")
    assert ends(case, "answer") == "11-30 17:30"
    assert clock(case, "answer").extended
    assert clock(case, "answer").round == 1
    again = act(
        case, "ask_extension", by=staff["handler"], facts={"ground": ground, "words": "再等"}, at=at("11-19 09:00")
    )
    assert getattr(again, "rule", "") == "not_extended"


def test_an_extension_refused_moves_nothing(staff: dict[str, Actor]) -> None:
    case = assigned(staff)
    ground = next(g.code for g in directory.city().grounds.values() if g.list == "extend")
    case = go(case, "ask_extension", staff["handler"], at("11-18 09:00"), ground=ground, words="等备件")
    case = go(case, "refuse_extension", staff["line"], at("11-18 10:00"), words="有备件")
    assert ends(case, "answer") == "11-23 17:30"
    assert not clock(case, "answer").extended


# ---- stricter


def test_made_urgent_the_nearer_end_holds_from_now_and_the_start_stays(staff: dict[str, Actor]) -> None:
    case = assigned(staff)
    when = at("11-17 09:00")
    case = go(case, "reclassify", staff["clerk"], when, urgency="urgent")
    row = clock(case, "answer")
    assert ends(case, "answer") == "11-18 09:00"  # 24 hours from the change, not from the start
    assert (row.started_at, row.round, row.limit) == (MONDAY, 1, "24h")


def test_made_ordinary_again_the_nearer_end_stays(staff: dict[str, Actor]) -> None:
    """A clock is never reset and never let off: no unit buys time by calling a matter less urgent."""
    case = assigned(staff)
    case = go(case, "reclassify", staff["clerk"], at("11-17 09:00"), urgency="urgent")
    case = go(case, "reclassify", staff["clerk"], at("11-17 10:00"), urgency="ordinary", size="complex")
    assert ends(case, "answer") == "11-18 09:00"


def test_reclassified_late_it_is_still_late(staff: dict[str, Actor]) -> None:
    case = assigned(staff)
    worker.settle(clock(case, "answer").due_at + timedelta(minutes=1))
    due = clock(case, "answer").due_at
    case.refresh_from_db()
    assert "answer" in case.marks["late"]
    case = go(case, "reclassify", staff["clerk"], due + timedelta(hours=1), urgency="urgent")
    assert clock(case, "answer").due_at == due
    assert "answer" in case.marks["late"]


# ---- due, and up a level


def test_a_missed_clock_reminds_once_goes_up_level_by_level_and_rests_at_the_top(staff: dict[str, Actor]) -> None:
    case = say()
    row = clock(case, "accept")
    up = directory.calendar(row.hours).escalates(row.started_at, row.due_at, Limit.parse(row.limit))
    worker.settle(row.due_at - timedelta(seconds=1))
    assert steps(case) == ["say"]
    worker.settle(row.due_at)
    assert steps(case) == ["say", "remind"]
    worker.settle(up - timedelta(seconds=1))
    assert steps(case) == ["say", "remind"]
    worker.settle(up)
    assert steps(case) == ["say", "remind", "go_up"]
    for days in range(1, 9):
        worker.settle(up + timedelta(days=days))
    assert steps(case) == ["say", "remind", "go_up", "go_up"]
    case.refresh_from_db()
    assert case.marks["up"] == ["131022-centre", "1310-centre"], "the county had a working day of its own, then the city"
    assert case.marks["top"]
    assert clock(case, "accept").next_at is None
    assert clock(case, "accept").done_at is None  # still owed: it goes on being late
    for unit in ("131022-centre", "1310-centre"):
        assert Message.objects.filter(case_id=case.id, to=unit, channel="board").count() == 1


def test_the_red_light_is_in_every_inbox_row_at_once(staff: dict[str, Actor]) -> None:
    case = say()
    worker.settle(clock(case, "accept").due_at + timedelta(minutes=1))
    assert set(Inbox.objects.filter(case_id=case.id).values_list("flags", flat=True)) == {",late,unasked,"}
    case.refresh_from_db()
    assert case.light == "accept"


def test_a_clock_whose_procedure_was_removed_is_looked_at_again_tomorrow_not_in_a_circle(
    staff: dict[str, Actor], monkeypatch: Any
) -> None:
    case = say()
    due = clock(case, "accept").due_at
    monkeypatch.setattr(registry, "get", lambda name: None)
    assert worker.ring(due) == 1
    assert worker.ring(due) == 0
    assert clock(case, "accept").next_at == due + timedelta(days=1)


def test_reopened_a_matter_gets_a_second_round_and_the_first_keeps_its_result(staff: dict[str, Actor]) -> None:
    case = assigned(staff)
    case = go(case, "sign", staff["handler"], at("11-16 10:00"))
    case = go(
        case, "answer", staff["handler"], at("11-17 10:00"), outcome="explained", words="查过", article="示例第 1 条"
    )
    first = clock(case, "answer")
    case = go(case, "rate", SPEAKER, at("11-18 10:00"), solved=False, satisfied=False)
    case = go(case, "rule_reopen", staff["supervisor"], at("11-19 10:00"), unit=LIGHTING, words="重办")
    rounds = list(Clock.objects.filter(case_id=case.id, name="answer").order_by("round"))
    assert [c.round for c in rounds] == [1, 2]
    assert (rounds[0].done_at, rounds[0].due_at) == (first.done_at, first.due_at)
    assert rounds[1].started_at == at("11-19 10:00")


def test_a_closed_matter_has_no_running_clock(staff: dict[str, Actor]) -> None:
    case = go(assigned(staff), "withdraw", SPEAKER, at("11-16 11:00"))
    assert case.closed_at is not None
    assert not Clock.objects.filter(case_id=case.id, done_at=None).exists()
    assert not Clock.objects.filter(case_id=case.id).exclude(next_at=None).exists()


# ---- the worst morning


def test_on_the_worst_morning_a_thousand_due_clocks_are_rung_200_a_turn_the_oldest_legal_first(
    staff: dict[str, Actor],
) -> None:
    """After a night without a worker; the real bar is 10,000, here a thousand."""
    case = say()
    row = Clock.objects.filter(case_id=case.id, name="accept").values().get()
    due, morning = row["due_at"], row["due_at"] + timedelta(days=1)
    Clock.objects.filter(id=row["id"]).delete()
    _thousand(row, due)
    rung: list[tuple[datetime, datetime | None]] = []
    real, worker._ring = worker._ring, lambda r, now: (rung.append((r["next_at"], r["legal_due_at"])), _told(r))[0]
    try:
        turns = [worker.ring(morning) for _ in range(6)]
    finally:
        worker._ring = real
    assert turns == [200, 200, 200, 200, 200, 0]
    assert len(rung) == 1000
    far = datetime.max.replace(tzinfo=UTC)
    order = [(legal or far, when) for when, legal in rung]
    assert order == sorted(order), "the nearest legal limit is rung first, then what has waited longest"
    assert len({legal for legal, _ in order}) > 20


def _told(row: dict[str, Any]) -> None:
    Clock.objects.filter(id=row["id"]).update(next_at=None)


def _thousand(row: dict[str, Any], due: datetime) -> None:
    fresh = []
    for n in range(1000):
        when = due - timedelta(minutes=(n * 37) % 50)
        legal = due + timedelta(days=(n * 13) % 40) if n % 3 else None
        fresh.append(
            Clock(**row | {"id": uuid7(), "case_id": uuid7(), "next_at": when, "due_at": when, "legal_due_at": legal})
        )
    Clock.objects.bulk_create(fresh)


def test_after_a_night_without_a_worker_every_matter_is_reminded_exactly_once(staff: dict[str, Actor]) -> None:
    cases = [say(MONDAY + timedelta(seconds=n)) for n in range(45)]
    morning = clock(cases[-1], "accept").due_at + timedelta(minutes=5)
    worker.settle(morning)
    worker.settle(morning + timedelta(seconds=2))
    told = list(Event.objects.filter(step="remind").values_list("case_id", flat=True))
    assert sorted(told) == sorted(c.id for c in cases)
    assert len(set(Event.objects.filter(step="remind").values_list("hash", flat=True))) == 45
