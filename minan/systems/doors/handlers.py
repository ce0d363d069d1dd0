"""What follows an opening from afar by itself: the order to the door, and a strike for one that a head rejected."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from minan.kernel import glass_kept
from minan.kernel.listen import Told, on
from minan.kernel.models import Case
from minan.systems.doors import remote


@on("door_opening.release")
def release(events: list[Told]) -> None:
    """The same step taken on the common page of cases: the door hears of it all the same, unless that is long ago."""
    now: datetime = timezone.now()
    for told in events:
        case = Case.objects.filter(county=told.county, id=told.case_id).first()
        door = remote.door_of(case) if case is not None else None
        if door is not None and now - told.at < timedelta(seconds=remote.ORDER_SECONDS):
            remote.order(door, told.id.hex, now)


@on("door_opening.reject")
def strike(events: list[Told]) -> None:
    """Three in a year end the right (kernel/glass.py)."""
    for told in events:
        case = Case.objects.filter(county=told.county, id=told.case_id).first()
        if case is not None and case.facts.get("by"):
            glass_kept.strike(told.county, told.case_id, told.n, str(case.facts["by"]), told.at)
