"""What is posted at the point: for who left no name and no number, the code and what happened, nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from minan.kernel import access, directory, inbox
from minan.kernel.models import Case, Message
from minan.kernel.pages.guard import person, staff

DAYS, MOST = 30, 100
DESKS = (directory.POINT, directory.TOWN_DESK)


def _places(units: list[str]) -> list[tuple[str, str, str]]:
    """(unit, from, to): the ranges of the places where these units post."""
    offices = [office for unit in units if (office := directory.office(unit)) is not None and office.kind in DESKS]
    return [(office.id, *inbox.subtree(office.place)) for office in offices]


def _rows(units: list[str], keys: list[str], now: datetime) -> list[dict[str, Any]]:
    """The last word of each such case in the places of these units, newest first; nothing of who must not hear of it. Two queries."""
    places = _places(units)
    if not places:
        return []
    there = Q()
    for _, lo, hi in places:
        there |= Q(place__gte=lo, place__lt=hi)
    since = now - timedelta(days=DAYS)
    nameless = Case.objects.filter(Q(anonymous=True) | Q(channel="box"), there, privacy="", changed_at__gte=since)
    cases = {
        case.id: case
        for case in nameless.order_by("-changed_at")[:MOST]
        if any(lo <= case.place < hi and not access.barred(unit, case.walls) for unit, lo, hi in places)
        and set(case.walls).isdisjoint(keys)
    }
    told = Message.objects.filter(case_id__in=list(cases), channel="posted", made_at__gte=since).order_by(
        "case_id", "-n"
    )
    last: dict[Any, Message] = {}
    for message in told:
        last.setdefault(message.case_id, message)
    rows = [{"code": cases[pk].code, "at": message.made_at, "words": message.words} for pk, message in last.items()]
    return sorted(rows, key=lambda row: row["at"], reverse=True)


@require_safe
@staff
def posted(request: HttpRequest) -> HttpResponse:
    """A sheet to print and hang up."""
    now = timezone.now()
    me = person(request)
    rows = _rows(access.units_of(me), access.keys_of(me), now)
    return render(request, "kernel/posted.html", {"rows": rows, "now": now, "days": DAYS})
