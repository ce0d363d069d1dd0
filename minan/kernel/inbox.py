"""Lists of cases a person may see: one index range of inbox rows, then the cases of that page; never four tables with OR."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from minan.kernel import access, directory, search
from minan.kernel.calendar import light
from minan.kernel.models import Case, Inbox, User

PAGE, PAGE_MOST = 20, 100
LIGHTS = ("red", "yellow", "green", "paused")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is asked for; every field may be empty. `place` means its subtree; `order` is "new" or "due"."""

    place: str = ""
    procedure: str = ""
    state: str = ""
    kind: str = ""
    light: str = ""
    q: str = ""
    flag: str = ""  # an overlay: supervised, urged, parked …
    mine: bool = False
    open: bool | None = None
    order: str = "new"
    cursor: str = ""
    limit: int = PAGE


@dataclass(slots=True)
class Page:
    items: list[Case] = field(default_factory=list)
    next: str | None = None
    mine: set[UUID] = field(default_factory=set)


class BadCursor(ValueError):
    """A cursor that this list did not give out."""


def subtree(code: str) -> tuple[str, str]:
    """The half-open range of codes inside a place: its digits at its level's width, and the next number."""
    width = directory.LEVELS.get(directory.level_of(code), 0) or len(code.rstrip("0")) or 1
    lo = code[:width]
    return lo, str(int(lo) + 1).zfill(width)


def _lit(rows: QuerySet[Inbox], wanted: str, now: datetime) -> QuerySet[Inbox]:
    rows = rows.filter(open=True)
    if wanted == "red":
        return rows.filter(due_at__lt=now)
    if wanted == "yellow":
        return rows.filter(warn_at__lte=now, due_at__gte=now)
    if wanted == "green":
        return rows.filter(warn_at__gt=now)
    return rows.filter(due_at=None)


def rows_of(units: list[str], wanted: Wanted, now: datetime) -> QuerySet[Inbox]:
    """The inbox rows a list is made of, not yet ordered."""
    rows = Inbox.objects.filter(unit=units[0]) if len(units) == 1 else Inbox.objects.filter(unit__in=units)
    for name in ("procedure", "state", "kind"):
        if value := getattr(wanted, name):
            rows = rows.filter(**{name: value})
    if wanted.place:
        lo, hi = subtree(wanted.place)
        rows = rows.filter(place__gte=lo, place__lt=hi)
    if wanted.open is not None:
        rows = rows.filter(open=wanted.open)
    if wanted.mine:
        rows = rows.filter(mine=True, open=True)
    if wanted.flag:
        rows = rows.filter(flags__contains=f",{wanted.flag},")
    return _lit(rows, wanted.light, now) if wanted.light in LIGHTS else rows


def _after(rows: QuerySet[Inbox], wanted: Wanted) -> QuerySet[Inbox]:
    try:
        if wanted.order == "due":
            at, _, last = wanted.cursor.partition("|")
            moment = datetime.fromisoformat(at)
            return rows.filter(Q(due_at__gt=moment) | Q(due_at=moment, case_id__gt=UUID(last)))
        return rows.filter(case_id__lt=UUID(wanted.cursor))
    except ValueError:
        raise BadCursor(wanted.cursor) from None


def listed(user: User, wanted: Wanted, now: datetime | None = None) -> Page:
    """One page of the cases this person may see. Two queries, three with a search. Raises BadCursor."""
    now, units = now or datetime.now(UTC), access.units_of(user)
    if not units:
        return Page()
    limit = max(1, min(wanted.limit, PAGE_MOST))
    rows = rows_of(units, wanted, now)
    if wanted.q:
        rows = rows.filter(case_id__in=search.ids(wanted.q, units, counties(units)))
    if wanted.order == "due":
        rows = rows.filter(due_at__isnull=False).order_by("due_at", "case_id")
    else:
        rows = rows.order_by("-case_id")
    if wanted.cursor:
        rows = _after(rows, wanted)
    found: dict[UUID, Mapping[str, Any]] = {}
    for row in rows.values("case_id", "mine", "due_at")[: (limit + 1) * len(units)]:
        found.setdefault(row["case_id"], row)
    ids = list(found)[: limit + 1]
    more, ids = len(ids) > limit, ids[:limit]
    cases = {c.id: c for c in Case.objects.filter(id__in=ids)}
    page = Page([cases[i] for i in ids if i in cases], None, {i for i in ids if found[i]["mine"]})
    if more:
        last = found[ids[-1]]
        page.next = f"{last['due_at'].isoformat()}|{last['case_id']}" if wanted.order == "due" else str(last["case_id"])
    return page


def counties(units: list[str]) -> list[str]:
    """The six-digit counties whose cases these units may hold, the city itself for matters not yet placed."""
    out: dict[str, None] = {}
    for unit in units:
        office = directory.office(unit)
        if office is None:
            continue
        if office.level == "city":
            out |= {s.code[:6]: None for s in directory.city().places.values() if s.level in ("city", "county")}
        else:
            out[directory.within(office.place, "county")[:6]] = None
            out |= {s.code[:6]: None for s in directory.city().places.values() if s.level == "city"}
    return list(out)


def light_of(case: Case, now: datetime) -> str:
    """green, yellow, red, paused (open, but nothing runs) or met (closed)."""
    if not case.open:
        return "met"
    if case.due_at is None or case.warn_at is None:
        return "paused"
    return light(now, case.warn_at, case.due_at)


COUNTED_FLAGS = ("supervised", "parked", "place_unknown", "danger", "extension_asked", "park_asked", "urged", "waiting")


def counts(user: User, now: datetime | None = None) -> dict[str, dict[str, int]]:
    """How many open rows of this person's units, by light (and flag) and by state: one query, live."""
    from django.db.models import Count  # only counted here

    now, units = now or datetime.now(UTC), access.units_of(user)
    rows = Inbox.objects.filter(unit__in=units, open=True)
    parts: dict[str, Any] = {"all": Count("id"), "mine_": Count("id", filter=Q(mine=True))}
    parts["red"] = Count("id", filter=Q(due_at__lt=now))
    parts["yellow"] = Count("id", filter=Q(warn_at__lte=now, due_at__gte=now))
    parts["green"] = Count("id", filter=Q(warn_at__gt=now))
    parts["paused"] = Count("id", filter=Q(due_at=None))
    parts |= {flag: Count("id", filter=Q(flags__contains=f",{flag},")) for flag in COUNTED_FLAGS}
    by_state: dict[str, int] = {}
    by_light = dict.fromkeys((name.rstrip("_") for name in parts), 0)
    for row in rows.values("state").annotate(**parts):
        by_state[row["state"]] = row["all"]
        for name in parts:
            by_light[name.rstrip("_")] += row[name]
    return {"light": by_light, "state": by_state}
