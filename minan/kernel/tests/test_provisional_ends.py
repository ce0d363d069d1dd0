"""An end counted before the year's rest days were known is counted again when they are, never earlier, and the speaker is told."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from minan.kernel import access, act, directory, doctor, provisional, verify, worker
from minan.kernel.models import Case, Clock, Event, Message, RestDay

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 29, 2, 0, tzinfo=UTC)  # the answer falls into 2027, whose days nobody published yet


def known_2027(*rest: date) -> None:
    """The administrator enters the days of the notice: New Year, National Day, and what else it says."""
    for day in (date(2027, 1, 1), date(2027, 10, 1), date(2027, 10, 2), date(2027, 10, 3), *rest):
        RestDay.objects.update_or_create(date=day, defaults={"working": False})
    directory.touch()


@pytest.fixture
def case(people: dict[str, Any]) -> Case:
    facts = {"text": "小区里的电梯又停了", "place": "131022100010", "kind": "road.pavement"}
    opened = act.open_case("matter", by=access.SPEAKER, facts=facts, at=NOW)
    assert opened
    assert act.act(opened.case, "accept", by=access.actor(people["clerk"]), at=NOW + timedelta(minutes=5))
    found = Case.objects.get(id=opened.case.id)
    assert Clock.objects.get(case_id=found.id, name="answer").provisional
    return found


def test_the_administrator_is_warned_as_long_as_ends_can_move(case: Case) -> None:
    assert any("provisional" in f.what.en for f in doctor.calendar(NOW))
    known_2027()
    provisional.recount(NOW)
    assert not any("provisional" in f.what.en for f in doctor.calendar(NOW))


def test_a_holiday_that_is_announced_moves_the_end_and_the_speaker_reads_it(case: Case) -> None:
    before = Clock.objects.get(case_id=case.id, name="answer")
    known_2027(*(date(2027, 1, day) for day in (4, 5, 6)))
    assert provisional.recount(NOW + timedelta(hours=1)) == 1
    after = Clock.objects.get(case_id=case.id, name="answer")
    assert after.due_at - before.due_at >= timedelta(days=3)
    assert (after.started_at, after.provisional) == (before.started_at, False)
    event = Event.objects.get(case_id=case.id, step="recounted")
    assert event.by == "clock"
    assert verify.check(pages=False).faults == []
    worker.settle(NOW + timedelta(hours=1))
    assert Message.objects.filter(case_id=case.id, n=event.n, to="speaker").exists()


def test_nothing_ends_earlier_than_it_was_promised(case: Case) -> None:
    before = Clock.objects.get(case_id=case.id, name="answer").due_at
    for day in (date(2027, 1, 2), date(2027, 1, 3)):
        RestDay.objects.create(date=day, working=True)  # a weekend that is worked
    known_2027()
    provisional.recount(NOW)
    assert Clock.objects.get(case_id=case.id, name="answer").due_at == before


def test_it_is_done_once(case: Case) -> None:
    known_2027()
    assert provisional.recount(NOW) == 1
    assert provisional.recount(NOW) == 0
