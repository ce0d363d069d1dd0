"""`minan worker`: clocks, telling and counting, in a process of its own (PostgreSQL)."""

from __future__ import annotations

import argparse
import os
import signal
import threading
import time

from minan.kernel import worker

NAME = "worker"
HELP = "run the worker alone: clocks, messages, counts (beside `minan serve` on other machines)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--with-parent", action="store_true", help="stop when the process that started this one is gone"
    )


def run(args: argparse.Namespace) -> int:
    """Work until SIGTERM or SIGINT; what is in hand is finished first."""
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    if args.with_parent:
        threading.Thread(target=_watch, args=(os.getppid(), stop), daemon=True).start()
    worker.run(stop)
    return 0


def _watch(parent: int, stop: threading.Event) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    stop.set()
