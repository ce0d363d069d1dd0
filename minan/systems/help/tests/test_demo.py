"""What the demo shows of calls for help: 王秀兰 is enrolled, and one call of last week stands there second by second."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from minan.kernel import speakers
from minan.kernel.models import Case, Event
from minan.systems.help import demo, gather, sealing
from minan.systems.help.book import Book

pytestmark = pytest.mark.django_db


def test_the_demo_has_one_enrolment_and_a_call_that_ended_well(people: dict[str, Any]) -> None:
    call = demo.seed(datetime(2026, 11, 16, 3, 0, tzinfo=UTC))
    assert (call.state, call.outcome) == ("closed", "hospital")
    steps = list(Event.objects.filter(case_id=call.id).order_by("n").values_list("step", flat=True))
    assert steps[:8] == ["press", "rang", "answer", "ring_back", "ring_120", "on_the_way", "there", "close"]
    first = Case.objects.get(procedure="help_enrolment")
    assert [c.code for c in speakers.own(people["resident"])] == [call.code, first.code]
    book = gather.fresh(Book())
    assert book is not None
    assert sealing.hmac.compare_digest(book.people[first.code]["cap"], sealing.mark(demo.SECRET))
