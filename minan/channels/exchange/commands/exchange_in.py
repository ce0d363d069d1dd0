"""`minan exchange in PARTNER FILE`: a partner's file (CSV, JSON, XLSX), each number once; what is rejected is written beside it."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from minan.channels.exchange import intake, known, tables
from minan.channels.exchange.partners import PartnersError

NAME = "exchange in"
HELP = (
    "bring in a partner's file of matters, each number once; rejected rows lie beside it, to be mended and given again"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("partner", help="its code in partners.toml")
    parser.add_argument("file", type=Path, help="CSV, JSON or XLSX with the partner's own columns")
    parser.add_argument("--preview", action="store_true", help="only say what would happen")


def run(args: argparse.Namespace) -> int:
    """0 when every row could be taken, 1 where some were rejected, 2 where the file or the partner is none."""
    now = datetime.now(UTC)
    try:
        partner = known.get(args.partner)
        if partner is None or not args.file.is_file():
            print("no such partner" if partner is None else f"no such file: {args.file}", file=sys.stderr)
            return 2
        rows = tables.rows_of(args.file.read_bytes(), args.file.name)
    except (PartnersError, tables.BadFile) as error:
        print(error, file=sys.stderr)
        return 2
    if args.preview:
        done = intake.preview(partner, rows, now)
    else:
        done = intake.bring(partner, rows, "file", now)
        intake.record(partner, "file", args.file.name, args.file.read_bytes(), done, now)
    print(f"{len(rows)} rows: " + ", ".join(f"{n} {what}" for what, n in done.counts.items()))
    beside = args.file.with_name(args.file.name + ".rejected.csv")
    if done.rejected and not args.preview:
        beside.write_bytes(intake.rejected_file(done.rejected))
        print(f"why: {beside}")
    return 1 if done.rejected else 0
