"""R16: the web and every process beside it are killed again and again in any order: no human step, /healthz names what is broken."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import secrets
import signal
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import machine
from tests.faults.town import Town, minan

DEEP = bool(os.environ.get("MINAN_DEEP"))
SECONDS = 600 if DEEP else 60  # of killing
WELL_SECONDS = 90  # a slow machine needs some for a start; who is killed at once after each start waits 15 s for the next
EVERYTHING = {"MINAN_BUS": "own"}
NOT_BESIDE = ("status", "database", "disk", "worker")  # on SQLite the worker lives in the web's process
WEB, KEEPER = "web", "keeper"


def health(town: Town) -> dict[str, str]:
    """What /healthz says; {} where nobody answers."""
    asking = http.client.HTTPConnection("127.0.0.1", town.port, timeout=5)
    with contextlib.suppress(OSError, ValueError, http.client.HTTPException):
        asking.request("GET", "/healthz")
        said: dict[str, str] = json.loads(asking.getresponse().read())
        return said
    return {}


def beside(town: Town) -> list[str]:
    """The names of the processes beside the web that run here, as /healthz names them."""
    return [name for name, state in health(town).items() if name not in NOT_BESIDE and state != "off"]


def well(town: Town) -> bool:
    said = health(town)
    return bool(said) and set(said.values()) <= {"ok", "off", "low"}


def until_well(town: Town) -> float:
    """Seconds until every part is there and well again; a beat is good for eight seconds, so /healthz alone would not say."""
    begun = time.monotonic()
    while not (well(town) and set(beside(town)) | {WEB, KEEPER} == set(processes(town))):
        assert time.monotonic() - begun < WELL_SECONDS, (health(town) or "nobody answers", processes(town))
        time.sleep(0.05)
    return time.monotonic() - begun


def processes(town: Town) -> dict[str, int]:
    """Name → process id of all that may be killed."""
    assert town.server is not None
    found = {}
    for pid in machine.tree(town.server.pid):
        with contextlib.suppress(OSError):
            comm, line = Path(f"/proc/{pid}/comm").read_text("ascii").strip(), Path(f"/proc/{pid}/cmdline").read_bytes()
            if pid == town.server.pid:
                continue
            if comm.startswith("minan-"):
                found[comm.removeprefix("minan-")] = pid
            elif b"minan.kernel.keeper" in line:
                found[KEEPER] = pid
            elif b"\0serve\0" in line:
                found[WEB] = pid
    return found


def killed(pid: int, how: signal.Signals = signal.SIGKILL) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, how)


def took_in(town: Town) -> str:
    """The code of a matter that got in; tried again, each time as another one, until one is acknowledged."""
    until, said = time.monotonic() + WELL_SECONDS, None
    while time.monotonic() < until:
        with contextlib.suppress(OSError, http.client.HTTPException):
            said = town.post(secrets.token_hex(8), "朝阳社区东门口的路灯不亮", timeout=5)
            if said[0] in (200, 201):
                return str(said[1][0]["service_request_id"])
        time.sleep(0.1)
    raise AssertionError(f"no matter was taken in: {said}")


@pytest.fixture(scope="module")
def running(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One city for all of this, with as many processes as there can be."""
    here = Town(prepared, tmp_path_factory.mktemp("killed"))
    here.env |= EVERYTHING
    here.start()
    yield here
    here.kill()


@pytest.mark.bar("R16")
def test_whatever_is_killed_in_whatever_order_comes_back_by_itself_and_no_matter_is_lost(running: Town) -> None:
    until_well(running)
    assert "live" in beside(running)
    chance, kills, codes = random.Random(6), dict[str, int](), set[str]()
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        there = processes(running)
        name = chance.choice(sorted(there))
        killed(there[name])
        kills[name] = kills.get(name, 0) + 1
        codes.add(took_in(running))
        if chance.random() < 0.3:  # else the next dies while this one is still away
            until_well(running)
    print({"kills": kills, "matters": len(codes), "well again after the last, s": round(until_well(running), 1)})
    assert "0 faults" in minan(running.env, "verify").stdout
    with contextlib.closing(sqlite3.connect(running.data / "minan.sqlite3")) as records:
        assert codes <= {code for (code,) in records.execute("SELECT code FROM kernel_case")}, "what was acknowledged is there"


@pytest.mark.slow
@pytest.mark.bar("R16")
def test_a_part_that_hangs_is_named_by_health_and_well_again_when_it_is_killed(running: Town) -> None:
    """A killed process is back before eight seconds without a beat are over; one that hangs is not, and must be named."""
    until_well(running)
    names, there, begun = set(beside(running)), processes(running), time.monotonic()
    for name in names:
        killed(there[name], signal.SIGSTOP)
    while {name for name, state in health(running).items() if state == "down"} != names:
        assert time.monotonic() - begun < 30, "they hang and nobody says so"
        time.sleep(0.1)
    print({"named after, s": round(time.monotonic() - begun, 1), "parts": sorted(names)})
    assert "live" in names
    for name in names:
        killed(there[name])
    until_well(running)
    after = processes(running)
    assert not {there[name] for name in names} & {after[name] for name in names}, "others, started by the server itself"
