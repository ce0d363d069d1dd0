"""R5: PostgreSQL is stopped and answers nobody. Every thread of the web would wait for it: a press for help is taken all the same."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import pathlib
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from bench import machine
from tests.faults.town import HERE, Town, minan
from tools import postgres

ENROL = """
import django; django.setup()
from minan.systems.help.tests import cast
print(cast.SECRETS[cast.enrolled().code])
"""
MANY = 40  # requests that ask the records: more than all threads of all web processes
PRESS_SECONDS = 2.0


def until(true: Callable[[], Any], seconds: float = 90.0) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := true():
            return found
        time.sleep(0.05)
    raise AssertionError("waited in vain")


class Stopped:
    """A city on a PostgreSQL of its own that can be stopped, and 王秀兰's phone with its secret."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="minan-hangs-"))  # pytest closes its own folders to PostgreSQL's user
        self.url = postgres.start(self.folder)
        (folder / "prepared" / "data").mkdir(parents=True)
        (folder / "prepared" / "keys").mkdir(mode=0o700)
        self.town = Town(folder / "prepared", folder)
        self.town.env |= {"DATABASE_URL": self.url, "DJANGO_SETTINGS_MODULE": "minan.settings", "MINAN_BUS": "off"}
        minan(self.town.env, "migrate")
        minan(self.town.env, "city", "load", "city/langfang")
        done = subprocess.run([sys.executable, "-c", ENROL], cwd=HERE, env=self.town.env, capture_output=True, text=True, check=True)
        self.secret = done.stdout.split()[-1]

    def servers(self, name: signal.Signals) -> None:
        """A signal to every process of PostgreSQL, whom it serves just now among them."""
        first = int((self.folder / "cluster" / "postmaster.pid").read_text().split()[0])
        for pid in {first, *machine.tree(first)}:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, name)

    def ask(self, path: str, seconds: float, press: str = "") -> tuple[int, Any, bytes]:
        """(status, headers, body). OSError where nobody answers in time."""
        asking = http.client.HTTPConnection("127.0.0.1", self.town.port, timeout=seconds)
        with contextlib.closing(asking):
            headers = {"Cookie": f"help={self.secret}", "Accept": "application/json"}
            if press:
                asking.request("POST", path, f"press={press}", headers | {"Content-Type": "application/x-www-form-urlencoded"})
            else:
                asking.request("GET", path, headers=headers)
            answer = asking.getresponse()
            return answer.status, answer.headers, answer.read()

    def try_to_ask(self, path: str, seconds: float) -> int:
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.ask(path, seconds)[0]
        return 0


@pytest.fixture
def here(tmp_path: pathlib.Path) -> Iterator[Stopped]:
    if not postgres.programs():
        pytest.skip("not run: R5, a database that hangs (initdb is not on this machine)")
    found = Stopped(tmp_path)
    yield found
    found.servers(signal.SIGCONT)
    found.town.kill()
    postgres.stop(found.folder)
    shutil.rmtree(found.folder, ignore_errors=True)


@pytest.mark.slow
@pytest.mark.bar("R5")
@pytest.mark.bar("S3")
def test_r5_a_press_for_help_is_taken_while_every_place_waits_for_a_database_that_hangs(here: Stopped) -> None:
    here.town.start()
    until(lambda: json.loads(here.ask("/help/state/", 10)[2]).get("known"))  # the lane has read who is enrolled
    assert here.ask("/proof/", 10)[0] == 200
    with ThreadPoolExecutor(MANY) as pool:
        here.servers(signal.SIGSTOP)
        waiting = [pool.submit(here.try_to_ask, "/open311/v2/requests.json", 120) for _ in range(MANY)]
        status, headers, _ = until(lambda: _refused(here))
        assert (status, headers["Retry-After"]) == (503, "2")
        press, took = secrets.token_hex(16), []
        for path, given in (("/help/", press), ("/help/", ""), ("/help/state/", ""), ("/help/", press)) * 3:
            begun = time.monotonic()
            status, _, body = here.ask(path, 20, given)
            took.append(time.monotonic() - begun)
            assert status == 200, (path, body[:200])
            if given:
                assert json.loads(body)["call"], "taken, and shown as it stands"
        assert sorted(took)[len(took) // 2] <= PRESS_SECONDS, took
        assert json.loads(here.ask("/healthz", 20)[2])["database"] == "down"
        here.servers(signal.SIGCONT)
        assert {one.result(120) for one in waiting} <= {200, 503}, "each was answered, or told to come back"
    assert until(lambda: here.try_to_ask("/proof/", 20) == 200), "nobody had to start anything again"
    with psycopg.connect(here.url, autocommit=True) as records:
        count = "SELECT count(*) FROM kernel_case WHERE procedure = 'help'"
        assert until(lambda: records.execute(count).fetchone() == (1,)), "and stands in the records, once"


def _refused(here: Stopped) -> tuple[int, Any, bytes] | None:
    """The answer to one more who asks the records, where it is told that they do not answer."""
    with contextlib.suppress(OSError, http.client.HTTPException):
        got = here.ask("/open311/v2/requests.json", 5)
        return got if got[0] == 503 else None
    return None
