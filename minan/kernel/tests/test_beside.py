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

ALL_ARE_ASKED = """
import os, signal, sys, time
from pathlib import Path
mine, asked, all_of_them = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
signal.signal(signal.SIGTERM, lambda *_: (asked / mine.name).touch())
mine.touch()
while len(list(asked.iterdir())) < all_of_them:
    time.sleep(0.01)
"""  # ends only when every one of them was asked to end
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


def test_all_are_asked_to_end_before_anybody_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each ends only when the last was asked too: who waits for the first alone has to end it by force."""
    here, asked = tmp_path / "here", tmp_path / "asked"
    here.mkdir()
    asked.mkdir()
    found = [beside.Beside([sys.executable, "-c", ALL_ARE_ASKED, str(here / str(n)), str(asked), "3"]) for n in range(3)]
    sent: list[signal.Signals] = []
    kill = os.kill
    monkeypatch.setattr(beside.os, "kill", lambda pid, name: (sent.append(name), kill(pid, name)))
    for process in found:
        process.start()
    try:
        until(lambda: len(list(here.iterdir())) == 3)
    finally:
        beside.stop_all(found)
    assert sent == [signal.SIGTERM] * 3
    assert not any(process.watcher.is_alive() for process in found)


def test_who_does_not_listen_is_ended_by_force_and_the_others_wait_no_longer_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside, "STOP_SECONDS", 0.2)
    deaf = "import signal, sys, time; signal.signal(15, signal.SIG_IGN); open(sys.argv[1], 'w').close(); time.sleep(600)"
    found = [beside.Beside([sys.executable, "-c", deaf, str(tmp_path / str(n))]) for n in range(3)]
    for process in found:
        process.start()
    until(lambda: len(list(tmp_path.iterdir())) == 3)
    beside.stop_all(found)
    for process in found:
        with pytest.raises(ProcessLookupError):
            os.kill(process.pid, 0)


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
