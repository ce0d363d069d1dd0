"""How a bulletin stands on the desk's lists: published until when, never as something that stands still."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.template import Context, Template
from django.utils import translation

from minan.kernel.models import Case
from minan.kernel.pages import listing
from minan.systems.bulletins.tests.cast import LI, LIU, MONDAY, SCAM, go, opened, published, who, written

pytestmark = pytest.mark.django_db


def light(case: Case) -> str:
    case.refresh_from_db()
    clock = listing.clock(case, MONDAY + timedelta(minutes=5))
    drawn = Template("{% load minan_tags %}{% light clock %}").render(Context({"clock": clock}))
    return re.sub("<[^>]+>", "", drawn)


def test_a_published_one_says_until_when_and_one_that_waits_shows_its_clock(people: dict[str, Any]) -> None:
    assert light(published()) == "已发布，到 11月19日（周二）"
    with translation.override("en"):
        assert light(published()) == "Published until Tue 19 Nov"
    assert "已发布" not in light(written()), "it waits for a second person: its clock is shown"


def test_an_emergency_waits_for_its_review_and_then_says_the_hour_of_its_end(people: dict[str, Any]) -> None:
    out = opened("bulletin", who(LIU), SCAM)
    assert "已发布" not in light(out)
    go(out, "confirm", LI)
    assert light(out) == "已发布，到 11月18日 21:00"
