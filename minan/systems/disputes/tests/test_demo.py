"""What the demo tells of disputes is possible, today and on any day of the week."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from minan.kernel.models import Case, Message
from minan.systems.disputes import demo
from minan.systems.disputes.tests.cast import MONDAY

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("now", [MONDAY, MONDAY + timedelta(days=5, hours=9)])
def test_two_disputes_stand_on_the_desks(people: dict[str, Any], now: datetime) -> None:
    talking, performing = (Case.objects.get(id=case.id) for case in demo.seed(now))
    assert (talking.state, performing.state) == ("mediating", "agreed")
    assert [bool(row.get("done")) for row in performing.facts["plan"]] == [True, False]
    assert not Message.objects.filter(sent_at=None).exists(), "nothing of the past leaves now"
