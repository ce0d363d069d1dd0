"""What the pages show: the name of a way, a door's health and counts, a household's own things as numbers."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from minan.kernel.directory import LOCAL
from minan.systems.doors import registry
from minan.systems.doors.models import Batch, Compound, Door, Home

HEALTH = {
    "well": ("met", gettext_lazy("正常")),
    "new": ("idle", gettext_lazy("还没接上")),
    "offline": ("red", gettext_lazy("失联")),
    "forced": ("red", gettext_lazy("被强行打开")),
    "held": ("yellow", gettext_lazy("一直开着")),
    "fire": ("red", gettext_lazy("消防信号，门都开着")),
}
OPENED = ("opened", "remote")
ALARMS = ("forced", "held", "fire")


def inside(compound: Compound, path: str) -> str:
    """ "3 号楼 2 单元" of a path; the compound's name where it is all of it."""
    parts = path[len(compound.path) :].strip("/").split("/")
    if parts == [""]:
        return compound.name
    if len(parts) == 1:
        return _("%(building)s 号楼") % {"building": parts[0]}
    return _("%(building)s 号楼 %(unit)s 单元") % {"building": parts[0], "unit": parts[1]}


def way(home: Home) -> str:
    return f"{home.compound.name} {inside(home.compound, home.path)}"


def light(door: Door, now: datetime) -> dict[str, Any]:
    word = registry.health(door, now)
    return {"light": HEALTH[word][0], "words": HEALTH[word][1]}


def doors(compounds: list[Compound], now: datetime) -> list[dict[str, Any]]:
    """Each door with its health and the counts of seven days, worst first: two queries.

    By the day only: hours would tell who came home late.
    """
    since = now.astimezone(LOCAL).date() - timedelta(days=6)
    found = list(Door.objects.filter(compound__in=compounds, active=True).select_related("compound").order_by("name"))
    sums: dict[Any, Counter[str]] = {door.pk: Counter() for door in found}
    for pk, counts in Batch.objects.filter(door__in=found, day__gte=since).values_list("door_id", "counts"):
        sums[pk] += Counter(counts)
    rows = []
    for door in found:
        said = sums[door.pk]
        refused = sum(n for word, n in said.items() if word not in (*OPENED, *ALARMS))
        rows.append({"door": door, "where": inside(door.compound, door.closes), "light": light(door, now),
                     "word": registry.health(door, now),
                     "opened": sum(said[w] for w in OPENED), "refused": refused, "forced": said["forced"],
                     "held": said["held"]})  # fmt: skip
    order = ("fire", "forced", "held", "offline", "new", "well")
    return sorted(rows, key=lambda row: (order.index(row["word"]), row["door"].name))


RESULTS = (
    ("opened", gettext_lazy("开了")), ("remote", gettext_lazy("远程开的")), ("expired", gettext_lazy("过期了")), ("not_yet", gettext_lazy("还没到时间")),
    ("revoked", gettext_lazy("已收回")), ("other_door", gettext_lazy("不是这个门的")), ("stale", gettext_lazy("旧的码")),
    ("replayed", gettext_lazy("用过的码")),
    ("forged", gettext_lazy("不是真的")), ("unknown", gettext_lazy("没有登记")), ("throttled", gettext_lazy("试得太多")),
    ("forced", gettext_lazy("强行打开")), ("held", gettext_lazy("一直开着")), ("fire", gettext_lazy("消防打开")),
)  # fmt: skip


def week(door: Door, now: datetime) -> list[dict[str, Any]]:
    """The counts of one door, a word a row, a day a column, today last. One query."""
    today = now.astimezone(LOCAL).date()
    days = [today - timedelta(days=n) for n in range(6, -1, -1)]
    table: dict[Any, Counter[str]] = {day: Counter() for day in days}
    for day, counts in Batch.objects.filter(door=door, day__gte=days[0]).values_list("day", "counts"):
        if day in table:
            table[day] += Counter(counts)
    return [
        {"label": label, "days": [table[day][word] for day in days]}
        for word, label in RESULTS
        if any(table[d][word] for d in days)
    ]


def last_days(now: datetime) -> list[Any]:
    today = now.astimezone(LOCAL).date()
    return [today - timedelta(days=n) for n in range(6, -1, -1)]
