"""王秀兰 at her phone, and somebody else at theirs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from minan.lib import throttle


@pytest.fixture(autouse=True)
def nobody_is_throttled_by_another_test() -> Iterator[None]:
    throttle.forget()
    yield
    throttle.forget()


@pytest.fixture
def wang(city: None) -> Client:
    """王秀兰's browser; she has not signed in."""
    return Client()


@pytest.fixture
def other(city: None) -> Client:
    """A browser of somebody who knows nothing."""
    return Client()
