"""Ends counted before a year's rest days were published: counted again once they are, never earlier than promised.

Each is an event on its case by the clock, so that the speaker sees the new date and why it moved.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from minan.kernel import directory, registry
from minan.kernel.access import CLOCK
from minan.kernel.calendar import Due, Limit
from minan.kernel.clocks import FIXED, by_law
from minan.kernel.draft import Draft
from minan.kernel.facts import Facts
from minan.kernel.models import Case, Clock
from minan.kernel.procedure import Procedure, Step, Words
from minan.kernel.rows import commit

STEP = "recounted"
LABEL = Words("规则或放假安排有变，日期重新算过", "Rules or rest days have changed; the date was counted again")
BATCH = 500
TRIES = 5


def step(procedure: Procedure) -> Step:
    return procedure.step(STEP) or Step(STEP, LABEL, ("clock",))


def _again(row: dict[str, Any]) -> Due:
    """The end by today's calendar: the first term, the extension where there was one, and never before the promise."""
    calendar, limit = directory.calendar(row["hours"]), Limit.parse(row["limit"])
    due = calendar.recount(row["started_at"], limit, row["due_at"])
    if row["extended"]:
        longer = calendar.extended(calendar.due(row["started_at"], limit).at, limit)
        due = by_law(row, Due(max(longer.at, row["due_at"]), longer.provisional))
    return due


def _warn(row: dict[str, Any], due: datetime) -> datetime:
    limit = Limit.parse(row["limit"])
    whole = Limit(limit.amount * 2, limit.scale) if row["extended"] else limit
    return directory.calendar(row["hours"]).warn(row["started_at"], due, whole)


def _one(case: Case, now: datetime) -> int:
    """Count the case's provisional clocks again; 1 where an event was written."""
    procedure = registry.get(case.procedure)
    if procedure is None:
        return 0
    draft, moved = Draft.of(procedure, case), []
    for row in draft.clocks.running():
        if not row["provisional"] or row["paused_at"] is not None or row["limit"] == FIXED:
            continue
        due = _again(row)
        if due.provisional:
            continue
        moved.append({"clock": row["name"], "was": row["due_at"].isoformat(), "due": due.at.isoformat()})
        ahead = row["told"] == 0 and row["next_at"] is not None
        draft.clocks._change(
            row,
            due_at=due.at,
            warn_at=max(_warn(row, due.at), row["warn_at"]),
            next_at=due.at if ahead else row["next_at"],
            provisional=False,
        )
    if not moved:
        return 0
    again = step(procedure)
    ask = draft.ask(again, {}, frozenset({"clock"}), None, CLOCK, now)
    draft.take(again, ask, Facts(), "clock", f"recounted:{case.code}:{case.n}", {"moved": moved})
    return int(commit(draft.write()))


def recount(now: datetime | None = None) -> int:
    """Count again what can be; returns how many cases got a new event. The worker calls it hourly."""
    moment, done = now or datetime.now(UTC), 0
    rows = (
        Clock.objects.filter(provisional=True, done_at=None, paused_at=None)
        .order_by("id")
        .values_list("county", "case_id")
    )
    for county, case_id in dict.fromkeys(rows[: BATCH * 4]):
        for _ in range(TRIES):
            case = Case.objects.filter(county=county, id=case_id, closed_at=None).first()
            before = case.n if case else 0
            if case is None or _one(case, moment):
                done += case is not None
                break
            if Case.objects.filter(county=county, id=case_id, n=before).exists():
                break  # nothing to count yet; nobody was faster
    return done
