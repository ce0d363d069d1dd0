"""A partner that every test of the exchange starts with."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator
from typing import Any

import pytest

from minan.lib import throttle


@pytest.fixture(autouse=True)
def unhurried() -> Iterator[None]:
    throttle.forget()
    yield
    throttle.forget()


@pytest.fixture
def hotline(people: dict[str, Any], tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A 12345 platform that sends by every way and takes answers as CSV files."""
    from minan.channels.exchange.tests import partner  # the settings are not there yet when this file is read

    return partner.settle_in(tmp_path, monkeypatch)
