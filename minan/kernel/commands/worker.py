"""`minan worker`: clocks, telling and counting, in a process of its own (PostgreSQL)."""

from __future__ import annotations

import argparse
import os
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path

from minan.kernel import worker
from minan.lib import starters

COMM, TITLE = Path("/proc/self/comm"), "minan-worker"
NAME = "worker"
HELP = "run the worker alone: clocks, messages, counts (beside `minan serve` on other machines)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--with-parent", action="store_true", help="stop when the process that started this one is gone"
    )


def run(args: argparse.Namespace) -> int:
    """Work until SIGTERM or SIGINT; what is in hand is finished first."""
    _work(starters.starter() if args.with_parent else 0)
    return 0


def alone(parent: int) -> None:
    """In a fork of the program that serves, until it is gone or says stop; what it loaded is loaded here."""
    _work(parent)


def _work(parent: int) -> None:
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    with suppress(OSError):
        COMM.write_text(TITLE, "ascii")  # who looks at the machine's processes sees which this is
    if parent:
        threading.Thread(target=_watch, args=(parent, stop), daemon=True).start()
    worker.run(stop)


def _watch(parent: int, stop: threading.Event) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    stop.set()
