"""`minan extract OUT.jsonl`: the public extract as a file; OUT.zip carries the script and how to read it as well."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, date, datetime, time
from pathlib import Path

from minan.kernel.calendar import BEIJING
from minan.systems.proof import bundle, extract

NAME = "extract"
HELP = "write the anonymous public extract (k ≥ 10), one JSON line an event; OUT.zip adds the script that recomputes the figures"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("out", type=Path, help="OUT.jsonl or OUT.zip")
    parser.add_argument("--since", type=date.fromisoformat, help="matters opened from this day's week on (2026-10-05)")
    parser.add_argument("--until", type=date.fromisoformat, help="… up to the week before this day's")


def _moment(day: date | None) -> datetime | None:
    return datetime.combine(day, time(12), BEIJING) if day else None


def run(args: argparse.Namespace) -> int:
    """0 when the file is whole."""
    now, since, until = datetime.now(UTC), _moment(args.since), _moment(args.until)
    if args.out.suffix == ".zip":
        found = bundle.write(args.out, now, since, until)
    else:
        part = args.out.with_name(args.out.name + ".part")
        with part.open("w", encoding="utf-8") as file:
            found = extract.make(file.write, now, since, until)
        part.replace(args.out)
    print(
        f"{found.matters - found.suppressed} matters, {found.lines} lines, {found.suppressed} matters left out",
        file=sys.stderr,
    )
    return 0
