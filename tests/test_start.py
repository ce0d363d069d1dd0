"""Starting and stopping: one line when it answers, nothing left behind, and never a demo in place of a city."""

from __future__ import annotations

import http.client
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from tools import ports

HERE = pathlib.Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.slow


class City:
    """A DATA of its own and how to run `minan` on it."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.data = folder / "city"
        self.port = ports.free()
        self.started: list[subprocess.Popen[str]] = []

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("MINAN_") and name != "KEYS"}
        kept.pop("DATABASE_URL", None)
        return kept | {"DATA": str(self.data), "PORT": str(self.port), "MINAN_HTTP": "1"}

    def minan(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "minan", *words]
        return subprocess.run(
            command, cwd=HERE, env=self.environment(), capture_output=True, text=True, check=False, timeout=120
        )

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start a server; returns once it has said that it is ready."""
        command = [sys.executable, "-m", "minan", *words]
        process = subprocess.Popen(command, cwd=HERE, env=self.environment(), stdout=subprocess.PIPE, text=True)
        self.started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == f"ready http://127.0.0.1:{self.port}\n"
        return process

    def status(self, address: str) -> int:
        asking = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        asking.request("GET", address)
        return asking.getresponse().status

    def open(self) -> bool:
        with socket.socket() as trial:
            return trial.connect_ex(("127.0.0.1", self.port)) == 0


@pytest.fixture
def city(tmp_path: pathlib.Path) -> Iterator[City]:
    made = City(tmp_path)
    yield made
    for process in made.started:
        process.kill()
        process.communicate()


def test_a_city_is_served_and_stops_cleanly_and_serves_on(city: City) -> None:
    refused = city.minan("serve")
    assert refused.returncode == 1
    assert "minan migrate" in refused.stderr
    assert city.minan("migrate").returncode == 0
    for _ in range(2):
        process = city.start("serve")
        assert city.status("/") == 200
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=30)
        assert rest == ""
        assert process.returncode == 0
        assert not city.open()


def test_a_server_whose_parent_is_killed_leaves_nothing_behind(city: City) -> None:
    city.minan("migrate")
    process = city.start("serve")
    process.kill()
    process.wait()
    until = time.monotonic() + 20
    while city.open() and time.monotonic() < until:
        time.sleep(0.1)
    assert not city.open()


def test_an_empty_demo_signs_in_with_one_click_and_serve_refuses_it(city: City) -> None:
    process = city.start("demo", "--empty")
    assert city.status("/demo/") == 200
    second = city.minan("serve")
    process.terminate()
    process.communicate(timeout=30)
    assert second.returncode == 1
    assert "made by `minan demo`" in second.stderr
    (city.data / "demo").unlink()
    without_its_mark = city.minan("serve")
    assert "made by `minan demo`" in without_its_mark.stderr


@pytest.mark.parametrize(("beside", "setting"), [(0, "PORT"), (1, "MINAN_LIVE_PORT"), (3, "MINAN_BUS_PORT")])
def test_a_demo_says_at_once_which_of_its_ports_somebody_has(city: City, beside: int, setting: str) -> None:
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", city.port + beside))
        somebody.listen()
        refused = city.minan("demo", "--empty")
    assert refused.returncode == 1
    told = f"something else listens on port {city.port + beside} ({setting}): stop it, or give another, such as PORT="
    assert refused.stderr.startswith(told)
    assert refused.stderr.count("\n") == 1, "before anything is made, in one sentence"
    assert not (city.data / "minan.sqlite3").exists()


def test_a_demo_never_touches_a_real_city(city: City) -> None:
    city.minan("migrate")
    refused = city.minan("demo")
    assert refused.returncode == 1
    assert "real city" in refused.stderr
    assert not (city.data / "demo").exists()


def test_a_real_city_has_no_door_of_the_demo(city: City) -> None:
    city.minan("migrate")
    city.start("serve")
    assert city.status("/demo/") == 404
    assert city.status("/demo/admin/") == 404


def test_every_command_stands_in_the_help(city: City) -> None:
    said = city.minan("--help").stdout
    for word in ("demo", "serve", "worker", "migrate", "token"):
        assert f"    {word} " in said
    assert not city.data.exists()
