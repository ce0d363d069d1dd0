"""How long after the press something happened reads as people say it, from seconds to days."""

from __future__ import annotations

import pytest
from django.utils import translation

from minan.systems.help import told


@pytest.mark.parametrize(
    ("after", "zh", "en"),
    [
        (48, "48 秒", "48 s"),
        (372, "6 分 12 秒", "6 min 12 s"),
        (2460, "41 分", "41 min"),
        (7500, "2 小时 5 分", "2 h 5 min"),
        (86400, "1 天", "1 day"),
        (432000, "5 天", "5 days"),
    ],
)
def test_what_was_done_days_later_is_not_said_in_minutes(after: float, zh: str, en: str) -> None:
    assert told.seconds(after) == zh
    with translation.override("en"):
        assert told.seconds(after) == en
