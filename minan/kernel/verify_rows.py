"""What hangs on a case held against its events: row and clocks, pictures, walls, the speaker's marks, when the worker looks next.

Each check yields sentences. `said` are the bodies that are still there, read: number of the event → body.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from minan.kernel import codewords, draft, ledger, registry, reused
from minan.kernel.clocks import FIXED
from minan.kernel.models import Case

Row = dict[str, Any]
Said = Mapping[int, Row]
PICTURED = ("sha256", "width", "height", "mime", "bytes", "likeness")
PUT_OFF = timedelta(days=1, hours=1)  # how far the worker may put off a clock on which nothing could be done


def vouched(case: Case, clocks: list[Row], said: Said) -> Iterator[str]:
    """Row and clocks are those its last event left; nothing can be said where that body was erased."""
    last = said.get(case.n, {}).get("kept")
    if last is not None and last != draft.kept({name: getattr(case, name) for name in draft.READ}, clocks):
        yield "its row or clocks are not those its last event left"


def states(events: list[Any], said: Said) -> Iterator[str]:
    """Every event ended where its body says."""
    for event in events:
        after = said.get(event.n, {}).get("after")
        if after is not None and after.get("state", "") != event.state:
            yield f"event {event.n} says it ended in {event.state}, its words say {after.get('state', '')}"


def _pictured(value: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(value.get(name) for name in PICTURED)


def _misfiled(row: Row) -> bool:
    """True where the parts by which a photo is found again are not those of its hash."""
    return any(row[name] != value for name, value in reused.parts(row["likeness"]).items())


def pictures(events: list[Any], rows: list[Row], said: Said) -> Iterator[str]:
    """The pictures' rows are exactly those the events name, in every column."""
    named = set()
    for n, body in said.items():
        for value in body.get("facts", {}).values():
            listed = value if isinstance(value, list) else []
            named |= {(n, _pictured(one)) for one in listed if isinstance(one, dict) and "sha256" in one}
    there = {(row["n"], _pictured(row)) for row in rows if row["n"] in said}
    if named != there or len({(row["n"], row["sha256"]) for row in rows}) != len(rows):
        yield "its pictures are not those its events name"
    at = {event.n: event.at for event in events}
    for row in rows:
        if row["at"] != at.get(row["n"]) or row["name"] or row["thumb"] or row["released"] or _misfiled(row):
            yield f"picture {row['sha256'][:12]} says of itself what no event says"


def looks_next(case: Case, clocks: list[Row], now: datetime | None = None) -> Iterator[str]:
    """A running clock is looked at when it ends; one that stands still never. A clock that is told nothing can be let run out."""
    procedure, moment = registry.get(case.procedure), now or datetime.now(UTC)
    declared = {c.name: c for c in procedure.clocks} if procedure else {}
    for row in clocks:
        spec, following = declared.get(row["name"]), row["next_at"]
        if spec is None:
            continue
        still = row["done_at"] is not None or row["paused_at"] is not None
        ends = row["due_at"]
        if still or following is None:
            wrong = still != (following is None) and (still or (row["told"] == 0 and bool(spec.at_due)))
        elif row["told"] == 0:
            wrong = not spec.at_due or following < ends or (following > ends and following > moment + PUT_OFF)
        else:
            goes_up = row["told"] == 1 and spec.at_escalate and row["limit"] != FIXED
            furthest = max(ends + 2 * (ends - row["started_at"]), moment) + PUT_OFF
            wrong = not goes_up or not ends <= following <= furthest
        if wrong:
            yield f"clock {row['name']} {row['round']} is looked at {following or 'never'}, but ends {ends}"


def walls(case: Case, rows: list[Row]) -> Iterator[str]:
    """The walls for lists are those on the case itself."""
    if sorted(row["who"] for row in rows) != sorted(case.walls):
        yield "the walls around it are not those its events raised"


def speaker(case: Case, rows: list[Row], said: Said) -> Iterator[str]:
    """Who may enter and who may judge is whom the first event names; a link handed over anew (systems/services) names who enters now."""
    note = said.get(1, {}).get("note", {})
    if "secret" not in note:
        return
    if len(rows) != 1:
        yield "its speaker's row is gone" if not rows else "it has two speakers' rows"
        return
    row = rows[0]
    capability = "" if note["secret"].startswith(codewords.KIND) else note.get("cap")  # a codeword judges by itself
    marks = [noted["secret"] for n in sorted(said) if "secret" in (noted := said[n].get("note", {}))]
    if (row["secret"], row["capability"], row["issued"]) != (marks[-1], capability, note.get("cap_by")):
        yield "its speaker's marks are not those of its events"


def judged(case: Case, events: list[Any], rows: list[Row], said: Said) -> Iterator[tuple[int, str]]:
    """(event, sentence): judgements noted for a unit are those the events hold; a missing one may still be on its way."""
    procedure = registry.get(case.procedure)
    if procedure is None:
        return
    batched = {s.name for s in procedure.steps if s.batched}
    wanted = {
        e.n: said[e.n]["after"].get("unit", "") for e in events if e.step in batched and "after" in said.get(e.n, {})
    }
    there = {row["n"]: row["unit"] for row in rows}
    for n, unit in wanted.items():
        if unit and there.get(n) != unit:
            yield n, f"the judgement of event {n} is not noted for {unit}"
    for n in there.keys() - {n for n, unit in wanted.items() if unit}:
        if n in said or n not in {e.n for e in events}:
            yield 0, f"a judgement is noted for event {n}, which is none"


def leaf(case: Case, event: Any) -> str:
    """The leaf hash of an event as its row stands today, hex."""
    return ledger.Link(event.county, case.code, event.n, event.prev, event.step, event.at, event.by, event.body).leaf()
