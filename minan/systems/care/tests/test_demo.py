"""The demo of care: fourteen centres, some beds taken, one agreement on a phone and one on paper; made again it is the same."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from minan.kernel.models import Case
from minan.systems.care import beds, demo, staying
from minan.systems.care.models import Night, Watch

pytestmark = pytest.mark.django_db


def test_the_demo_has_beds_free_and_taken_and_two_agreements(city: None) -> None:
    for _twice in range(2):
        demo.make(False)
    lines = beds.board(staying.today(datetime.now(UTC)), 3)
    assert (len(lines), sum(line.beds for line in lines)) == (14, 210)
    assert Night.objects.count() == 22
    assert sorted(Watch.objects.values_list("way", "number")) == [("page", 0), ("paper", 1)]
    states = Case.objects.filter(procedure="stay").values_list("state", flat=True)
    assert sorted(states) == ["applied", "booked", "booked", "in", "in"]
