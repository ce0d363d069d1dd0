"""许静怡 at the hotline, and a call."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client


@pytest.fixture
def line(people: dict[str, Any]) -> Any:
    from minan.channels.hotline.tests.calling import Line  # models: not before the settings are known

    return Line()


@pytest.fixture
def operator(people: dict[str, Any]) -> Client:
    """许静怡's browser, signed in."""
    from minan.kernel.tests.desks import desk_of  # as above

    return desk_of("operator")
