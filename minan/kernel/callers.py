"""Who is calling over the network, when nobody is signed in: the address, and how often it may try something."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

from minan.lib import throttle

# P8: whoever guesses codes gets ten misses a minute; when all together miss more than this, one a minute.
MISSES, MISSES_OF_ALL, MINUTE = 10, 600, 60.0


def address(request: HttpRequest) -> str:
    """The caller's address. X-Forwarded-For is believed only as far as our own proxies wrote it."""
    said = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    if settings.TRUSTED_PROXY and len(said) >= settings.TRUSTED_PROXY:
        return str(said[-settings.TRUSTED_PROXY])
    return str(request.META.get("REMOTE_ADDR", ""))


def subject(request: HttpRequest) -> str:
    """Whom a throttle counts: an IPv4 address, or the /64 of an IPv6 one."""
    return throttle.subject_of(address(request))


def lang() -> str:
    """The language this answer is written in: "zh-hans" or "en"."""
    return "en" if (get_language() or "").startswith("en") else "zh-hans"


def bearer(request: HttpRequest, scheme: str = "bearer") -> str:
    """What stands behind the scheme in the Authorization header; "" where it is missing or another scheme."""
    word, _, value = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return value.strip() if word.lower() == scheme else ""


def may_guess(who: str) -> bool:
    """Whether `who` may look up one more code; counted only where it is then missed."""
    burst = MISSES if throttle.wait_seconds("misses", "all", MINUTE, MISSES_OF_ALL) == 0 else 1
    return throttle.wait_seconds("miss" if burst > 1 else "miss.tight", who, MINUTE, burst) == 0


def missed(who: str) -> None:
    """Somebody asked for a code that is not there, or not theirs."""
    throttle.allow("misses", "all", MINUTE, MISSES_OF_ALL)
    throttle.allow("miss", who, MINUTE, MISSES)
    throttle.allow("miss.tight", who, MINUTE, 1)
