"""`minan verify`: check every chain, body, row, count, picture and the log, also against what others hold; say what is wrong."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from minan.kernel import verify

NAME = "verify"
HELP = "check every record against its chain; exit code 1 and every fault by name if anything is wrong"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quiet", action="store_true", help="say only what is wrong")
    parser.add_argument(
        "--checkpoint", action="append", default=[], type=Path, metavar="FILE", help="a saved checkpoint or receipt"
    )
    parser.add_argument(
        "--witness", type=Path, metavar="FOLDER", help="a witness's folder: the first row touched is named exactly"
    )
    parser.add_argument(
        "--promises", action="append", default=[], type=Path, metavar="FILE", help="promises or receipts"
    )


def run(args: argparse.Namespace) -> int:
    """0 where everything holds."""
    begun = time.monotonic()

    def told(cases: int) -> None:
        if sys.stderr.isatty() and not args.quiet:
            print(f"\r{cases} cases", end="", file=sys.stderr, flush=True)

    held = verify.Held(tuple(args.checkpoint), args.witness, tuple(args.promises))
    missing = [path for path in (*held.checkpoints, *held.promises, *filter(None, [held.witness])) if not path.exists()]
    if missing:
        print(f"{missing[0]}: there is no such file", file=sys.stderr)
        return 1
    report = verify.check(told, held=held)
    if held != verify.Held() and not verify.others():
        print("no folder here keeps a log: nothing was held against what was brought", file=sys.stderr)
        return 1
    if sys.stderr.isatty() and not args.quiet:
        print(file=sys.stderr)
    for where, what in report.faults:
        print(f"{where}: {what}", file=sys.stderr)
    for what in report.said:
        print(what)
    if report.wrong > len(report.faults):
        print(f"… and {report.wrong - len(report.faults)} more", file=sys.stderr)
    if not args.quiet:
        print(
            f"{report.cases} cases, {report.events} events, {report.erased} bodies erased, {report.pictures} pictures, "
            f"{report.wrong} faults, {time.monotonic() - begun:.1f} s; heads {report.heads[:16]}"
        )
    return 1 if report.wrong else 0
