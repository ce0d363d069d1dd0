"""`minan token USER`: a bearer token for the JSON API."""

from __future__ import annotations

import argparse
import secrets
import sys
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from minan.kernel import house
from minan.kernel.models import Token, User
from minan.kernel.signin import token_mark

NAME = "token"
HELP = "print a new bearer token of a person for the JSON API (shown once; only its hash is kept)"
DAYS = 365


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("user", help="the name this person signs in with")
    parser.add_argument("--days", type=int, default=DAYS, help=f"how long it holds (default {DAYS})")


def run(args: argparse.Namespace) -> int:
    """Print the token alone on one line."""
    user = User.objects.filter(username=args.user, is_active=True).first()
    if user is None:
        sys.exit(f"nobody signs in as {args.user!r}")
    with transaction.atomic():
        token = issue(user, args.days)
        house.note("account", "", {"token": user.username, "days": args.days})
    print(token)
    return 0


def issue(user: User, days: int = DAYS) -> str:
    """A new token that holds for `days`; only its mark is kept."""
    token = f"minan_{secrets.token_urlsafe(32)}"
    Token.objects.create(mark=token_mark(token), user=user, until=timezone.now() + timedelta(days=days))
    return token
