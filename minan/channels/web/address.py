"""From which address a request comes, and how often one address may say, ask and try."""

from __future__ import annotations

from django.http import HttpRequest

from minan.kernel import callers
from minan.lib import throttle

# name: (seconds, how many at once and again over these seconds). Five hundred homes may stand behind one address (RELIABILITY.md A4);
# what was guessed wrong is counted apart and tightly (callers.py).
LIMITS = {
    "say": (600, 600),  # matters opened: as many as a program may send (MINAN_OPEN311_PER_MINUTE)
    "step": (600, 600),
    "secret": (60, 600),  # secrets tried; ten wrong ones in a minute are the end of it
    "look": (60, 1200),  # look-ups while a form is being filled
    "estimate": (600, 600),  # ranges worked out: up to a second of work each
    "photo": (600, 1800),
    "paper": (60, 60),  # PDFs made: each costs a core a quarter of a second
}


subject = callers.subject


def may_guess(request: HttpRequest) -> bool:
    """Whether this address may look up one more code: what it missed is counted over all channels (callers.py)."""
    return callers.may_guess(subject(request))


def missed(request: HttpRequest) -> None:
    """There is no such code, or the secret is not its own."""
    callers.missed(subject(request))


def allowed(request: HttpRequest, name: str) -> bool:
    """Whether this address may do it once more now."""
    seconds, burst = LIMITS[name]
    return throttle.allow(f"web.{name}", subject(request), seconds, burst)
