"""My matters on a phone: what waits for me, by clock, one open at a time, with big buttons."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from minan.kernel import inbox
from minan.kernel.inbox import Wanted
from minan.kernel.models import Case
from minan.kernel.pages import listing, pane
from minan.kernel.pages.guard import case_of, face_of, person, staff

SHOWN = 30
LATER = timedelta(days=30)  # what ends later than that is no work of these days: a shop that is listed till next autumn
JUST, JUST_SHOWN = timedelta(hours=2), 3  # what came within two hours, at most three of it


def page(
    request: HttpRequest, case: Case | None = None, chosen: pane.Chosen | None = None, status: int = 200
) -> HttpResponse:
    """The list of what waits for me, with one matter open in its place; one that waits for others stands first."""
    now = timezone.now()
    found = _mine(request, now)
    rows = [listing.row(c, now, _url(c), case is not None and c.code == case.code) for c in found.items]
    far = [
        c.due_at is not None and c.due_at > now + LATER and c.opened_at < now - JUST and not row["open"]
        for c, row in zip(found.items, rows, strict=True)
    ]
    context = {
        "base": face_of(request),
        "rows": [row for row, is_far in zip(rows, far, strict=True) if not is_far],
        "distant": [row for row, is_far in zip(rows, far, strict=True) if is_far],
        "next": found.next or "",
        "apart": case is not None and not any(r["open"] for r in rows),
    }
    if case is not None:
        context |= pane.of(request, case, now, face="tasks", chosen=chosen) | {
            "row": listing.row(case, now, _url(case), True)
        }
    return render(request, "kernel/tasks.html", context, status=status)


def _url(case: Case) -> str:
    return reverse("kernel:tasks_case", args=[case.code]) + "#open"


def _mine(request: HttpRequest, now: datetime) -> inbox.Page:
    """What waits, by time; on the first page what has just come stands on top: an emergency is not looked for below old delays."""
    cursor = request.GET.get("cursor", "")[:80]
    if not cursor:
        found = inbox.listed(person(request), Wanted(mine=True, order="due", limit=SHOWN), now)
        newest = inbox.listed(person(request), Wanted(mine=True, order="new", limit=JUST_SHOWN), now).items
        just = [case for case in newest if case.opened_at >= now - JUST]
        found.items = [*just, *(case for case in found.items if case.id not in {one.id for one in just})]
        return found
    try:
        return inbox.listed(person(request), Wanted(mine=True, order="due", cursor=cursor, limit=SHOWN), now)
    except inbox.BadCursor:
        return inbox.listed(person(request), Wanted(mine=True, order="due", limit=SHOWN), now)


@require_safe
@staff
def tasks(request: HttpRequest) -> HttpResponse:
    """What waits for me."""
    return page(request)


@require_safe
@staff
def task(request: HttpRequest, code: str) -> HttpResponse:
    """One of them open."""
    return page(request, case_of(request, code))
