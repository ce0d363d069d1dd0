"""From which address a request comes, and how often one address may say, ask and try."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from minan.lib import throttle

# name: (seconds, how many at once and again over these seconds)
LIMITS = {
    "say": (600, 20),  # matters opened; a village's computer serves many
    "step": (600, 60),
    "secret": (60, 10),  # tries of a secret
    "look": (60, 120),  # look-ups while a form is being filled
    "photo": (600, 90),
}


def subject(request: HttpRequest) -> str:
    """The address as far as our own proxies vouch for it."""
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    trusted = settings.TRUSTED_PROXY
    ip = hops[-trusted] if trusted and len(hops) >= trusted else request.META.get("REMOTE_ADDR")
    return throttle.subject_of(ip)


def allowed(request: HttpRequest, name: str) -> bool:
    """Whether this address may do it once more now."""
    seconds, burst = LIMITS[name]
    return throttle.allow(f"web.{name}", subject(request), seconds, burst)
