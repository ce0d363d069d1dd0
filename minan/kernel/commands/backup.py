"""`minan backup FOLDER [--follow SECONDS]`: copy everything but the keys, while the city works."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path

from minan.kernel import backup, dumps, following

NAME = "backup"
HELP = "copy records and pictures into a new folder, while running; never the keys"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="a new or empty folder, best on another machine")
    parser.add_argument(
        "--keep-days",
        type=int,
        default=backup.KEEP_DAYS,
        help="remove older backups beside this one once it is whole: so what was erased is in none for longer (0: remove none)",
    )
    parser.add_argument(
        "--follow",
        type=float,
        metavar="SECONDS",
        help="stay and add what changed every so many seconds (SQLite): at most these are lost",
    )


def run(args: argparse.Namespace) -> int:
    """0 when the backup is whole; with --follow it runs until SIGTERM."""
    try:
        if args.follow is not None:
            stop = threading.Event()
            for name in (signal.SIGTERM, signal.SIGINT):
                signal.signal(name, lambda *_: stop.set())
            print(f"following into {args.folder} every {args.follow:g} s", flush=True)
            following.run(args.folder, max(args.follow, 0.2), stop)
            return 0
        manifest = backup.make(args.folder)
    except (backup.Refused, dumps.Missing) as refused:
        sys.exit(str(refused))
    counts = manifest["counts"]
    print(
        f"{args.folder}: {counts['case']} cases, {counts['event']} events, {counts['attachment']} pictures; heads {counts['heads'][:16]}"
    )
    for old in backup.prune(args.folder, args.keep_days) if args.keep_days else ():
        print(f"removed, older than {args.keep_days} days: {old}")
    print("the keys are not inside: keep a copy of KEYS apart from this one")
    return 0
