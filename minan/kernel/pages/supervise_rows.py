"""The supervisor's numbers as a template takes them: every number with the list behind it, every rate with its denominator."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from minan.kernel import access, directory, labels, pushed, registry
from minan.kernel.access import Actor
from minan.kernel.models import Case
from minan.kernel.pages import charts, listing, numbers, supervise_terms
from minan.kernel.pages.overview import ASKED, UNITS_SHOWN, Overview

STOP_NAMES = {
    "said": gettext_lazy("待受理"),
    "accepted": gettext_lazy("待交办"),
    "assigned": gettext_lazy("待签收"),
    "handling": gettext_lazy("办理中"),
    "answered": gettext_lazy("待回访、评价"),
    "ruling": gettext_lazy("待上级裁定"),
    numbers.BESIDE: gettext_lazy("不在这六步里的"),
}
TABS = {
    "unit": gettext_lazy("单位"),
    "place": gettext_lazy("地方"),
    "kind": pgettext_lazy("table", "种类"),
    "week": gettext_lazy("周"),
}
CLOSED = {"closed": "1"}
SUFFIX, SHORT = re.compile(r"(?:(?:[回满壮苗彝藏蒙]族)?自治县|县|市|区)$"), 8


def desk(**words: str) -> str:
    """The inbox with these filters."""
    return reverse("kernel:desk") + "?" + urlencode(words)


def case_url(case: Case) -> str:
    return reverse("kernel:desk_case", args=[case.code])


def _cases(seen: Overview, **words: str) -> str:
    return reverse("kernel:supervise_cases") + "?" + urlencode({"unit": seen.scope.office.id, **words})


def context(seen: Overview, actor: Actor, table: str) -> dict[str, Any]:
    """Everything the page shows. At most twelve queries."""
    if seen.scope.units or table not in TABS:
        table = "unit"
    tabs = [{"name": name, "label": label, "here": name == table} for name, label in TABS.items()]
    sums = seen.all
    drawn = coloured(seen)
    return {
        "title": title(seen),
        "open": seen.open,
        "late": seen.late,
        "jam": jam(seen),
        "stops": stops(seen),
        "beside": seen.beside,
        "beside_url": _cases(seen, stop=numbers.BESIDE),
        "red": red(seen, actor),
        "decide": decide(seen),
        "terms": supervise_terms.rows(seen),
        "all": sums,
        "rates": numbers.rates(sums),
        "pushed": pushed.month(seen.scope.place, seen.now),
        "as_of": seen.as_of,
        "map": drawn,
        "map_words": map_words(drawn),
        "bars": weeks(seen),
        "tabs": [] if seen.scope.units else tabs,
        "table": table,
        "rows": rows(seen, table),
        "small": numbers.SMALL,
        "place": labels.name_of(directory.city().places.get(seen.scope.place)),
        "red_url": desk(light="red"),
        "open_url": desk(),
        "decide_url": _cases(seen, stop="ruling"),
        "line": bool(seen.scope.units),
        "table_name": TABS[table],
    }


def clock_name(name: str) -> str:
    """What a clock is called, by whichever procedure has it."""
    return next(
        (labels.into(c.label) for p in registry.procedures().values() for c in p.clocks if c.name == name), name
    )


def title(seen: Overview) -> str:
    if seen.late and seen.jam is None:  # only what stands at none of the stops
        return ngettext("%(n)s 件超时", "%(n)s 件超时", seen.late) % {"n": f"{seen.late:,}"}
    if seen.jam is None or not seen.late:
        return _("没有超时的，一件也没有") if seen.open else _("手里没有在办的事")
    return _("%(n)s 件超时，最卡的一步是%(step)s") % {"n": f"{seen.late:,}", "step": clock_name(seen.jam.clock)}


def jam(seen: Overview) -> dict[str, Any] | None:
    """The step that is stuck, with its worst units."""
    if seen.jam is None:
        return None
    units = [
        {
            "name": labels.office_name(unit) or unit,
            "late": late,
            "first": {"light": "red", "due_at": first, "now": seen.now},
            "url": _cases(seen, at=unit, light="red"),
        }
        for unit, late, first in seen.jam.units[:UNITS_SHOWN]
    ]
    rest = seen.jam.units[UNITS_SHOWN:]
    return {
        "name": clock_name(seen.jam.clock),
        "late": seen.jam.late,
        "units": units,
        "rest": len(rest),
        "rest_late": sum(r[1] for r in rest),
    }


def stops(seen: Overview) -> list[dict[str, Any]]:
    """The six stops with the list behind each number."""
    out = []
    for stop in seen.stops:
        words = {"state": stop.states[0]} if len(stop.states) == 1 else {}
        url = desk(**words) if words else _cases(seen, stop=stop.name)
        late_url = desk(**words, light="red") if words else _cases(seen, stop=stop.name, light="red")
        share = 100 * stop.late / stop.count if stop.count else 0
        out.append(
            {"stop": stop, "label": STOP_NAMES[stop.name], "url": url, "late_url": late_url, "width": f"{share:.1f}"}
        )
    return out


def red(seen: Overview, actor: Actor) -> list[dict[str, Any]]:
    """The matters longest over, each with its order or the way to write one."""
    out = []
    for case in seen.red:
        row = listing.row(case, seen.now, case_url(case))
        n, number = seen.orders.get(case.id, (0, ""))
        row["stuck"] = labels.into(registry.label(case.procedure, case.version, "clocks", case.light))
        row["number"], row["paper"] = labels.numbered(number), reverse("kernel:order_paper", args=[case.code, n]) if n else ""
        above = "above" in access.roles_of(actor, case.as_view())
        row["order"] = reverse("kernel:supervise_order", args=[case.code]) if above else ""
        out.append(row)
    return out


def decide(seen: Overview) -> list[dict[str, Any]]:
    """What waits for our word, each opening at the form that gives it."""
    out = []
    for case, mark in seen.decide:
        row = listing.row(case, seen.now, case_url(case) + (f"?step={ASKED[mark]}" if mark else ""))
        row["what"] = labels.MARKS[mark] if mark else labels.into(row["state"])
        out.append(row)
    return out


def coloured(seen: Overview) -> charts.Map | None:
    """The map with what is open and late in each place, and the list behind it."""
    drawn, sums = seen.map(), seen.by("place")
    for area in drawn.areas if drawn else []:
        row = sums.get(area.code, {})
        area.name = labels.name_of(directory.city().places.get(area.code))
        area.short = short(area.name, bool(area.path))
        area.open, area.late = row.get("open", 0), row.get("late", 0)
        area.tone = charts.tone(area.late, area.open, numbers.SMALL)
        area.url = desk(place=area.code)
    return drawn


def short(name: str, drawn: bool) -> str:
    """A place's name as it fits on a map: 大厂回族自治县 → 大厂, Anci District → Anci; a town's long name is cut."""
    if drawn:
        return name.split(" ", 1)[0] if name.isascii() else SUFFIX.sub("", name) or name
    return name if len(name) <= SHORT else name[: SHORT - 1] + "…"


def map_words(drawn: charts.Map | None) -> str:
    """The map in words, for who does not see it."""
    worst = sorted((a for a in drawn.areas if a.open), key=lambda a: (-a.late, -a.open))[:5] if drawn else []
    said = _("%(name)s在办 %(open)d 件、超时 %(late)d 件")
    return "；".join(said % {"name": a.name, "open": a.open, "late": a.late} for a in worst)


def weeks(seen: Overview) -> list[charts.Bar]:
    sums = seen.by("week")
    return charts.bars((w, sums.get(w, {}).get("opened", 0), sums.get(w, {}).get("late", 0)) for w in seen.weeks)


def rows(seen: Overview, table: str) -> list[dict[str, Any]]:
    """One table: a name, the sums, the rates and the lists behind the counts."""
    sums = seen.by(table)
    if table == "week":
        ordered: list[tuple[str, numbers.Sums]] = [(week, sums.get(week, {})) for week in reversed(seen.weeks)]
    else:
        ordered = numbers.late_first((key, row) for key, row in sums.items() if any(row.values()))
    named = NAMES[table]
    return [
        {"name": named(key), "sums": row, "rates": numbers.rates(row), **_urls(seen, table, key)}
        for key, row in ordered
    ]


def _urls(seen: Overview, table: str, key: str) -> dict[str, str]:
    """The lists behind the numbers of a row; the inbox has none for weeks."""
    if table == "week":
        return {"open_url": "", "late_url": "", "done_url": ""}
    if table == "unit":
        return {"open_url": _cases(seen, lead=key), "late_url": _cases(seen, lead=key, light="red"), "done_url": ""}
    words = {table: key}
    return {"open_url": desk(**words), "late_url": desk(**words, light="red"), "done_url": desk(**words, **CLOSED)}


def _week_name(week: str) -> str:
    day = numbers.monday(week)
    return _("%(month)d 月 %(day)d 日起的一周") % {"month": day.month, "day": day.day}


NAMES: dict[str, Callable[[str], str]] = {
    "unit": lambda key: labels.office_name(key) or key,
    "place": lambda key: labels.name_of(directory.city().places.get(key)) or key,
    "kind": lambda key: labels.kind_name(key) or _("还没定种类"),
    "week": _week_name,
}


def order_words(case: Case, now: datetime) -> str:
    """The words an order begins with: who, what, by when; the supervisor changes them as they like."""
    unit = labels.office_name(labels.holder(case))
    if case.light and case.due_at is not None and case.due_at < now:
        days = (now - case.due_at).days
        over = ngettext("已超时 %(n)d 天", "已超时 %(n)d 天", days) % {"n": days} if days else _("已超时")
        clock = labels.into(registry.label(case.procedure, case.version, "clocks", case.light))
        return _("这件事“%(clock)s”%(over)s。请%(unit)s今天之内办到这一步，把进展写进来，并告诉说事人。") % {
            "clock": clock,
            "over": over,
            "unit": unit,
        }
    return _("请%(unit)s按期办好这件事，把进展写进来，并告诉说事人。") % {"unit": unit}
