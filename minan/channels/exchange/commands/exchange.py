"""`minan exchange check`: reads partners.toml and says what is wrong with it, or what each partner does."""

from __future__ import annotations

import argparse
import sys

from minan.channels.exchange import known
from minan.channels.exchange.partners import PartnersError

NAME = "exchange check"
HELP = "read the city's partners.toml: every fault, or what each partner sends and takes"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("partner", nargs="?", default="", help="only this one")


def run(args: argparse.Namespace) -> int:
    """0 where the file is sound."""
    try:
        partners = known.partners()
    except PartnersError as error:
        print(error, file=sys.stderr)
        return 2
    for code, one in sorted(partners.items()):
        if args.partner in ("", code):
            held = ", ".join(sorted(known.keys(code))) or "no keys"
            print(f"{code}: {one.name}; in by {', '.join(one.ways_in)}; out by {one.way_out}; {held}")
    return 0
