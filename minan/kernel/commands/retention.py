"""`minan retention [--dry]`: forget what need not be kept any longer, or only say what that would be."""

from __future__ import annotations

import argparse

from minan.kernel import retention

NAME = "retention"
HELP = "erase what has been kept for its time (the worker does it by itself); --dry only counts it"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry", action="store_true", help="erase nothing, only say how much it would be")


def run(args: argparse.Namespace) -> int:
    """0; one line a sort."""
    found = retention.sweep(dry=True) if args.dry else retention.daily()
    for name, count in sorted(found.items()):
        print(f"{name:<12}{count:>8}")
    if not found:
        print("nothing is due")
    return 0
