"""`minan migrate`: bring the database to what this version of the program expects."""

from __future__ import annotations

import argparse

from minan.kernel import migrations_state

NAME = "migrate"
HELP = "bring the database up to date (make a backup first)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="only say what is missing; exit code 1 if anything is")


def run(args: argparse.Namespace) -> int:
    """Print what was applied, or with --check what would be."""
    names = migrations_state.pending() if args.check else migrations_state.migrate()
    for name in names:
        print(name)
    return 1 if args.check and names else 0
