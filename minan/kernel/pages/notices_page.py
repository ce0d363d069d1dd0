"""How notices leave: counts by channel and reason, the state of each provider; no address, no code, no word of a matter."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from minan.kernel import outgoing, providers, quiet, ways
from minan.kernel.models import Message, ProviderState
from minan.kernel.outcomes import REASONS
from minan.kernel.pages.admin_pages import admins, tables_of

DAYS = 7


def counted(now: datetime) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(a row a channel with sent, waiting, folded, given up; a row a channel and reason of what has not gone). One query."""
    mine = Message.objects.filter(to="speaker", made_at__gte=now - timedelta(days=DAYS), channel__in=list(ways.FACTS))
    groups = (
        mine.annotate(went=Q(sent_at__isnull=False), waits=Q(next_at__isnull=False) | Q(held_at__isnull=False))
        .values("channel", "reason", "went", "waits")
        .annotate(n=Count("id"), last=Max("made_at"))
    )
    rows = {way: {"label": ways.LABELS[way], "sent": 0, "waiting": 0, "folded": 0, "ended": 0} for way in ways.FACTS}
    reasons: dict[tuple[str, str, bool], dict[str, Any]] = {}
    for one in groups.order_by():
        waits, row = one["waits"], rows[one["channel"]]
        if one["reason"] == "folded" or one["went"]:
            row["folded" if one["reason"] == "folded" else "sent"] += one["n"]
            continue
        row["waiting" if waits else "ended"] += one["n"]
        if one["reason"]:
            key = (one["channel"], one["reason"], waits)
            new = {
                "label": ways.LABELS[key[0]],
                "reason": REASONS.get(key[1]),
                "waits": waits,
                "n": 0,
                "last": one["last"],
            }
            held = reasons.setdefault(key, new)
            held["n"] += one["n"]
            held["last"] = max(held["last"], one["last"])
    return list(rows.values()), sorted(reasons.values(), key=lambda r: (r["waits"], -r["n"]))


def states(now: datetime) -> list[dict[str, Any]]:
    """Each provider that is switched on, in the order it is asked, with how it does. One query."""
    known, out = {row.name: row for row in ProviderState.objects.all()}, []
    for channel, some in outgoing.gateways().items():
        for place, one in enumerate(some if isinstance(some, list) else [], 1):
            row = known.get(providers.name_of(channel, one.name))
            rests = row.rests_until if row is not None and row.rests_until and row.rests_until > now else None
            out.append({
                "channel": ways.LABELS[channel], "name": one.name, "place": place, "row": row, "rests": rests,
                "reason": REASONS.get(row.reason) if row is not None and row.failures else None,
            })  # fmt: skip
    return out


@admins
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """For administrators of every kind: nothing in it is about a person."""
    now = timezone.now()
    channels, reasons = counted(now)
    here = {
        "section": "notices", "channels": channels, "reasons": reasons, "states": states(now), "days": DAYS, "tables": tables_of(request),
        "now": now, "quiet": settings.QUIET if quiet.hours(settings.QUIET) else "",
    }  # fmt: skip
    return render(request, "kernel/notices_page.html", here)
