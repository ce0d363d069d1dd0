"""`minan exchange poll`: looks into the partners' folders and mailboxes now and sends what waits; the worker does the same by itself."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime

from minan.channels.exchange import folders, known, mailbox, sending
from minan.channels.exchange.partners import PartnersError
from minan.kernel import registry

NAME = "exchange poll"
HELP = "look into the partners' folders and mailboxes once and send what waits (the worker does this by itself)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("partner", nargs="?", default="", help="only this one")


def run(args: argparse.Namespace) -> int:
    """0 where every mailbox answered."""
    now, away, seen = datetime.now(UTC), 0, 0
    registry.procedures()
    try:
        partners = known.partners()
    except PartnersError as error:
        print(error, file=sys.stderr)
        return 2
    for code, partner in partners.items():
        if args.partner in ("", code):
            try:
                seen += folders.look(partner, now)
                seen += mailbox.look(partner, now, folders.by_hand) if mailbox.ready(partner) else 0
            except OSError as error:
                away += 1
                print(f"{code}: {error}", file=sys.stderr)
    sending.forget()
    print(f"{seen} files and mails read, {sending.turn(now)} answers tried")
    return 1 if away else 0
