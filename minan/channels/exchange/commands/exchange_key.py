"""`minan exchange key PARTNER`: makes the two keys of a partner in KEYS and shows them once, to be handed over by a safe way."""

from __future__ import annotations

import argparse
import secrets
import sys

from minan.channels.exchange import known
from minan.channels.exchange.partners import PartnersError
from minan.lib import folders

NAME = "exchange key"
HELP = "make a partner's keys (in_key signs its calls to us, out_key ours to it) in KEYS/exchange and show them once"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("partner", help="its code in partners.toml")


def run(args: argparse.Namespace) -> int:
    """0 when they were made; 1 where the partner has keys already: these stay, remove the file to make new ones."""
    try:
        if known.get(args.partner) is None:
            print("no such partner", file=sys.stderr)
            return 2
    except PartnersError as error:
        print(error, file=sys.stderr)
        return 2
    file = known.key_file(args.partner)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = f'in_key = "{secrets.token_hex(32)}"\nout_key = "{secrets.token_hex(32)}"\n'
    if not folders.write_once(file, text):
        print(f"there are keys already: {file}", file=sys.stderr)
        return 1
    print(text, end="")
    return 0
