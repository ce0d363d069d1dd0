"""What stands still and what was ordered, as the supervisor's page counts it: each number over the matters it is a part of."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from minan.kernel.models import Clock

if TYPE_CHECKING:
    from minan.kernel.pages.overview import Overview

# flag → how it is called, and the flag it is a part of ("": all that is open)
TERMS = {
    "extended": (gettext_lazy("延过期的"), ""),
    "paused": (gettext_lazy("挂起的"), ""),
    "parked": (gettext_lazy("挂账的"), ""),
    "top": (gettext_lazy("上提到顶的"), "escalated"),
    "listed": (gettext_lazy("挂牌督办的"), ""),
    "ordered": (gettext_lazy("督办没回复的"), "supervised"),
}
NEEDED = tuple(dict.fromkeys([*TERMS, *(whole for _label, whole in TERMS.values() if whole)]))
AGAIN = {"paused": "pause", "parked": "park"}  # whose day to look again is told, by the clock that keeps it


def counted() -> dict[str, Any]:
    """The counts a query over open inbox rows adds for this part of the page: nothing is asked twice."""
    return {f"n_{name}": Count("id", filter=Q(flags__contains=f",{name},")) for name in NEEDED}


def _again(seen: Overview) -> dict[str, datetime]:
    """Clock → the nearest day on which something that stands still is looked at again. One query, none where nothing does."""
    if not any(seen.flags[f"n_{name}"] for name in AGAIN):
        return {}
    still = seen.scope.open().filter(Q(flags__contains=",paused,") | Q(flags__contains=",parked,")).values("case_id")
    rows = Clock.objects.filter(county__in=seen.scope.counties, case_id__in=still, name__in=AGAIN.values(), done_at=None)
    return dict(rows.values_list("name").annotate(first=Min("due_at")))


def rows(seen: Overview) -> list[dict[str, Any]]:
    """One line a term: how many, of how many, the list behind it, and for what stands still the nearest day to look again."""
    out, again = [], _again(seen)
    for name, (label, whole) in TERMS.items():
        of = seen.flags[f"n_{whole}"] if whole else seen.open
        out.append(
            {
                "label": label, "n": seen.flags[f"n_{name}"], "of": of, "whole": whole, "again": _day(again.get(AGAIN.get(name, ""))),
                "url": reverse("kernel:desk") + "?" + urlencode({"flag": name}),
            }
        )  # fmt: skip
    return out


def _day(at: datetime | None) -> date | None:
    return timezone.localtime(at).date() if at is not None else None
