"""What the demo tells of the model case is possible, today and on any day of the week."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

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


def test_each_part_of_it_opens_on_the_desks_of_those_who_have_it(people: dict[str, Any], client: Client, settings: Any) -> None:
    settings.MFA_REQUIRED_FOR_STAFF = False
    top = demo.seed(MONDAY)
    parts = [top, *Case.objects.filter(parent=top.id)]
    parts += Case.objects.filter(parent__in=[part.id for part in parts[1:]])
    opened = set()
    for who in ("gu.vmed", "gu.vmedhead", "gx.traffic", "lf.claims"):
        client.force_login(people[who])
        for part in parts:
            got = client.get(f"/desk/{part.code}/", follow=True)
            assert got.status_code in (200, 403, 404), (who, part.procedure)
            if got.status_code == 200:
                assert not re.search(r"at_end：|46000|insurer：", got.content.decode()), "what was entered stands on its own page alone"
                opened.add((who, part.procedure))
    assert {("gu.vmed", "accident"), ("gx.traffic", "finding"), ("lf.claims", "cover")} <= opened, opened
    assert ("lf.claims", "accident") not in opened
