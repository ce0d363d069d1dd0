"""The real server for a measurement: started as a city starts it, on a port that is free, and known to answer from our records."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench import machine
from bench.base import ROOT, Base
from tools import ports

TITLE = "minan-worker"  # as minan/kernel/commands/worker.py names its process


@dataclass
class Served:
    """A server under way. `start_seconds`: from the command to its word that it is ready."""

    process: subprocess.Popen[str]
    port: int
    start_seconds: float

    def worker(self) -> int:
        """The process id of the worker beside the web processes; 0 on SQLite, where it is a thread."""
        for pid in machine.tree(self.process.pid):
            with contextlib.suppress(OSError):
                if Path(f"/proc/{pid}/comm").read_text("ascii").strip() == TITLE:
                    return pid
        return 0


@contextlib.contextmanager
def minan(base: Base) -> Iterator[Served]:
    """`minan serve` on these records."""
    port, begun = ports.free(), time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "minan", "serve"],
        cwd=ROOT,
        env=base.env | {"PORT": str(port)},
        text=True,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        line = process.stdout.readline() if process.stdout else ""
        if not line.startswith("ready"):
            raise RuntimeError(f"the server did not start: {line!r}")
        yield Served(process, port, round(time.monotonic() - begun, 2))
    finally:
        _end(process)


@contextlib.contextmanager
def bare(base: Base) -> Iterator[Served]:
    """The bare Django beside it, on the same database."""
    port, begun = ports.free(), time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.bare", str(port)], cwd=ROOT, env=base.env, text=True, start_new_session=True
    )
    try:
        for _ in range(400):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
                break
            time.sleep(0.05)
        yield Served(process, port, round(time.monotonic() - begun, 2))
    finally:
        _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
