"""Screens by doors: how one is paired, what it gets, and the hours it showed something, as a count."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q

from minan.kernel import directory
from minan.systems.bulletins import showing, signing
from minan.systems.bulletins.models import Reach, Screen, Shown

CODE_LIVES, SILENT = timedelta(minutes=15), timedelta(minutes=5)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
MOST = 40  # things on one screen; emergencies first
PENDING_MOST = 2000  # unpaired ones at a time: somebody who only makes codes fills nothing


def mark_of(secret: str) -> str:
    """What is kept of a screen's secret."""
    return hashlib.sha256(f"minan.screen:{secret}".encode()).hexdigest()


def begin(now: datetime) -> tuple[str, str] | None:
    """(secret, number to be shown) of a new screen that nobody paired yet; None where too many wait."""
    Screen.objects.filter(paired_at=None, made_at__lt=now - CODE_LIVES).delete()
    if Screen.objects.filter(paired_at=None).count() >= PENDING_MOST:
        return None
    secret = secrets.token_urlsafe(24)
    for _turn in range(5):
        try:
            with transaction.atomic():
                made = Screen.objects.create(mark=mark_of(secret), code=f"{secrets.randbelow(10**8):08d}", made_at=now)
            return secret, made.code
        except IntegrityError:
            continue
    return None


def pair(code: str, place: str, name: str, now: datetime) -> bool:
    """Give the screen that shows this number its place."""
    if len(code) != 8:
        return False
    found = Screen.objects.filter(code=code, paired_at=None, made_at__gte=now - CODE_LIVES)
    return found.update(place=place, name=name or directory.place_name(place), paired_at=now, code="") == 1


def of(secret: str) -> Screen | None:
    return Screen.objects.filter(mark=mark_of(secret)).first() if 20 <= len(secret) <= 64 else None


def feed(screen: Screen, now: datetime) -> dict[str, Any]:
    """What a paired screen shows: signed notes only, newest emergencies first. Two queries, a third once a minute, more once an hour."""
    rows = [row for row in showing.valid(showing.above(screen.place), now, "bulletin", "gathering") if row.note][:MOST]
    _seen(screen, rows, now)
    return {
        "paired": True, "place": screen.place, "name": screen.name, "where": directory.place_name(screen.place),
        "key": signing.public(), "notes": [row.note for row in rows],
    }  # fmt: skip


def _seen(screen: Screen, rows: list[Shown], now: datetime) -> None:
    """That it called, to the minute; once an hour each thing it shows counts one hour of one screen."""
    if screen.seen_at is None or now - screen.seen_at >= MINUTE:
        Screen.objects.filter(pk=screen.pk).update(seen_at=now)
    due = Q(hour=None) | Q(hour__lte=now - HOUR)
    if (screen.hour is None or now - screen.hour >= HOUR) and Screen.objects.filter(due, pk=screen.pk).update(hour=now):
        today, ids = now.astimezone(directory.LOCAL).date(), [row.case_id for row in rows]
        there = set(Reach.objects.filter(case_id__in=ids, day=today).values_list("case_id", flat=True))
        Reach.objects.bulk_create([Reach(case_id=i, day=today) for i in ids if i not in there], ignore_conflicts=True)
        Reach.objects.filter(case_id__in=ids, day=today).update(hours=F("hours") + 1)


def row(screen: Screen) -> dict[str, Any]:
    """What the desk's list says of a screen."""
    from django.utils import timezone  # the only moment here that is not handed in

    silent = screen.seen_at is None or timezone.now() - screen.seen_at > SILENT
    return {"screen": screen, "where": directory.place_name(screen.place), "silent": silent}


def trial() -> str:
    """The secret of the demo's one screen, so that anybody can open it in a window."""
    return hmac.new(settings.SECRET_KEY.encode(), b"minan.bulletins.trial", hashlib.sha256).hexdigest()[:32]
