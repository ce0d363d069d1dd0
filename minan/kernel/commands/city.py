"""`minan city load FOLDER`: bring a city's places, units, kinds, rules and people into the tables."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from minan.kernel import cities

NAME = "city load"
HELP = "load a city's folder (places, units, kinds, duties, limits, posts); checks everything first"
SHOWN = 50  # faults


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="such as city/langfang")
    parser.add_argument("--check", action="store_true", help="only say what is wrong, load nothing")


def run(args: argparse.Namespace) -> int:
    """0 when loaded (or, with --check, when nothing is wrong); 1 with every fault on its own lines."""
    if not args.folder.is_dir():
        sys.exit(f"no such folder: {args.folder}")
    faults = cities.read(args.folder).faults
    if not faults and not args.check:
        cities.report(cities.load(args.folder), print)
    for fault in faults[:SHOWN]:
        print(f"{fault.into('zh')}\n  {fault.into('en')}", file=sys.stderr)
    if len(faults) > SHOWN:
        print(f"… {len(faults) - SHOWN} more / 另有 {len(faults) - SHOWN} 处", file=sys.stderr)
    return 1 if faults else 0
