"""The demo's story played anew: led to its end without a refusal, the same each time, of kinds the city knows."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from minan.kernel.models import Case
from minan.systems.matters import demo
from minan.systems.matters.story import lives, texts

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NOW = datetime(2026, 11, 19, 8, 0, tzinfo=UTC)  # a Thursday, four in the afternoon
FEW = 70


def test_every_life_is_led_to_its_end_without_being_refused(
    people: dict[str, Any], settings: Any, tmp_path: Path
) -> None:
    settings.DATA = tmp_path
    stage = demo.seed(NOW, 150)
    other = {why: n for why, n in stage.refused.items() if not why.startswith("nobody:")}
    assert sum(other.values()) <= 3, other


@pytest.mark.slow
def test_the_same_seed_tells_the_same_story(people: dict[str, Any], settings: Any, tmp_path: Path) -> None:
    settings.DATA = tmp_path
    told = []
    for number in range(2):
        first = Case.objects.order_by("-id").first()
        demo.seed(NOW, FEW)
        rows = Case.objects.filter(id__gt=first.id) if number and first else Case.objects.all()
        told.append(Counter(rows.values_list("title", "place", "state")))
    differ = (told[0] - told[1]).total()
    assert sum(told[0].values()) == sum(told[1].values())
    assert differ <= 0.08 * sum(told[0].values())  # the return visits are drawn by the code, and codes are random


def test_every_kind_that_is_told_of_stands_in_the_citys_list(city: None) -> None:
    from minan.kernel.models import Kind  # only here

    known = set(Kind.objects.values_list("code", flat=True))
    assert {say["kind"] for say in texts.says()} <= known
    assert sum(often for _, often in lives.FATES) > 900
