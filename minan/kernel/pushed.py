"""Attempts to push a matter down to a village, by unit and month: kept from the events, shown on the supervisor's page."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.db.models import Count

from minan.kernel import directory
from minan.kernel.directory import LOCAL
from minan.kernel.listen import Told
from minan.kernel.models import Body, Pushed

SHOWN = 10


def keep(events: list[Told]) -> None:
    """One row an event, once; what was erased in between counts without its unit."""
    rows = []
    for told in events:
        text = Body.objects.filter(county=told.county, case_id=told.case_id, n=told.n).values_list("text", flat=True).first()
        by = json.loads(text)["facts"].get("by", "") if text else ""
        rows.append(Pushed(county=told.county, case_id=told.case_id, n=told.n, place=told.delta["a"]["place"], by=by, at=told.at))
    Pushed.objects.bulk_create(rows, ignore_conflicts=True)


def month(place: str, at: datetime) -> dict[str, Any]:
    """How many attempts this month in a place and all it contains, and by which units. One query."""
    start = at.astimezone(LOCAL).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    root = place[: directory.LEVELS.get(directory.level_of(place), 15)]
    rows = Pushed.objects.filter(place__gte=root, place__lt=root + "~", at__gte=start)
    units = [(row["by"], row["n"]) for row in rows.values("by").annotate(n=Count("id")).order_by("-n", "by")]
    return {"all": sum(n for _unit, n in units), "units": units[:SHOWN]}
