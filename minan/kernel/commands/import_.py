"""`minan import messages FILE --source NAME [--history]`: bring another system's messages in, each once."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from minan.kernel import imports, opening, worker

NAME = "import messages"
HELP = "bring in messages of another system from a CSV (id,user,title,at,text), each once; goes on where it was"
BAR = 30


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", type=Path, help="a CSV in UTF-8 with the header id,user,title,at,text[,place,place_words,kind,phone,…]"
    )
    parser.add_argument(
        "--source", required=True, help="what the other system is called here; with the id it makes the key"
    )
    parser.add_argument(
        "--history", action="store_true", help="as closed history: searchable, no clocks, nobody told, in no rate"
    )


def run(args: argparse.Namespace) -> int:
    """0 when the whole file went through; the rows that could not be taken are counted and written beside it."""
    if not args.file.is_file():
        sys.exit(f"no such file: {args.file}")
    if not opening.home_place():
        sys.exit("no city is loaded yet: `minan city load FOLDER` first")
    try:
        total = sum(1 for _ in imports.rows_of(args.file))
        done = imports.bring(args.file, args.source, datetime.now(UTC), history=args.history, told=bar(total))
    except ValueError as error:
        sys.exit(str(error))
    while worker.fan_out() + worker.deliver():  # found at once, also where no server runs yet
        pass
    print(f"{done.read} rows: {done.opened} taken in, {done.before} were there, {len(done.rejected)} refused")
    if done.rejected:
        print(f"why: {imports.rejected_path(args.file)}")
    return 0


def bar(total: int) -> Callable[[int], None]:
    """Draws how far it is, on a terminal only."""

    def draw(done: int) -> None:
        full = BAR * done // max(total, 1)
        end = "\n" if done >= total else ""
        print(f"\r[{'#' * full}{'.' * (BAR - full)}] {done}/{total}", end=end, file=sys.stderr, flush=True)

    return draw if sys.stderr.isatty() else lambda _: None
