"""How many messages one number and the whole city get: durable rows by a keyed mark for a day, never by the number (RELIABILITY.md A3).

The rows hold over all processes and restarts. A row is a moment at which one number gets one message, in the past or promised.
"""

from __future__ import annotations

import hmac
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet

from minan.kernel import vault
from minan.kernel.models import Sparing

DAY = 86_400
PER_NUMBER = ((60, 1), (3600, 5), (DAY, 10))  # (seconds, at most)
PER_ADDRESS = ((60, 2), (3600, 10), (DAY, 20))  # of a channel that costs nobody money and makes nothing ring
CITY = (
    (3600, settings.SMS_PER_HOUR),
)  # the breaker: more than this in an hour is no ordinary day, and the bill of whoever pays for it


def mark(number: str, channel: str = "sms") -> str:
    """The same for every way of writing a number: with +86 or 86 before it, or neither."""
    what = number
    if channel == "sms":
        digits = "".join(letter for letter in number if letter.isdigit())
        what = digits[2:] if len(digits) > 11 and digits.startswith("86") else digits
    return f"{channel}:" + hmac.digest(vault.reply_key(), f"{channel}:{what}".encode(), "sha256").hex()[:32]


def _sent(now: datetime, seconds: int) -> QuerySet[Sparing]:
    return Sparing.objects.filter(mark__startswith="sms:", at__gt=now - timedelta(seconds=seconds), at__lte=now)


def city_wait(now: datetime) -> float:
    """Seconds until the city may send one more text at all; 0: now."""
    waits = [0.0]
    for seconds, most in CITY:
        full = _sent(now, seconds).order_by("-at").values_list("at", flat=True)[most - 1 : most]
        waits += [(at - now).total_seconds() + seconds for at in full]
    return max(waits)


class Room:
    """How many texts the city may send within one turn at `now`: counted once, and again only where that number is used up."""

    def __init__(self, now: datetime) -> None:
        self.now, self.left = now, -1

    def wait(self) -> float:
        """Takes room for one: seconds until the city may send it; 0: now."""
        if self.left < 0:
            counts = [most - _sent(self.now, seconds).count() for seconds, most in CITY]
            self.left = max(min(counts), 0)
        if self.left == 0:  # some of those room was taken for may not have left
            return city_wait(self.now)
        self.left -= 1
        return 0.0


def _fits(taken: list[float], at: float, limits: tuple[tuple[int, int], ...]) -> bool:
    """No stretch of a limit's length around this moment holds more than its number, what was promised for later counted too."""
    line = sorted([*taken, at])
    here = line.index(at)
    return not any(
        line[i + most] - line[i] < seconds
        for seconds, most in limits
        for i in range(max(0, here - most), min(here + 1, len(line) - most))
    )


def turn(taken: list[float], now: float, limits: tuple[tuple[int, int], ...] = PER_NUMBER) -> float | None:
    """The first moment from now on at which one more fits beside these; None where that is not within a day. Pure."""
    ends = {one + seconds for one in taken for seconds, _ in limits}
    for at in sorted({now} | {end for end in ends if end > now}):
        if at >= now + DAY:
            return None
        if _fits(taken, at, limits):
            return at
    return None


def reserve(number: str, now: datetime, channel: str = "sms", own: datetime | None = None) -> datetime | None:
    """When this number may get one more, and a row that says so; `own` gives back the turn promised before. None: not within a day.

    One number at a time, over all processes: on PostgreSQL by a lock on its mark, on SQLite behind the one write lock.
    """
    limits, key = PER_NUMBER if channel == "sms" else PER_ADDRESS, mark(number, channel)
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [key])
        if own is not None:
            give_back(number, own, channel)
        rows = Sparing.objects.filter(mark=key, at__gt=now - timedelta(seconds=DAY)).values_list("at", flat=True)
        at = turn([row.timestamp() for row in rows], now.timestamp(), limits)
        if at is None:
            return None
        moment = now if at <= now.timestamp() else datetime.fromtimestamp(at, UTC)
        Sparing.objects.create(mark=key, at=moment)
    return moment


def give_back(number: str, at: datetime, channel: str = "sms") -> None:
    """What was not taken rang nowhere: its moment is free again."""
    row = Sparing.objects.filter(mark=mark(number, channel), at=at).values_list("id", flat=True).first()
    if row is not None:
        Sparing.objects.filter(id=row).delete()


def sweep(now: datetime | None = None) -> int:
    """Forget what is a day old."""
    return Sparing.objects.filter(at__lt=(now or datetime.now(UTC)) - timedelta(seconds=DAY)).delete()[0]
