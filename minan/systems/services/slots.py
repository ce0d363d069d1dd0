"""The slots of a shop that can be booked: a grid of equal length, so that no two overlap; how many of each are still free."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from minan.kernel import directory
from minan.kernel.models import Case
from minan.systems.services.models import Job

DAYS = 7  # how far ahead can be booked
LEAST = timedelta(minutes=30)  # and how soon at the earliest


class Taken(Exception):
    """Somebody was faster: the slot has no seat left."""


def grid(case: Case, now: datetime) -> list[datetime]:
    """Every slot of the next days, as moments of the city's clock; empty for a shop that takes no bookings."""
    minutes = int(case.facts.get("minutes") or 0)
    if not minutes:
        return []
    local, out = now.astimezone(directory.LOCAL), []
    hour = [tuple(int(part) for part in case.facts[name].split(":")) for name in ("opens", "closes")]
    for ahead in range(DAYS):
        day = local.date() + timedelta(days=ahead)
        begin, end = (datetime(day.year, day.month, day.day, h, m, tzinfo=directory.LOCAL) for h, m in hour)
        while begin + timedelta(minutes=minutes) <= end:
            if begin >= local + LEAST:
                out.append(begin)
            begin += timedelta(minutes=minutes)
    return out


def free(case: Case, now: datetime) -> list[datetime]:
    """The slots with a seat left. One query."""
    there = grid(case, now)
    held = (
        Counter(Job.objects.filter(shop=case.id, held=True, starts_at__gte=now).values_list("starts_at", flat=True))
        if there
        else Counter()
    )
    return [at for at in there if held[at] < seats(case)]


def seats(case: Case) -> int:
    return int(case.facts.get("seats") or 1)


def keep(case: Case, order: Case, at: datetime | None) -> Job:
    """The row of an order, with a seat of its slot where it has one; within the order's transaction. Raises Taken."""
    row = {"county": order.county, "shop": case.id, "case_id": order.id}
    if at is None:
        return Job.objects.create(**row)
    for seat in range(seats(case)):
        try:
            with transaction.atomic():
                return Job.objects.create(**row, starts_at=at, seat=seat)
        except IntegrityError:
            continue
    raise Taken


def release(order: Case, *, held: bool) -> None:
    """The order runs no more; with `held` False its slot is free again."""
    Job.objects.filter(case_id=order.id).update(running=False, held=held)
