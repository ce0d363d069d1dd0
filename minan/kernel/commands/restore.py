"""`minan restore FOLDER`: bring a backup back into an empty DATA, and prove that it is whole."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from minan.kernel import backup, dumps, verify

NAME = "restore"
HELP = "bring a backup back into an empty DATA; refuses one in which a byte differs, then verifies every record"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="what `minan backup` made")
    parser.add_argument("--erased", type=Path, help="a newer erased.jsonl: what was erased since is erased again")
    parser.add_argument("--check", action="store_true", help="only say whether the backup is whole, restore nothing")


def run(args: argparse.Namespace) -> int:
    """0 when everything is back and every chain holds."""
    try:
        if args.check:
            print(
                f"whole: {backup.inspect(args.folder)['counts']['case']} cases and {len(backup.segments(args.folder))} pieces of log"
            )
            return 0
        manifest = backup.restore(args.folder, args.erased)
    except (backup.Refused, dumps.Missing, ValueError) as refused:
        sys.exit(str(refused))
    report = verify.check()
    for where, what in report.faults[:20]:
        print(f"{where}: {what}", file=sys.stderr)
    followed = bool(backup.segments(args.folder))
    if not followed and report.heads != manifest["counts"]["heads"]:
        print("the chains are not those of the manifest", file=sys.stderr)
        return 1
    print(f"{report.cases} cases, {report.events} events, {report.pictures} pictures are back; {report.wrong} faults")
    return 1 if report.wrong else 0
