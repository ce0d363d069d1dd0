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


@pytest.fixture
def platform(people: dict[str, Any], tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A platform that is called over TLS on loopback, and the partner that it is: (Platform, Partner)."""
    from minan.channels.exchange import known  # as above
    from minan.channels.exchange.tests import partner as made
    from minan.channels.exchange.tests.simulator import Platform

    running = Platform(tmp_path, made.OUT_KEY)
    partner = made.settle_in(tmp_path, monkeypatch, out="call", format="json", url=running.url)
    pem = known.key_file(partner.code).with_suffix(".pem")
    pem.write_bytes(running.cert.read_bytes())
    yield running, partner
    running.close()
    pem.unlink()
