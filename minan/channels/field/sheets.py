"""One matter as the phone keeps it: what its page shows, the steps possible now, and those that would be after each of them."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from datetime import datetime
from typing import Any

from minan.channels.field.lists import JSON, offline
from minan.kernel import access, directory, inbox, labels, places, possible, registry, sheet
from minan.kernel.directory import LOCAL
from minan.kernel.inbox import Wanted
from minan.kernel.labels import into
from minan.kernel.models import Case, User
from minan.kernel.pages import pane
from minan.kernel.procedure import Procedure, Step

LIST_MOST, LINES_MOST = 100, 20
AHEAD = 12  # states looked at after the present one


def when(at: datetime | None) -> str | None:
    """RFC 3339 with the city's offset, to the second."""
    return at.astimezone(LOCAL).isoformat(timespec="seconds") if at else None


def listed(user: User, now: datetime) -> JSON:
    """What waits for this person, by number of the last event: the phone asks again only for what changed. One query."""
    page = inbox.listed(user, Wanted(mine=True, order="new", limit=LIST_MOST), now)
    return {"cases": [{"code": c.code, "n": c.n} for c in page.items], "more": page.next is not None}


def _point(case: Case) -> list[float] | None:
    """Where it is: its own point, else the centre of its place, so that the day's visits can be put in order."""
    if case.lon is not None and case.lat is not None:
        return [case.lon, case.lat]
    node = places.tree().nodes.get(case.place)
    found = (node.centre or node.sketch) if node else None
    return list(found) if found else None


def _about(case: Case) -> bool:
    """Whether that point is only the middle of its village."""
    return case.lon is None or case.lat is None


def _yours(step: Step, roles: frozenset[str]) -> bool:
    return offline(step) and any(role in roles and role != "clock" for role in step.who)


def _after(
    procedure: Procedure, found: sheet.Sheet, steps: list[Step], actor: access.Actor, now: datetime
) -> dict[str, list[str]]:
    """State → the steps that would be there, for every state this reader can reach alone; the server has the last word."""
    case = found.case
    out: dict[str, list[str]] = {}
    todo = [s.to for s in steps if s.to]
    while todo and len(out) < AHEAD:
        state = todo.pop(0)
        if state in out or state == case.state:
            continue
        there = copy(case)
        there.state = state
        would = replace(found, case=there)
        mine = [
            s
            for s in procedure.steps_from(state)
            if _yours(s, found.roles) and possible.why_not(s, would, actor, now) is None
        ]
        out[state] = [s.name for s in mine]
        todo += [s.to for s in mine if s.to]
    return out


def _clocks(lines: list[sheet.ClockLine]) -> list[JSON]:
    return [
        {
            "label": into(line.label), "due_at": when(line.row.due_at), "warn_at": when(line.row.warn_at),
            "paused": line.row.paused_at is not None, "limit": labels.limit(line.row.limit),
            "rule": "，".join(filter(None, (line.row.rule, line.row.article))),
        }
        for line in lines
        if line.row.done_at is None
    ]  # fmt: skip


def _lines(items: list[dict[str, Any]]) -> list[JSON]:
    return [
        {
            "label": item["label"] if isinstance(item["label"], str) else into(item["label"]), "at": when(item["at"]), "by": item["by"],
            "words": item["words"], "photos": len(item["photos"]),
        }
        for item in items[:LINES_MOST]
    ]  # fmt: skip


def of(user: User, case: Case, now: datetime) -> JSON:
    """The whole page of one matter. Three queries. Raises Case.DoesNotExist for a stranger."""
    actor = access.actor(user)
    found = sheet.of(case, actor, now)
    found.steps = possible.steps(found, actor, now)
    mine, main = [s for s in found.steps if offline(s)], pane.main_step(found)
    procedure, items = registry.get(case.procedure), pane.timeline(found)
    label = registry.label(case.procedure, case.version, "states", case.state)
    return {
        "code": case.code, "n": case.n, "moves": case.moves, "procedure": case.procedure, "state": case.state, "state_label": into(label),
        "title": labels.title_of(case), "text": case.text, "place": case.place, "place_label": directory.place_name(case.place, full=True),
        "place_short": labels.place_short(case.place), "place_words": case.place_words, "at": _point(case),
        "at_about": _about(case), "kind": case.kind,
        "kind_label": labels.kind_name(case.kind), "urgency": case.urgency, "size": case.size, "opened_at": when(case.opened_at),
        "due_at": when(case.due_at), "warn_at": when(case.warn_at), "tags": [tag["label"] for tag in labels.overlays(case.marks, few=True)],
        "clocks": _clocks(found.clocks), "heard": _lines(pane.heard(items)), "lines": _lines(items), "main": main.name if main else "",
        "photos": len(found.lines[0].pictures) if found.lines else 0,
        "steps": [s.name for s in mine], "now_only": [into(s.label) for s in found.steps if not offline(s)],
        "after": _after(procedure, found, mine, actor, now) if procedure else {},
    }  # fmt: skip
