"""`minan worker`: clocks, telling and counting, in a process of its own (PostgreSQL)."""

from __future__ import annotations

import argparse

from minan.kernel import beside, worker
from minan.lib import starters

NAME = "worker"
HELP = "run the worker alone: clocks, messages, counts (beside `minan serve` on other machines)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--with-parent", action="store_true", help="stop when the process that started this one is gone"
    )


def run(args: argparse.Namespace) -> int:
    """Work until SIGTERM or SIGINT; what is in hand is finished first."""
    alone(starters.starter() if args.with_parent else 0)
    return 0


def alone(parent: int) -> None:
    """Until `parent` (0: nobody) is gone or says stop; in a fork of the program that serves, what it loaded is loaded here."""
    beside.work(worker.run, "minan-worker", parent)
