"""What the demo tells of the model case is possible, today and on any day of the week."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from minan.kernel.models import Case, Message
from minan.systems.accidents import demo
from minan.systems.accidents.tests.cast import MONDAY

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("now", [MONDAY, MONDAY + timedelta(days=5, hours=9)])
def test_the_model_case_stands_worked_out_with_its_sides_at_the_table(people: dict[str, Any], now: datetime) -> None:
    case = demo.seed(now)
    assert (case.state, case.facts["reckoning"]["result"]["victims"][0]["total"]) == ("reckoned", "76000.00")
    if case.facts.get("dispute"):
        assert Case.objects.get(parent=case.id, procedure="dispute").facts["sides"] == ["a", "b", "c"]
        assert case.facts["mediator"] == str(people["gu.vmed"].pk)
    assert not Message.objects.filter(sent_at=None).exists(), "nothing of the past leaves now"
