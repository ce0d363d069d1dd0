"""What the public page counts, folded by the worker from each event: endings as they stand, watched steps by year, deferrals that run.

A case that only who holds it may know of stands in no ending; breakings of the glass and deferrals count whatever the case.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connection

from minan.kernel import registry
from minan.kernel.directory import LOCAL
from minan.kernel.listen import Told
from minan.kernel.models import Body, Event
from minan.systems.proof.models import Count, Deferral

WATCHED = ("break_glass", "confirm_glass", "reject_glass", "defer", "told", "look")
OWN, BY_STAFF = "own", "staff"  # who confirmed: the speaker by their own link, or staff who asked them
CLOSE = "close"  # the step that only follows a judgement: what counts is the judgement before it
Key = tuple[str, str, str, int]  # county, by, key, year
At = tuple[str, UUID, int]  # county, case, n


def how(step: str, before: dict[str, Any]) -> str:
    """By what a case ended: its last step, or the judgement that closed it. `before`: the counts of the event before."""
    if step != CLOSE:
        return step
    return OWN if before.get("rated") else BY_STAFF if before.get("visited") else step


def _counts_at(wanted: Iterable[At], known: dict[At, dict[str, Any]]) -> dict[At, dict[str, Any]]:
    """The counts of these events: from the same news, else from what their bodies say. One query."""
    wanted = set(wanted)
    lacking = {at for at in wanted if at not in known}
    found = {at: known[at] for at in wanted if at in known}
    rows = Body.objects.filter(
        county__in={a[0] for a in lacking}, case_id__in={a[1] for a in lacking}, n__in={a[2] for a in lacking}
    )
    for county, case_id, n, text in rows.values_list("county", "case_id", "n", "text") if lacking else ():
        if (county, case_id, n) in lacking:
            found[county, case_id, n] = json.loads(text or "{}").get("after", {}).get("c", {})
    return found


def _finals(name: str) -> set[str]:
    """The states in which a case of this procedure has ended: another may go on in a state that is called the same."""
    procedure = registry.get(name)
    return {s.name for s in procedure.states if s.final} if procedure is not None else set()


def _ended_before(told: Told) -> str:
    """By what the case had ended when it was opened again."""
    finals = _finals(told.name.split(".", 1)[0])
    rows = Event.objects.filter(county=told.county, case_id=told.case_id, n__lt=told.n, state__in=finals).order_by("-n")
    last = None
    for event in rows:
        if last is not None and event.n != last.n - 1:
            break
        last = event  # the first of the events at its end: later ones only added a word
    if last is None:
        return ""
    before = _counts_at([(told.county, told.case_id, last.n - 1)], {})
    return f"{last.state}.{how(last.step, next(iter(before.values()), {}))}"


def sums(events: list[Told]) -> dict[Key, int]:
    """What a list of events adds."""
    out: dict[Key, int] = defaultdict(int)
    known = {(t.county, t.case_id, t.n): t.delta.get("c", {}) for t in events}
    ends = [t for t in events if _stands(t.delta["a"], t) and not _stands(t.delta.get("b"), t)]
    before = _counts_at([(t.county, t.case_id, t.n - 1) for t in ends], known)
    for told in ends:
        procedure, step = told.name.split(".", 1)
        ended = f"{told.delta['a']['state']}.{how(step, before.get((told.county, told.case_id, told.n - 1), {}))}"
        out[told.county, "end", f"{procedure}.{ended}", 0] += 1
    for told in events:
        procedure, step = told.name.split(".", 1)
        if step in WATCHED:
            out[told.county, "step", step, told.at.astimezone(LOCAL).year] += 1
        left = _stands(told.delta.get("b"), told) and not _stands(told.delta["a"], told)
        if left and (ended := _ended_before(told)):
            out[told.county, "end", f"{procedure}.{ended}", 0] -= 1
    return dict(out)


def _stands(side: dict[str, Any] | None, told: Told) -> bool:
    """Whether a case counts among those that ended, before or after an event."""
    return bool(side and not side["open"] and not side.get("shut") and not told.delta.get("history"))


def count(events: list[Told]) -> None:
    """Fold the events into the public counts. At most five statements, and three a case that was opened again."""
    _defer(events)
    added = {key: n for key, n in sums(events).items() if n}
    if not added:
        return
    table = connection.ops.quote_name(Count._meta.db_table)
    with connection.cursor() as cursor:
        cursor.executemany(
            f'INSERT INTO {table} ("county", "by", "key", "year", "n") VALUES (%s, %s, %s, %s, %s) '  # noqa: S608 a table's name
            f'ON CONFLICT ("county", "by", "key", "year") DO UPDATE SET "n" = {table}."n" + EXCLUDED."n"',
            [[*key, n] for key, n in sorted(added.items())],
        )


def _defer(events: list[Told]) -> None:
    """Which cases have a deferral that runs."""
    for told in events:
        step = told.name.split(".", 1)[1]
        if step == "defer":
            Deferral.objects.get_or_create(county=told.county, case_id=told.case_id)
        elif step == "told":
            Deferral.objects.filter(county=told.county, case_id=told.case_id).delete()
