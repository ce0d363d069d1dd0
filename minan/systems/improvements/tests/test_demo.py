"""The demo's project is there, published, and better by its own numbers; made again it is the same one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from minan.kernel.models import Case
from minan.systems.improvements import demo, page

pytestmark = pytest.mark.django_db


def test_the_street_of_the_demo_tells_what_came_of_the_call(city: None) -> None:
    demo.seed(datetime.now(UTC))
    demo.make(False)
    assert Case.objects.filter(procedure="improvement").count() == 1
    (row,) = page.public()
    assert (row["verdict"], row["place"]) == ("better", "裕华街道")
