"""The lists of who works: today's visits and the paper plan of a point; the bed board of a street. Codes, lines and counts, no names."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse

from minan.kernel import access, directory, labels, registry
from minan.kernel.models import Case, User
from minan.kernel.pages import listing
from minan.systems.care import beds, staying, watching
from minan.systems.care.models import Centre

MOST, DAYS = 60, 14


def visits(user: User, now: datetime) -> dict[str, Any]:
    """Open visits before this person, the ones to go to first; then the lines of the paper plan not looked in on yet."""
    found = Case.objects.visible_to(user).filter(procedure="visit_care", closed_at=None)[:MOST]
    rows = sorted(found, key=lambda c: (c.state != "visit", c.due_at or now))
    lines = watching.on_paper(access.actor(user).units, watching.today(now))
    return {
        "rows": [
            {
                "case": c, "url": reverse("kernel:tasks_case", args=[c.code]), "clock": listing.clock(c, now), "go": c.state == "visit",
                "state": registry.label(c.procedure, c.version, "states", c.state), "place": labels.place_short(c.place),
                "home": c.facts.get("by") == "home",
            }
            for c in rows
        ],
        "lines": [{"watch": w, "place": labels.place_short(w.place), "late": watching.due(w, watching.today(now)) <= now} for w in lines],
    }  # fmt: skip


def streets(user: User) -> list[str]:
    """The township-level places this person's units work in; of a county or the city all of them below."""
    out: list[str] = []
    for unit in access.actor(user).units:
        office = directory.office(unit)
        for where in office.ranges if office else ():
            width = directory.LEVELS.get(directory.level_of(where), 15)
            town = directory.within(where, "town")
            out += [town] if town else [code for code in _with_centres() if code.startswith(where[:width])]
    return list(dict.fromkeys(out))


def _with_centres() -> list[str]:
    return list(Centre.objects.filter(active=True).values_list("street", flat=True).distinct())


def board(user: User, now: datetime) -> dict[str, Any]:
    """The beds of this person's streets for two weeks, and how many wait."""
    first = staying.today(now)
    lines = beds.board(first, DAYS, streets=streets(user))
    waiting = Case.objects.visible_to(user).filter(procedure="stay", closed_at=None, state__in=("applied", "waiting", "booked", "in",
        "leaving"))
    rows = [
        {
            "case": c, "url": reverse("care:stay", args=[c.code]), "urgent": bool(c.facts.get("urgent")),
            "state": registry.label(c.procedure, c.version, "states", c.state), "clock": listing.clock(c, now),
            "from": c.facts.get("from") or c.facts.get("start"), "until": c.facts.get("until", ""), "nights": c.facts.get("nights"),
            "centre": int(c.facts.get("at") or c.facts.get("centre") or 0), "order": staying.OPEN.index(c.state),
        }
        for c in waiting.order_by("id")[:MOST]
    ]  # fmt: skip
    names = {line.centre.number: labels.name_of(line.centre) for line in lines}
    for row in rows:
        row["centre"] = names.get(row["centre"], "")
    totals = [sum(line.free[n] for line in lines) for n in range(DAYS)]
    return {
        "days": [first + timedelta(days=n) for n in range(DAYS)], "lines": lines, "totals": totals,
        "beds": sum(line.beds for line in lines), "stays": sorted(rows, key=lambda r: (r["order"], str(r["from"]))),
    }  # fmt: skip
