"""`minan hotline key`: the key the exchange signs with, to be given to whoever runs the exchange."""

from __future__ import annotations

import argparse

from minan.channels.hotline import cti

NAME = "hotline key"
HELP = "print the key the exchange signs its events with (KEYS/hotline.key, made when first asked for)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It takes none."""


def run(args: argparse.Namespace) -> int:
    """Print the key alone on one line."""
    print(cti.key().hex())
    return 0
