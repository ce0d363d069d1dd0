"""Gives every event its place in its county's log: once, and those of one case in the order of n, however they are heard.

News come at least once and in any order. The county's row is locked, and whatever its cases have without a leaf is taken
from the events themselves: what is heard twice finds nothing more to do, what is heard early brings its forerunners along.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Sum

from minan.kernel.listen import Told
from minan.kernel.models import Event, Outbox
from minan.systems.proof.models import CITY, Leaf, Log

WINDOW = 5_000  # events the patrol looks at in one go
REST = 3600.0  # seconds between two comparisons
Row = tuple[str, UUID, int, str]  # county, case, n, hash


@dataclass
class Patrol:
    """How far the patrol of this process is: the last id it saw (None: it rests, until this second of the machine's)."""

    last: UUID | None = None
    rests_until: float = 0.0


_patrol = Patrol()


def locked(counties: Iterable[str]) -> dict[str, Log]:
    """The rows of these logs, locked in the order of their names; made where they are new. Inside a transaction only."""
    names = sorted(set(counties))
    rows = Log.objects.filter(name__in=names).order_by("name")
    held = list(rows.select_for_update())
    if len(held) < len(names):
        Log.objects.bulk_create([Log(name=name) for name in names], ignore_conflicts=True)
        held = list(rows.select_for_update())
    return {log.name: log for log in held}


def _ordered(rows: list[Row]) -> list[Row]:
    """In the order of their ids, but those of one case by n: ids of an anonymous case tell the hour only."""
    of_case: dict[UUID, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda r: -r[2]):
        of_case[row[1]].append(row)
    return [of_case[row[1]].pop() for row in rows]


def take(counties: Iterable[str], cases: Iterable[UUID]) -> int:
    """Give a place to everything these cases have without one; returns how much that was. Four queries and one a county."""
    names = sorted(set(counties))
    with transaction.atomic():
        logs = locked(names)
        leaf = Leaf.objects.filter(log=OuterRef("county"), case_id=OuterRef("case_id"), n=OuterRef("n"))
        found = Event.objects.filter(~Exists(leaf), county__in=names, case_id__in=set(cases)).order_by("id")
        rows = _ordered(list(found.values_list("county", "case_id", "n", "hash")))
        fresh = []
        for county, case_id, n, value in rows:
            log = logs[county]
            fresh.append(Leaf(log=county, index=log.size, case_id=case_id, n=n, hash=value))
            log.size += 1
        Leaf.objects.bulk_create(fresh, batch_size=500)
        for name in {row[0] for row in rows}:
            Log.objects.filter(name=name).update(size=logs[name].size)
    return len(rows)


def sequence(events: list[Told]) -> None:
    """Take up what was heard."""
    take({e.county for e in events}, {e.case_id for e in events})


def patrol() -> int:
    """Take up what has no leaf: what happened before this folder was there, or whose news were parked.

    Once an hour the numbers are compared; where events lack leaves all are walked through, a window a call.
    """
    if _patrol.last is None:
        if time.monotonic() < _patrol.rests_until:
            return 0
        _patrol.rests_until = time.monotonic() + REST
        taken = Log.objects.exclude(name=CITY).aggregate(n=Sum("size"))["n"] or 0
        if Event.objects.count() - Outbox.objects.count() <= taken:
            return 0
        _patrol.last = UUID(int=0)
    window = list(Event.objects.filter(id__gt=_patrol.last).order_by("id").values_list("id", flat=True)[:WINDOW])
    _patrol.last = window[-1] if len(window) == WINDOW else None
    lacking = missing(window[0], window[-1]) if window else []
    return take({county for county, _ in lacking}, {case_id for _, case_id in lacking}) if lacking else 0


def missing(first: UUID, last: UUID) -> list[tuple[str, UUID]]:
    """(county, case) of the events between two ids that have no leaf."""
    leaf = Leaf.objects.filter(log=OuterRef("county"), case_id=OuterRef("case_id"), n=OuterRef("n"))
    found = Event.objects.filter(~Exists(leaf), id__gte=first, id__lte=last)
    return list(found.values_list("county", "case_id"))


def again() -> None:
    """Let the patrol compare anew."""
    _patrol.last, _patrol.rests_until = None, 0.0
