"""GET requests: the filters of the standard over what is public, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db.models import Q
from django.http import HttpRequest

from minan.channels.open311 import where
from minan.channels.open311.forms import Problem
from minan.kernel import inbox
from minan.kernel.directory import LOCAL
from minan.kernel.models import Case
from minan.kernel.procedure import Words
from minan.lib import codes

DAYS, IDS_MOST, PAGE, PAGE_MOST, PAGES_MOST = 90, 50, 50, 200, 1000
BAD_DATE = Words("日期写成 2026-11-22T08:30:00+08:00", "Write dates like 2026-11-22T08:30:00+08:00")
BAD_PAGE = Words("page 从 1 起，page_size 最多 200", "page begins at 1; page_size is at most 200")
BAD_STATUS = Words("status 只能是 open 或 closed", "status is open or closed")


def _moment(text: str) -> datetime | None:
    """RFC 3339; a date without an offset is meant here. Raises Problem 400."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text.strip().replace(" ", "+") if "T" in text else text.strip())
        return (at if at.tzinfo else at.replace(tzinfo=LOCAL)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Problem(400, BAD_DATE) from None


def _number(text: str, default: int, most: int) -> int:
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 8 and 1 <= int(text) <= most):
        raise Problem(400, BAD_PAGE)
    return int(text)


def _span(start: datetime | None, end: datetime | None) -> tuple[datetime, datetime | None]:
    """The last 90 days where nothing is said; 90 days from or up to the one date given."""
    days = timedelta(days=DAYS)
    if start is not None:
        return start, end if end is not None else min(start, datetime.max.replace(tzinfo=UTC) - days) + days
    base = end if end is not None else datetime.now(UTC)
    return max(base, datetime.min.replace(tzinfo=UTC) + days) - days, end


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")[:IDS_MOST] if part.strip()]


def page(request: HttpRequest) -> list[Case]:
    """One page of public cases, newest first. One query; the page's limits are checked before. Raises Problem 400 or 404."""
    asked = {name: str(value).replace("\0", "")[:2000] for name, value in request.GET.items()}
    size = _number(asked.get("page_size", ""), PAGE, PAGE_MOST)
    first = (_number(asked.get("page", ""), 1, PAGES_MOST) - 1) * size
    rows = Case.objects.filter(public=True).order_by("-opened_at", "-id")
    if ids := asked.get("service_request_id", ""):
        known = [code for text in _listed(ids) if (code := codes.parse(text))]
        return list(rows.filter(code__in=known)[first : first + size])
    start, end = _span(_moment(asked.get("start_date", "")), _moment(asked.get("end_date", "")))
    rows = rows.filter(opened_at__gte=start)
    if end is not None:
        rows = rows.filter(opened_at__lte=end)
    if kinds := _listed(asked.get("service_code", "")):
        rows = rows.filter(kind__in=kinds)
    states = set(_listed(asked.get("status", "")))
    if states - {"open", "closed"}:
        raise Problem(400, BAD_STATUS)
    if len(states) == 1:
        still = Q(closed_at=None, merged_into="")  # merged is closed to the world (CONTRACTS.md): the other one goes on
        rows = rows.filter(still) if states == {"open"} else rows.exclude(still)
    if within := where.jurisdiction(asked.get("jurisdiction_id", "")):
        lo, hi = inbox.subtree(within)
        rows = rows.filter(place__gte=lo, place__lt=hi)
    return list(rows[first : first + size])
