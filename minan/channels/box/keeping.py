"""Photographs of slips are erased on their day: handwriting tells who wrote. Their hashes stay in the opening's chain."""

from __future__ import annotations

from datetime import datetime, timedelta

from minan.channels.box.models import ERASED, Sheet
from minan.kernel import attachments
from minan.kernel.models import Attachment

KEEP_DAYS = 180  # long enough for an objection (30 days) and a review above it; a rule of the house, not of law
A_TURN = 50
EVERY = timedelta(hours=1)
_next: list[datetime] = []


def turn(now: datetime) -> int:
    """Called by the worker once a turn; looks once an hour. Returns how many photographs went."""
    if _next and now < _next[0]:
        return 0
    _next[:] = [now + EVERY]
    return sweep(now)


def sweep(now: datetime) -> int:
    """Erase what has reached its day; a file another record still needs stays."""
    gone = 0
    for sheet in (
        Sheet.objects.filter(at__lt=now - timedelta(days=KEEP_DAYS)).exclude(state=ERASED).order_by("at")[:A_TURN]
    ):
        Sheet.objects.filter(id=sheet.id).update(state=ERASED)
        others = Sheet.objects.filter(sha256=sheet.sha256).exclude(state=ERASED).exists()
        if not others and not Attachment.objects.filter(sha256=sheet.sha256).exists():
            for thumb in (False, True):
                attachments.path_of(sheet.sha256, thumb=thumb).unlink(missing_ok=True)
        gone += 1
    return gone
