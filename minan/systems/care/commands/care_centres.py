"""`minan care-centres FILE`: bring a city's care_centres.csv into the register of care centres 托养中心 and their beds."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from minan.systems.care import centres

NAME = "care-centres"
HELP = "load the care centres and their beds (care_centres.csv); checks everything first, deletes nothing"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="such as city/langfang/care_centres.csv")


def run(args: argparse.Namespace) -> int:
    """0 when loaded; 1 with every fault on its own line."""
    try:
        done = centres.load(args.file)
    except centres.Wrong as wrong:
        print("\n".join(wrong.faults), file=sys.stderr)
        return 1
    print(f"{done['centres']} centres, {done['beds']} beds")
    return 0
