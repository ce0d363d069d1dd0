"""What of the doors goes on its day: lines after seven, visits and invitations when they end, passes on the void list, silent orders."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from minan.kernel import passes
from minan.kernel.directory import LOCAL
from minan.systems.doors import homes
from minan.systems.doors.models import VISIT, Batch, Invite, Key, Order

LINES_DAYS = 7
EVERY = timedelta(minutes=10)
_last: dict[str, datetime] = {}


def turn(now: datetime) -> int:
    """Called each turn of the worker; sweeps every ten minutes."""
    if "at" in _last and timedelta(0) <= now - _last["at"] < EVERY:
        return 0
    _last["at"] = now
    sweep(now)
    return 0


def sweep(now: datetime) -> int:
    """Forget what has ended; returns how many rows went."""
    day, second = now.astimezone(LOCAL).date(), int(now.timestamp())
    gone = Batch.objects.filter(day__lte=day - timedelta(days=LINES_DAYS)).delete()[0]
    gone += Key.objects.filter(kind=VISIT, ends__lt=second - 60).delete()[0]
    gone += Invite.objects.filter(until__lt=now).delete()[0]
    gone += Order.objects.filter(until__lt=second - 3600).delete()[0]
    return gone + passes.purge(now)


def account_closed(instance: Any, **_more: Any) -> None:
    """Who closes the account leaves every home: their phones open no door from then on."""
    for home in homes.of(instance):
        homes.leave(home, instance, datetime.now(UTC))
