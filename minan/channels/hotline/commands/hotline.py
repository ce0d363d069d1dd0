"""`minan hotline simulate OPERATOR`: an exchange that lets calls ring, be taken and end, signed as a real one would sign."""

from __future__ import annotations

import argparse
import secrets
import sys
import time

from django.utils import timezone

from minan.channels.hotline import cti
from minan.kernel.models import User

NAME = "hotline simulate"
HELP = "let a simulated exchange ring an operator: made-up numbers 138 0000 xxxx, signed like the real one's"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("operator", help="the name this operator signs in with")
    parser.add_argument("--calls", type=int, default=1, help="how many calls, one after the other (default 1)")
    parser.add_argument("--ring", type=float, default=3.0, help="seconds a call rings (default 3)")
    parser.add_argument("--talk", type=float, default=60.0, help="seconds a call lasts (default 60)")


def run(args: argparse.Namespace) -> int:
    """Ring, answer, hang up; prints what the door answered to each, never the number."""
    user = User.objects.filter(username=args.operator, is_active=True).first()
    if user is None or not cti.is_operator(user.pk):
        sys.exit(f"{args.operator!r} does not sit at the hotline")
    failed = 0
    for _ in range(args.calls):
        call, number = secrets.token_hex(8), f"1380000{secrets.randbelow(10_000):04d}"
        for kind, wait in (("ringing", args.ring), ("answered", args.talk), ("hangup", 0.0)):
            made = cti.event(kind, call, number=number if kind == "ringing" else "", agent=args.operator)
            status = cti.take(*made, timezone.now())
            print(f"{kind} {call}: {status}", flush=True)
            failed += status != 200
            time.sleep(wait)
    return 1 if failed else 0
