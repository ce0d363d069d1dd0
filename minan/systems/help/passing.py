"""A pass for the doors on the way, for who goes to help: good until the call closes, then its number stands on the doors' list."""

from __future__ import annotations

from datetime import datetime, timedelta

from minan.kernel import passes
from minan.kernel.models import Case
from minan.lib import passes as signed

LASTS = timedelta(hours=2)


def issue(case: Case, now: datetime) -> tuple[str, str]:
    """(the pass as the door reads it, its number). The pass itself is kept nowhere."""
    text = passes.issue(case.place, now, now + LASTS, "help")
    return text, number_of(text)


def number_of(text: str) -> str:
    """By which it is revoked, as the pass itself bears it."""
    read = signed.read(signed.data_of(text) or b"")
    return read[0].hex if read else ""


def revoke(case: Case) -> int:
    """Every pass of this call; returns how many were not on the doors' list yet."""
    numbers = list(case.facts.get("passes") or [])
    return passes.revoke(*numbers) if numbers else 0
