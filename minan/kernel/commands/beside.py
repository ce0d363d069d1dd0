"""`minan beside NAME`: one process beside the web pages, alone (the server starts them by itself)."""

from __future__ import annotations

import argparse
import sys

from minan.kernel import beside
from minan.lib import starters

NAME = "beside"
HELP = "run one process beside the web pages: live, bus, help … (on a machine of its own, or under systemd)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("process", help="its name")
    parser.add_argument("--with-parent", action="store_true", help="stop when the process that started this one is gone")


def run(args: argparse.Namespace) -> int:
    """Work until SIGTERM or SIGINT."""
    if args.process not in beside.modules():
        sys.exit(f"no process {args.process!r}: there are {', '.join(beside.modules()) or 'none'}")
    beside.work_as(args.process, starters.starter() if args.with_parent else 0)
    return 0
