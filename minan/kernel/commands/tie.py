"""Write down that two members of staff are relatives: where one is complained about, both are kept away."""

from __future__ import annotations

import argparse
import sys

from django.db import transaction
from django.db.models import Q

from minan.kernel import directory, house
from minan.kernel.models import Tie, User

NAME = "tie"
HELP = "two members of staff are relatives (or, with --end, no longer): both keep away from what is about one of them"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("one", help="the name one of them signs in with")
    parser.add_argument("other", help="the name the other signs in with")
    parser.add_argument("--end", action="store_true", help="they are no longer")


def run(args: argparse.Namespace) -> int:
    """0, or 1 where one of them is no member of staff."""
    found = {user.username: user for user in User.objects.filter(username__in=(args.one, args.other))}
    staff = [u for u in found.values() if directory.posts_of(u.pk)]
    if len(staff) != 2:
        sys.exit("both must be members of staff with a post, and two")
    one, other = found[args.one], found[args.other]
    with transaction.atomic():
        if args.end:
            Tie.objects.filter(Q(user=one, other=other) | Q(user=other, other=one)).delete()
        else:
            Tie.objects.get_or_create(user=one, other=other)
        house.note("account", "", {"tie": [one.username, other.username], "ended": args.end})
    print(f"{one.username} — {other.username}: {'ended' if args.end else 'written down'}")
    return 0
