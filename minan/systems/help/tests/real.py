"""The lane as it really runs, in a process of its own with its own DATA and no records; and a duty screen that hears what it is told."""

from __future__ import annotations

import json
import os
import pathlib
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings

from minan.systems.help import book, sealing, wire
from minan.systems.help.tests.virtual import person, units

ROOT = pathlib.Path(__file__).resolve().parents[4]
RUN = (
    "import django, threading, signal; django.setup(); from minan.systems.help import process; stop = threading.Event(); "
    "signal.signal(signal.SIGTERM, lambda *_: stop.set()); process.run(stop)"
)


class Screen:
    """What the live process hears, and the browser's answer that it rings."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.heard: dict[str, float] = {}
        self.held = os.open(folder, os.O_DIRECTORY)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.bind(f"/proc/self/fd/{self.held}/live.sock")
        self.socket.listen(8)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                line, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._listen, args=(line,), daemon=True).start()

    def _listen(self, line: socket.socket) -> None:
        while body := line.recv(16_384):
            data = json.loads(body)["data"]
            if data["press"] not in self.heard:
                self.heard[data["press"]] = time.time()
            threading.Thread(target=_seen, args=(data["seen"],), daemon=True).start()

    def close(self) -> None:
        self.socket.close()
        os.close(self.held)


def _seen(token: str) -> None:
    try:
        wire.ask({"op": "seen", "token": token, "channel": "screen"}, 5)
    except wire.Away:
        return


class RealLane:
    """Its process, killed and started at will. `settings.DATA` and `settings.KEYS` must be the folders given."""

    def __init__(self, data: pathlib.Path, keys: pathlib.Path, people: int) -> None:
        self.data, self.keys = data, keys
        book.save(book.Book({p["code"]: p for p in (person(n) for n in range(1, people + 1))}, units()))
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, seconds: float = 60.0) -> float:
        """Begin; returns after how many seconds it answered."""
        begun = time.monotonic()
        kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "MINAN_SECRET")}
        more = {"DATA": str(self.data), "KEYS": str(self.keys), "MINAN_HTTP": "1", "MINAN_BUS": "off"}
        more["DJANGO_SETTINGS_MODULE"] = "minan.settings"
        with (self.data / "lane.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", RUN], cwd=ROOT, env=kept | more, stdout=log, stderr=log
            )
        while time.monotonic() - begun < seconds:
            try:
                if wire.ask({"op": "ping"}, 1)["ok"]:
                    return time.monotonic() - begun
            except wire.Away:
                time.sleep(0.02)
        raise RuntimeError((self.data / "lane.log").read_text("utf-8")[-2000:])

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()

    def press(self, n: int) -> tuple[str, float, float]:
        """(press, when, seconds until it was taken) of person n, as the page hands it on: the same press until somebody has it."""
        press, begun = secrets.token_hex(16), time.time()
        while time.time() - begun < 60:
            try:
                answer = wire.ask({"op": "press", "cap": f"SECRET{n}", "press": press}, 5)
            except wire.Away:
                time.sleep(0.05)
                continue
            assert answer["ok"], answer
            return press, begun, time.time() - begun
        raise AssertionError("never taken")


def at_once(lane: RealLane, people: range, hands: int) -> list[tuple[str, float, float]]:
    """So many people press, by so many hands at once."""
    with ThreadPoolExecutor(hands) as pool:
        return list(pool.map(lane.press, people))


def here(data: pathlib.Path) -> tuple[pathlib.Path, pathlib.Path]:
    """DATA and KEYS of a lane, made and set in this process's settings, too."""
    keys = data / "keys"
    keys.mkdir(mode=0o700)
    settings.DATA, settings.KEYS = data, keys
    sealing.room()
    return data, keys


def until(found: Any, seconds: float = 20.0) -> Any:
    end = time.monotonic() + seconds
    while not (got := found()):
        assert time.monotonic() < end, "never came"
        time.sleep(0.02)
    return got
