"""Quiet hours: what is not urgent waits for the morning, and a morning's burst is spread; pure but for the setting."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from uuid import UUID

from django.conf import settings

from minan.kernel.directory import LOCAL

HOURS = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)-([01]?\d|2[0-3]):([0-5]\d)")
SPREAD = timedelta(minutes=30)  # within which a morning's messages go


def hours(said: str) -> tuple[time, time] | None:
    """ "21:00-08:00" as (begin, end), local time; None where there are none ("none") or the setting is no such thing."""
    found = HOURS.fullmatch(said.strip())
    if found is None:
        return None
    a, b, c, d = (int(part) for part in found.groups())
    return (time(a, b), time(c, d)) if (a, b) != (c, d) else None


def is_quiet(at: datetime, said: str | None = None) -> bool:
    span = hours(settings.QUIET if said is None else said)
    if span is None:
        return False
    begin, end = span
    now = at.astimezone(LOCAL).time()
    return begin <= now < end if begin < end else now >= begin or now < end


def morning(at: datetime, key: UUID, said: str | None = None) -> datetime | None:
    """When a message of this id may go that falls due now in quiet hours, spread over half an hour; None: now."""
    text = settings.QUIET if said is None else said
    span = hours(text)
    if span is None or not is_quiet(at, text):
        return None
    local = at.astimezone(LOCAL)
    day = local.date() + timedelta(days=1 if span[1] <= local.time() else 0)
    # the last bytes of a UUIDv7 are random: the same message gets the same minute, whichever process asks
    return datetime.combine(day, span[1], LOCAL) + SPREAD * ((key.int & 0xFFFF) / 0x10000)
