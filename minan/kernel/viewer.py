"""The mark of who looked: eight letters on every list that leaves and every paper, by which an auditor finds person and day.

It is a keyed hash: nobody else can tell whose it is, and nobody can make another's.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import date, timedelta

from django.conf import settings

from minan.kernel.models import User
from minan.lib import codes

LETTERS, DAYS = 8, 60


def mark(user_id: int, day: date) -> str:
    """The mark of this person on this day of Beijing."""
    made = hmac.new(settings.SECRET_KEY.encode(), f"minan.viewer:{user_id}:{day}".encode(), hashlib.sha256).digest()
    number = int.from_bytes(made[:8], "big")
    return "".join(codes.ALPHABET[(number >> shift) & 31] for shift in range(0, 5 * LETTERS, 5))


def whose(text: str, today: date) -> list[tuple[User, date]]:
    """Who had this mark on one of the last DAYS days, and when; empty where it is none of ours."""
    wanted = text.strip().upper().replace("O", "0").replace("I", "1").replace("L", "1")
    days = [today - timedelta(days=n) for n in range(DAYS)]
    people = User.objects.filter(posts__isnull=False).distinct()
    return [(user, day) for user in people for day in days if mark(user.pk, day) == wanted]
