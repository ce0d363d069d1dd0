"""Which provider of a channel may be asked just now: one that failed several times in a row rests for a while, and the next one serves.

The state is a row, so that every process and the administrator's page see the same.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import F

from minan.kernel.models import ProviderState
from minan.kernel.outcomes import Outcome

IN_A_ROW = 5  # failures after which a provider rests
REST = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))  # the first, second, every further time


def name_of(channel: str, provider: str) -> str:
    return channel if provider == channel else f"{channel}.{provider}"


def key_of(name: str) -> dict[str, Any]:
    """What stands in KEYS/name.json; {} where there is none."""
    path = Path(settings.KEYS) / f"{name}.json"
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def rest_of(failures: int) -> timedelta | None:
    """How long it rests after so many failures in a row; None: not at all."""
    if failures < IN_A_ROW:
        return None
    return REST[min(failures - IN_A_ROW, len(REST) - 1)]


def resting(names: list[str], now: datetime) -> set[str]:
    return set(ProviderState.objects.filter(name__in=names, rests_until__gt=now).values_list("name", flat=True))


def worked(name: str, now: datetime) -> None:
    changed = ProviderState.objects.filter(name=name).update(failures=0, rests_until=None, worked_at=now)
    if not changed:
        ProviderState.objects.bulk_create([ProviderState(name=name, worked_at=now)], ignore_conflicts=True)


def failed(name: str, error: Outcome, now: datetime) -> None:
    """One more failure in a row; from the fifth on it rests, longer each time it is tried again and fails again."""
    ProviderState.objects.bulk_create([ProviderState(name=name)], ignore_conflicts=True)
    rows = ProviderState.objects.filter(name=name)
    rows.update(failures=F("failures") + 1, failed_at=now, reason=error.reason, detail=error.detail)
    rest = rest_of(rows.values_list("failures", flat=True)[0])
    if rest is not None:
        rows.update(rests_until=now + rest)
