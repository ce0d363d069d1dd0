"""`minan verify`: check every chain, every body, every row and every picture; say what is wrong."""

from __future__ import annotations

import argparse
import sys
import time

from minan.kernel import verify

NAME = "verify"
HELP = "check every record against its chain; exit code 1 and every fault by name if anything is wrong"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quiet", action="store_true", help="say only what is wrong")


def run(args: argparse.Namespace) -> int:
    """0 where everything holds."""
    begun = time.monotonic()

    def told(cases: int) -> None:
        if sys.stderr.isatty() and not args.quiet:
            print(f"\r{cases} cases", end="", file=sys.stderr, flush=True)

    report = verify.check(told)
    if sys.stderr.isatty() and not args.quiet:
        print(file=sys.stderr)
    for where, what in report.faults:
        print(f"{where}: {what}", file=sys.stderr)
    if report.wrong > len(report.faults):
        print(f"… and {report.wrong - len(report.faults)} more", file=sys.stderr)
    if not args.quiet:
        print(
            f"{report.cases} cases, {report.events} events, {report.erased} bodies erased, {report.pictures} pictures, "
            f"{report.wrong} faults, {time.monotonic() - begun:.1f} s; heads {report.heads[:16]}"
        )
    return 1 if report.wrong else 0
