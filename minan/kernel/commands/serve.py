"""`minan serve`: the web pages and the worker, for a real city."""

from __future__ import annotations

import argparse
import sys

from django.conf import settings

from minan.kernel import migrations_state, serving

NAME = "serve"
HELP = "serve this city (refuses a DATA made by `minan demo`)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None: everything is said by the environment."""


def run(args: argparse.Namespace) -> int:
    """Serve until SIGTERM."""
    if settings.DEMO or migrations_state.made_by_demo():
        sys.exit(
            f"{settings.DATA} was made by `minan demo`: anyone can sign in there with one click. Give another DATA=folder."
        )
    if migrations_state.pending():
        sys.exit(
            "the database is not as this program expects it: run `minan migrate` first (and `minan backup` before it)"
        )
    return serving.serve()
