"""Counts of a place from the tallies, and who may read them: desks, supervisors and administrators, inside their own range."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db.models import F, Min, Sum

from minan.channels.api import shapes
from minan.channels.api.problems import MISSING, Problem
from minan.kernel import directory, registry
from minan.kernel.models import Delivery, Outbox, Tally, User
from minan.kernel.procedure import Words

READERS = ("clerk", "supervisor")
ROWS_MOST = 1000
LISTENER = "kernel.tallies.count"
NOT_YOURS = Words("看统计要有说事站、中心或管理员的岗位", "Counts are for desks, supervisors and administrators")
IN_TIME = Words("按时答复的，占所有已答复和已超时的", "answered in time, of all answered or past their time")
SHARE = Words("在这个状态的未办结事项，占全部未办结", "open cases in this state, of all open ones")
NO_KIND = Words("还没定种类", "No kind yet")


def place_for(user: User, asked: str) -> str:
    """The place a person may count in: the one asked for, or the widest of their own. Raises Problem 403 or 404."""
    ranges = [
        place
        for post in directory.posts_of(user.pk)
        if post.role in READERS and (office := directory.office(post.unit))
        for place in (office.ranges or [office.place])
    ]
    if not ranges:
        raise Problem(403, NOT_YOURS)
    if not asked:
        return min(ranges, key=lambda code: directory.LEVELS.get(directory.level_of(code), 99))
    inside = [r for r in ranges if asked.startswith(r[: directory.LEVELS.get(directory.level_of(r), 15)])]
    if not inside or not directory.level_of(asked):
        raise Problem(404, MISSING)
    return asked


def as_of(now: datetime) -> datetime:
    """Up to when the counts are whole: the oldest event that is not counted yet, else now."""
    waiting = Outbox.objects.order_by("id").values_list("at", flat=True).first()
    given = Delivery.objects.filter(listener=LISTENER).aggregate(at=Min("at"))["at"]
    return min([now, *(at for at in (waiting, given) if at is not None)])


def _label(by: str, key: str, lang: str) -> str:
    if by == "state":
        both = next((s.label for p in registry.procedures().values() for s in p.states if s.name == key), None)
        return both.into(lang) if both else key
    if by == "kind":
        return shapes.kind_label(key, lang) or (key or NO_KIND.into(lang))
    return shapes.unit_label(key, lang) or key if by == "unit" else key


def _row(by: str, row: dict[str, Any], open_: int, lang: str) -> dict[str, Any]:
    due = row["answered_"] + row["late_"]
    numerator, denominator, rate = (row["open_"], open_, SHARE) if by == "state" else (row["on_time_"], due, IN_TIME)
    return {
        "key": row["key"], "label": _label(by, row["key"], lang), "open": row["open_"], "due": due, "late": row["late_"],
        "opened": row["opened_"], "answered": row["answered_"], "numerator": numerator, "denominator": denominator,
        "rate_of": rate.into(lang),
    }  # fmt: skip


def rows(place: str, by: str, lang: str) -> list[dict[str, Any]]:
    """One row a key; of a place and all below it. `due` is how many answers were owed by now: given, or past their time."""
    sums = {f"{name}_": Sum(name) for name in ("opened", "open", "late", "answered", "on_time")}
    rows_: Any = (
        Tally.objects.filter(place=place, by=by)
        .values("key")
        .annotate(**sums)
        .order_by(F("key").desc() if by == "week" else "key")
    )
    found: list[dict[str, Any]] = [r for r in rows_ if r["opened_"] or r["open_"] or r["answered_"]][:ROWS_MOST]
    open_ = sum(row["open_"] for row in found)
    return [_row(by, row, open_, lang) for row in found]


def answer(user: User, place: str, by: str, lang: str, now: datetime | None = None) -> dict[str, Any]:
    """All of GET /counts."""
    moment, place = now or datetime.now(UTC), place_for(user, place)
    until = as_of(moment)  # before the counts are read: then they hold at least what it promises
    return {
        "as_of": shapes.when(until),
        "place": place,
        "place_label": directory.place_name(place),
        "by": by,
        "rows": rows(place, by, lang),
    }
