"""How many text messages one number and the whole city get: counted by a keyed mark for a day, never by the number (RELIABILITY.md A3)."""

from __future__ import annotations

import hmac
from datetime import datetime

from django.core.cache import cache

from minan.kernel import vault

DAY = 86_400
PER_NUMBER = ((60, 1), (3600, 5), (DAY, 10))  # (seconds, at most)
MOST = PER_NUMBER[-1][1]
CITY = ((3600, 6000),)  # the breaker: more than this in an hour is no ordinary day, and the bill of whoever pays for it
ALL = "sms:all"


def mark(number: str) -> str:
    """The same for every way of writing a number: with +86 or 86 before it, or neither."""
    digits = "".join(letter for letter in number if letter.isdigit())
    bare = digits[2:] if len(digits) > 11 and digits.startswith("86") else digits
    return "sms:" + hmac.digest(vault.reply_key(), f"sms:{bare}".encode(), "sha256").hex()[:32]


def _sent(key: str, now: float) -> list[float]:
    return [at for at in cache.get(key, []) if now - DAY < at <= now]


def _wait(sent: list[float], limits: tuple[tuple[int, int], ...], now: float) -> float:
    """Seconds until one more fits all of these; 0: now."""
    waits = [0.0]
    for seconds, most in limits:
        within = sorted(at for at in sent if at > now - seconds)
        if len(within) >= most:
            waits.append(within[len(within) - most] + seconds - now)
    return max(waits)


def wait(number: str, now: datetime) -> float:
    """Seconds until this number may get one more; 0: now."""
    moment = now.timestamp()
    return max(_wait(_sent(mark(number), moment), PER_NUMBER, moment), city_wait(now))


def city_wait(now: datetime) -> float:
    """Seconds until the city may send one more at all; 0: now."""
    moment = now.timestamp()
    return _wait(_sent(ALL, moment), CITY, moment)


def left_today(number: str, now: datetime) -> int:
    """How many more this number may get within a day."""
    return max(0, MOST - len(_sent(mark(number), now.timestamp())))


def count(number: str, now: datetime) -> None:
    """One was handed to the provider."""
    moment = now.timestamp()
    for key, most in ((mark(number), MOST), (ALL, CITY[0][1])):
        cache.set(key, [*_sent(key, moment), moment][-most:], DAY)
