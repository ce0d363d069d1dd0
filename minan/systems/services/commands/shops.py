"""`minan shops FILE --by USER`: bring shops and trades in from a CSV, each once; what is wrong is told row by row."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from minan.kernel.access import actor
from minan.kernel.models import User
from minan.systems.services import importing

NAME = "shops"
HELP = "bring shops in from a CSV, each once by its licence; rows that cannot be taken go to FILE.rejected.csv with the reason"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path)
    parser.add_argument("--by", required=True, help="the member of staff who answers for the list")


def run(args: argparse.Namespace) -> int:
    """0 where every row was taken, 1 where some were not, 2 where it is no such file or nobody."""
    user = User.objects.filter(username=args.by, is_active=True).first()
    try:
        if user is None:
            raise importing.BadFile(f"没有这个人 nobody of that name: {args.by}")
        done = importing.load(args.file, actor(user))
    except importing.BadFile as bad:
        print(bad, file=sys.stderr)
        return 2
    for n, _row, why in done.rejected:
        print(f"{args.file.name}:{n}: {why}", file=sys.stderr)
    print(f"{done.read} rows, {done.opened} new, {done.before} there before, {len(done.rejected)} not taken")
    return 1 if done.rejected else 0
