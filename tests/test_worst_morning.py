"""The worst morning after a holiday: everything due at half past eight is rung once, in the law's order, and told in one list a unit."""

from __future__ import annotations

import pytest

from bench import morning
from minan.kernel.models import Clock, Event, Reminder, Serial

CLOCKS = 600


@pytest.mark.django_db
def test_six_hundred_clocks_due_at_half_past_eight_are_rung_in_order_and_told_once(city: None) -> None:
    morning.prepare(CLOCKS)
    found = morning.play()
    assert (found["rung"], found["in_order"]) == (CLOCKS, True), "200 a turn, nearest limit of the law first"
    assert found["turns"] >= CLOCKS / 200
    assert (found["reminded_twice"], found["told_twice"], found["units_with_two_lists"]) == (0, 0, 0)
    assert (found["lists"], found["listed"]) == (morning.TOWNS, CLOCKS), "what ran out this morning stands on this morning's lists"
    assert Event.objects.filter(step="remind").count() == CLOCKS
    assert not Clock.objects.filter(next_at__lte=morning.MORNING, done_at=None, paused_at=None).exists()
    numbers = list(Reminder.objects.values_list("issuer", "number"))
    assert len(set(numbers)) == len(numbers) == morning.TOWNS
    assert Serial.objects.get(series="催办单", unit="131022-centre").last == morning.TOWNS, "no number is left out"
    again = morning.play()
    assert (again["rung"], again["listed"]) == (0, CLOCKS)
