"""The demo's ten shops and two orders stand, in little time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from minan.kernel.models import Case
from minan.systems.services import demo, listing
from minan.systems.services.models import Job

pytestmark = pytest.mark.django_db


def test_the_demo_shows_ten_shops_one_rated_job_and_one_order_that_waits(people: dict[str, Any]) -> None:
    now = datetime.now(UTC)
    made = demo.seed(now)
    assert len(listing.near(demo.VILLAGE, "", now)) == 10
    assert [Case.objects.get(id=case.id).state for case in made[-2:]] == ["order_rated", "placed"]
    assert Job.objects.filter(running=True).count() == 1
