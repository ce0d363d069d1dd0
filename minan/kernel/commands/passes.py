"""The keys that sign passes for doors: how many there are, a new one in its turn, or all new at once after a theft."""

from __future__ import annotations

import argparse

from django.db import transaction
from django.utils import timezone

from minan.kernel import house, passes

NAME = "passes"
HELP = "the keys that sign passes for doors: `status`, `rotate` (signs after a day), `rotate --at-once` after a theft: every pass ends"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=("status", "rotate"), nargs="?", default="status")
    parser.add_argument(
        "--at-once", action="store_true", help="the old keys are stolen: they and all passes they signed end now"
    )


def run(args: argparse.Namespace) -> int:
    """0. What was done stands in the register."""
    now = timezone.now()
    if args.what == "rotate":
        with transaction.atomic():
            house.note("key", "", {"passes": "rotate", "at_once": args.at_once})
            passes.rotate(at_once=args.at_once, now=now)
    said = passes.listed(now)
    print(
        f"{len(said['keys'])} keys are trusted by doors, list number {said['n']}, {len(said['void'])} passes on it are void"
    )
    return 0
