"""`minan rulebook FILE`: write all that the city administers into one file; the administrators' page brings one in, by two people."""

from __future__ import annotations

import argparse
from pathlib import Path

from minan.kernel import rulebook

NAME = "rulebook"
HELP = "write kinds, questions, limits, duties, grounds, answers, hours and rest days into one file to review or bring elsewhere"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path)


def run(args: argparse.Namespace) -> int:
    """0 when written."""
    args.file.write_bytes(rulebook.take_out())
    print(f"{args.file}: {args.file.stat().st_size:,} bytes")
    return 0
