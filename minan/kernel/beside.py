"""Processes beside the web pages: each a folder's process.py, found and not listed, started with the server and again when it dies.

Such a module says NAME ("live", ≤ 15 letters), `wanted()` (is it configured here) and `run(stop)`, which works until `stop` is set
and calls `beat(NAME)` at least every BEAT_MOST seconds; that is how /healthz, in another process, knows that it lives. One that listens
on a port of its own says in `door()` by which setting, on which address and port.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from functools import cache, partial
from pathlib import Path
from types import ModuleType

from django.conf import settings
from django.db import connections

from minan.lib import starters

HERE = Path(__file__).resolve().parent.parent
FOUND = ("kernel/live/process.py", "channels/*/process.py", "channels/*/*/process.py", "systems/*/process.py")
COMM = Path("/proc/self/comm")  # who looks at the machine's processes sees which this is
STOP_SECONDS, WATCH_SECONDS = 15, 1
LASTED_SECONDS, PAUSE_MOST = 3, 15  # one that does not last is started more slowly each time
BEAT_MOST, BEAT_OLD = 2.0, 8.0  # seconds
OK, DOWN, OFF = "ok", "down", "off"
_beaten: dict[str, float] = {}


@cache
def modules() -> dict[str, ModuleType]:
    """NAME → module of every process that there could be."""
    names = [".".join(("minan", *p.relative_to(HERE).with_suffix("").parts)) for one in FOUND for p in sorted(HERE.glob(one))]
    return {str(module.NAME): module for module in map(importlib.import_module, names)}


def wanted() -> list[str]:
    """The names of those that run here."""
    return [name for name, module in modules().items() if module.wanted()]


def doors() -> list[tuple[str, str, int]]:
    """(setting, address, port) of every port that a process running here will listen on."""
    return [modules()[name].door() for name in wanted() if hasattr(modules()[name], "door")]


def _beat_file(name: str) -> Path:
    return Path(settings.DATA) / f"{name}.beat"


def beat(name: str) -> None:
    """The process of this name lives: told through the time of a file, at most once a second. A full disk stops nobody."""
    now = time.monotonic()
    if now - _beaten.get(name, -1.0) < 1.0:
        return
    _beaten[name] = now
    path = _beat_file(name)
    with contextlib.suppress(OSError):  # a full or read-only disk is told by /healthz itself
        try:
            os.utime(path)
        except FileNotFoundError:
            path.touch(mode=0o600)


def states() -> dict[str, str]:
    """Every process there could be: ok, down (no beat for BEAT_OLD seconds) or off (not configured here)."""
    return {name: _state(name) if module.wanted() else OFF for name, module in modules().items()}


def _state(name: str) -> str:
    try:
        return OK if time.time() - _beat_file(name).stat().st_mtime < BEAT_OLD else DOWN
    except OSError:
        return DOWN


# ---- the process itself


def work(run: Callable[[threading.Event], None], title: str, parent: int) -> None:
    """Run until SIGTERM, SIGINT, or until `parent` (0: nobody) is gone; what is in hand is finished first."""
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    with contextlib.suppress(OSError):
        COMM.write_text(title, "ascii")
    if parent:
        threading.Thread(target=_end_with, args=(parent, stop), daemon=True).start()
    run(stop)


def work_as(name: str, parent: int) -> None:
    """As `work`, for the process of this name."""
    connections.close_all()
    work(modules()[name].run, f"minan-{name}", parent)


def _end_with(parent: int, stop: threading.Event) -> None:
    while os.getppid() == parent:
        time.sleep(WATCH_SECONDS)
    stop.set()


# ---- for who starts it


def _nothing() -> object:
    return None


class Beside:
    """A process beside the web processes, started again when it ends by itself: at once, and slower where it does not last.

    `first`: run in a fork at the first start, which shares the memory of all that is loaded; every later start is the command's.
    """

    def __init__(self, command: list[str], first: Callable[[], object] | None = None) -> None:
        self.command, self.first = command, first
        self.pid = 0
        self.wait: Callable[[], object] = _nothing
        self.stopping, self.watcher = threading.Event(), threading.Thread(target=self._keep, daemon=True)

    def start(self) -> None:
        """Start it, and somebody who watches it."""
        self.begin()
        self.watcher.start()

    def begin(self) -> None:
        """Start it; whoever calls this starts the watcher."""
        if self.first:
            self._fork(self.first)
        else:
            self._spawn()

    def stop(self) -> None:
        """End it; after STOP_SECONDS by force."""
        stop_all([self])

    def ask(self, name: signal.Signals) -> None:
        """Send it a signal and do not wait; once it is asked to end, nobody starts it again."""
        self.stopping.set()
        if self.pid and self.watcher.is_alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, name)

    def _spawn(self) -> None:
        process = subprocess.Popen(self.command, env=starters.told())
        self.pid, self.wait = process.pid, process.wait

    def _fork(self, work: Callable[[], object]) -> None:
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                work()
                code = 0
            finally:
                os._exit(code)
        self.pid, self.wait = pid, lambda: os.waitpid(pid, 0)

    def _keep(self) -> None:
        pause = WATCH_SECONDS
        while True:
            begun = time.monotonic()
            self.wait()
            pause = WATCH_SECONDS if time.monotonic() - begun > LASTED_SECONDS else min(pause * 2, PAUSE_MOST)
            if self.stopping.wait(pause):
                return
            try:
                self._spawn()
            except OSError:  # no memory or no process to be had just now: tried again, slower each time
                self.pid, self.wait = 0, _nothing


def stop_all(processes: Iterable[Beside]) -> None:
    """End them all at the same time; whoever still lives after STOP_SECONDS, by force. However many: it lasts no longer than for one."""
    left = list(processes)
    for name, seconds in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, WATCH_SECONDS)):
        for process in left:
            process.ask(name)
        until = time.monotonic() + seconds
        for process in left:
            if process.watcher.is_alive():
                process.watcher.join(max(0.0, until - time.monotonic()))
        left = [process for process in left if process.watcher.is_alive()]


def command(*words: str) -> list[str]:
    """How this program's command is started as a process that ends with this one."""
    return [sys.executable, "-m", "minan", *words, "--with-parent"]


def all_wanted() -> list[Beside]:
    """Every process of a folder that runs here, not started yet."""
    return [Beside(command("beside", name), first=partial(work_as, name, os.getpid())) for name in wanted()]
