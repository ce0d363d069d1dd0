"""The point at the south gate."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def point(people: dict[str, Any]) -> Any:
    """刘桂芬 and 李建民 of 朝阳社区, their box and its slips."""
    from minan.channels.box.tests.at_the_point import point_of_the_south_gate  # models exist only once the settings do

    return point_of_the_south_gate()
