"""Processes beside the web: each says that it lives, is started again when it is killed, and ends with who started it."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.test import Client

from minan.kernel import beside

CITY_SLEEPS = "import os, sys, time; open(sys.argv[1], 'a').write(f'{os.getpid()}\\n'); time.sleep(600)"


def until(true, seconds: float = 20.0):  # type: ignore[no-untyped-def]
    """What `true` answers as soon as it is something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := true():
            return found
        time.sleep(0.02)
    raise AssertionError("waited in vain")


@pytest.fixture
def one(monkeypatch: pytest.MonkeyPatch, settings, tmp_path: Path):  # type: ignore[no-untyped-def]
    """A city with one process beside the web, which is called "bell"."""
    settings.DATA = tmp_path
    bell = SimpleNamespace(NAME="bell", wanted=lambda: True, run=lambda stop: None)
    monkeypatch.setattr(beside, "modules", lambda: {"bell": bell})
    monkeypatch.setattr(beside, "_beaten", {})
    return bell


def test_a_process_that_says_nothing_is_down_and_one_that_beats_is_well(one, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert beside.states() == {"bell": "down"}
    beside.beat("bell")
    assert beside.states() == {"bell": "ok"}
    old = time.time() - beside.BEAT_OLD - 1
    os.utime(tmp_path / "bell.beat", (old, old))
    assert beside.states() == {"bell": "down"}
    one.wanted = lambda: False
    assert beside.states() == {"bell": "off"}
    assert beside.wanted() == []


@pytest.mark.django_db
def test_healthz_names_it(one, client: Client) -> None:  # type: ignore[no-untyped-def]
    assert client.get("/healthz").json()["bell"] == "down"
    beside.beat("bell")
    assert client.get("/healthz").json()["bell"] == "ok"


def test_beating_where_nothing_can_be_written_stops_nobody(one, settings) -> None:  # type: ignore[no-untyped-def]
    settings.DATA = settings.DATA / "not" / "there"
    beside.beat("bell")
    assert beside.states() == {"bell": "down"}


def test_killed_it_is_started_again_and_stopped_it_stays_away(tmp_path: Path) -> None:
    said = tmp_path / "pids"
    process = beside.Beside([sys.executable, "-c", CITY_SLEEPS, str(said)])
    process.start()
    try:
        first = until(lambda: said.exists() and said.read_text().split())[0]
        os.kill(int(first), signal.SIGKILL)
        second = until(lambda: said.read_text().split()[1:])[0]
        assert second != first
    finally:
        process.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(int(second), 0)
    assert len(said.read_text().split()) == 2


def test_a_machine_that_starts_nothing_just_now_is_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said, refused = tmp_path / "pids", []
    process = beside.Beside([sys.executable, "-c", CITY_SLEEPS, str(said)])
    process.start()
    spawn = process._spawn

    def sometimes() -> None:
        if not refused:
            refused.append(process.pid)
            raise OSError(12, "Cannot allocate memory")
        spawn()

    monkeypatch.setattr(process, "_spawn", sometimes)
    try:
        first = until(lambda: said.exists() and said.read_text().split())[0]
        os.kill(int(first), signal.SIGKILL)
        assert until(lambda: said.read_text().split()[1:])[0] != first
        assert refused == [int(first)]
    finally:
        process.stop()


def test_it_ends_when_who_started_it_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()
    monkeypatch.setattr(beside.os, "getppid", lambda: 1)
    beside._end_with(4711, stop)
    assert stop.is_set()
