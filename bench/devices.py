"""A storm of device messages on a city as it is served: `python -m bench.devices --rate 2000 --seconds 60 --presses 50` → JSON.

A demo city with its own broker or with Mosquitto; a generator (bench/community.py) over real MQTT, whose own processor time is told;
the help lane itself, with people enrolled whose buttons are pressed; somebody who opens pages all the while. tests/test_s2_storm.py
holds the bar.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import machine
from bench.base import ROOT
from tools import ports


@dataclass
class City:
    """A demo as `minan demo` serves it."""

    folder: Path
    port: int = field(default_factory=ports.free)
    bus: str = ""

    @property
    def env(self) -> dict[str, str]:
        own = {"DATA": str(self.folder / "data"), "KEYS": str(self.folder / "keys"), "PORT": str(self.port), "PYTHONPATH": str(ROOT)}
        bus = {"MINAN_BUS": self.bus} if self.bus else {"MINAN_BUS_PORT": str(ports.free())}
        kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "MINAN_KEEPER")}
        return kept | own | bus | {"MINAN_HTTP": "1", "DJANGO_SETTINGS_MODULE": "minan.settings"}


def ready(city: City, env: dict[str, str]) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "minan", "demo", "--empty"], cwd=ROOT, env=env, text=True, stdout=subprocess.PIPE, start_new_session=True
    )
    line = process.stdout.readline() if process.stdout else ""
    assert line.startswith("ready"), line
    end = time.monotonic() + 30
    while time.monotonic() < end and health(city).get("bus") != "ok":
        time.sleep(0.2)
    return process


def health(city: City) -> dict[str, Any]:
    with contextlib.suppress(OSError, ValueError), urllib.request.urlopen(f"http://127.0.0.1:{city.port}/healthz", timeout=5) as got:
        found: dict[str, Any] = json.load(got)
        return found
    return {}


class Ears:
    """How long the help lane took over each press: from the button's own clock until it reads on its topic that somebody is rung.

    A connection of the city's, beside the lane's own: it hears every press and every answer to one.
    """

    def __init__(self) -> None:
        from minan.kernel.bus import Line  # once Django is set up

        self.late: dict[int, float] = {}
        self.pressed: dict[str, deque[tuple[int, float]]] = defaultdict(deque)
        self.answers: dict[str, deque[float]] = defaultdict(deque)  # heard before the press that they answer
        self.line = Line("ears", self.hear, ["minan/+/+/press", "minan/+/+/taken"], qos=1)

    def hear(self, message: Any) -> None:
        now, said = time.time(), json.loads(message.payload)
        _, _, device, prop = message.topic.split("/")
        if prop == "press":
            if said["id"] not in self.late and all(said["id"] != one for one, _ in self.pressed[device]):
                self.pressed[device].append((said["id"], said["at"]))
        elif said.get("taken"):
            self.answers[device].append(now)
        while self.pressed[device] and self.answers[device]:
            number, at = self.pressed[device].popleft()
            self.late[number] = max(0.0, self.answers[device].popleft() - at)


class Pages(threading.Thread):
    """Somebody who opens pages all the while."""

    def __init__(self, city: City) -> None:
        super().__init__(daemon=True)
        self.city, self.took, self.wrong, self.ended = city, [0.0][:0], 0, threading.Event()

    def run(self) -> None:
        while not self.ended.wait(0.15):
            for path in ("/", "/proof/", "/devices/cameras/131022100010/"):
                begun = time.monotonic()
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{self.city.port}{path}", timeout=10).read()
                except OSError:
                    self.wrong += 1
                self.took.append(time.monotonic() - begun)


def share(values: list[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")


@contextlib.contextmanager
def mosquitto(folder: Path) -> Iterator[str]:
    """Debian's broker on a free port; its address."""
    port = ports.free()
    config = folder / "minan.conf"
    config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 0\n")
    process = subprocess.Popen([str(MOSQUITTO), "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield f"mqtt://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def stormed(city: City, rate: int, seconds: int, devices: int, presses: int) -> dict[str, Any]:
    """Play it and measure; the figures as one dictionary."""
    from django.conf import settings  # once Django is set up

    from minan.kernel.bus.accounts import program_secret  # as above

    env = city.env
    process = ready(city, env)
    before = settings.BUS, settings.KEYS
    settings.KEYS = Path(env["KEYS"])
    settings.BUS = city.bus or f"mqtt://minan:{program_secret()}@127.0.0.1:{env['MINAN_BUS_PORT']}"
    ears, pages = Ears(), Pages(city)
    try:
        assert ears.line.wait(15)
        pages.start()
        words = ["--devices", str(devices), "--rate", str(rate), "--seconds", str(seconds), "--presses", str(presses)]
        player = subprocess.Popen([sys.executable, "-m", "bench.community", *words], cwd=ROOT, env=env, text=True, stdout=subprocess.PIPE)
        assert player.stdout is not None
        assert player.stdout.readline().strip() == "begun"
        time.sleep(seconds / 4)
        first = machine.pss(process.pid)
        said = player.communicate(timeout=seconds + 120)[0]
        last = machine.pss(process.pid)
        pages.ended.set()
        pages.join(15)
        found: dict[str, Any] = json.loads(said.strip().splitlines()[-1])
        late = list(ears.late.values())
        return found | {
            "heard": len(late), "call_p50": statistics.median(late), "call_p99": share(late, 0.99), "call_max": max(late),
            "pages": len(pages.took), "page_p99": share(pages.took, 0.99), "page_wrong": pages.wrong,
            "memory_mb": [round(first), round(last)],
            "cpu_seconds": cpu(process.pid),
            "counts": counts(env, found["sent"]), "health": health(city),
        }  # fmt: skip
    finally:
        ears.line.close()
        settings.BUS, settings.KEYS = before
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(30)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def counts(env: dict[str, str], sent: int) -> dict[str, int]:
    """What the city wrote of it, once it has written all: counts of messages, alarm cases, alerts told again."""
    found: dict[str, int] = {}
    for _ in range(5):
        found = _counts(env)
        if found.get("heard", 0) >= sent:
            break
        time.sleep(3)
    return found


def _counts(env: dict[str, str]) -> dict[str, int]:
    program = (
        "from minan.kernel.models import BusCount, Case, Event\n"
        "import json\n"
        "rows = dict(BusCount.objects.values_list('reason', 'count'))\n"
        "rows['alarm_cases'] = Case.objects.filter(procedure='alarm', title__contains='模拟').count()\n"
        "rows['again'] = Event.objects.filter(step='again').count()\n"
        "print(json.dumps(rows))\n"
    )
    code = f"import django; django.setup()\n{program}"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, text=True, capture_output=True, timeout=60, check=True)
    found: dict[str, int] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def cpu(pid: int) -> dict[str, float]:
    """Processor seconds so far, by the name of the process."""
    out: dict[str, float] = {}
    for one in machine.tree(pid):
        with contextlib.suppress(OSError, IndexError):
            name = Path(f"/proc/{one}/comm").read_text("ascii").strip()
            fields = Path(f"/proc/{one}/stat").read_text("ascii").rsplit(")", 1)[1].split()
            out[name] = round(out.get(name, 0.0) + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), 1)
    return out


def main() -> None:
    """Prints the figures as one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=300)
    parser.add_argument("--rate", type=int, default=2000)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--presses", type=int, default=20)
    parser.add_argument("--broker", choices=("own", "mosquitto"), default="own")
    args = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minan.settings")
    import django  # only to measure

    django.setup()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        address = stack.enter_context(mosquitto(Path(folder))) if args.broker == "mosquitto" else ""
        found = stormed(City(Path(folder), bus=address), args.rate, args.seconds, args.devices, args.presses)
    print(json.dumps({"bench": "devices", "broker": args.broker} | found))


if __name__ == "__main__":
    main()
