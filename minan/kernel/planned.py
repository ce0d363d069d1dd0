"""Which open ends a change of rules moves: told before it is published, written down with it, carried out by the worker.

A limit holds for new cases only, unless a person chooses that it also holds for what is open: then only nearer ends, or all.
Rest days and office hours count for everything open, never earlier than was promised. What stands in the plan is exactly
what the preview said; where the base has changed in between, publishing is refused and the preview told anew.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby, islice
from typing import Any, NamedTuple
from uuid import UUID

from django.db import models, transaction

from minan.kernel import directory, provisional, registry
from minan.kernel.access import CLOCK
from minan.kernel.calendar import Calendar, Due, Limit, Scale
from minan.kernel.clocks import FIXED
from minan.kernel.draft import Draft
from minan.kernel.facts import Facts
from minan.kernel.listen import each_turn
from minan.kernel.models import Case, Clock, LimitRule, OfficeHours, Planned, RestDay
from minan.kernel.procedure import Words
from minan.kernel.rows import commit

NONE, NEARER, ALL = "", "nearer", "all"
CHUNK, BATCH, SHOWN, TRIES = 500, 200, 50, 5
DATED: tuple[type[models.Model], ...] = (RestDay, OfficeHours)
LOOK_AGAIN = Words(
    "您看过以后又有事情变了，请看看现在的影响再发布",
    "Something has changed since you looked; see what it moves now before you publish",
)
COLUMNS = (
    "id", "county", "case_id", "name", "unit", "limit", "rule", "hours", "started_at", "due_at", "extended",
)  # fmt: skip


class Move(NamedTuple):
    """One end that moves; `limit` is what the clock's row says from then on; `plain` whether its matter may be named to administrators."""

    county: str
    case_id: UUID
    code: str
    clock: UUID
    name: str
    unit: str
    was: datetime
    due: datetime
    limit: dict[str, Any]
    plain: bool = True


@dataclass
class Preview:
    """What a publication would move, as of a moment; `mark` stands for the whole set.

    What is confidential or sealed, or lies behind a wall, moves as everything does and counts in the totals; no page names it.
    """

    at: datetime
    moves: list[Move] = field(default_factory=list)

    @property
    def mark(self) -> str:
        lines = sorted(f"{m.clock}|{m.was:%s%f}|{m.due:%s%f}" for m in self.moves)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]

    @property
    def cases(self) -> int:
        return len({m.case_id for m in self.moves})

    @property
    def overdue(self) -> int:
        """How many are in time now and would be over at once."""
        return sum(m.was >= self.at > m.due for m in self.moves)

    @property
    def later(self) -> int:
        return sum(m.due > m.was for m in self.moves)

    @property
    def plain(self) -> list[Move]:
        """Those that a page may name."""
        return [m for m in self.moves if m.plain]

    def units(self) -> list[tuple[str, int, int]]:
        """(unit, ends that come nearer, ends that go further) of what may be named, most first."""
        near, far = (Counter(m.unit for m in self.plain if (m.due > m.was) is way) for way in (False, True))
        return sorted(((u, near[u], far[u]) for u in near | far), key=lambda row: (-row[1] - row[2], row[0]))


def _chunks(rows: Iterable[Any]) -> Iterator[list[Any]]:
    found = iter(rows)
    while some := list(islice(found, CHUNK)):
        yield some


def _open(**more: Any) -> Any:
    """The running clocks that the worker still looks at; paused ones are counted anew when they go on."""
    rows = Clock.objects.filter(next_at__isnull=False, done_at=None, paused_at=None, **more)
    return rows.exclude(limit=FIXED).order_by("id").values_list(*COLUMNS).iterator(chunk_size=CHUNK)


def _whole(calendar: Calendar, start: datetime, limit: Limit, extended: bool) -> Due:
    due = calendar.due(start, limit)
    return calendar.extended(due.at, limit) if extended else due


def again(row: dict[str, Any], old: Calendar, new: Calendar, limit: Limit) -> Due:
    """The end of a running clock by another calendar or limit; what a pause or a stricter date had moved stays moved."""
    was = Limit.parse(row["limit"])
    before, after = (
        _whole(calendar, row["started_at"], one, row["extended"]) for calendar, one in ((old, was), (new, limit))
    )
    if before.at == row["due_at"]:
        return after
    return Due(new.shifted(after.at, old.shift(before.at, row["due_at"], was), was), after.provisional)


def _limits(clock: str, old: Any, new: Any, also: str) -> Iterator[tuple[dict[str, Any], Case, Due, dict[str, Any]]]:
    for rows in _chunks(_open(name=clock)):
        some = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
        cases = Case.objects.in_bulk({row["case_id"] for row in some})
        for row in some:
            case = cases.get(row["case_id"])
            if case is None:
                continue
            asked = (clock, case.urgency, case.size, case.kind)
            with directory.as_if(old):
                before, calendar = directory.limit(*asked, old.edition), directory.calendar(row["hours"])
            with directory.as_if(new):
                after = directory.limit(*asked, new.edition + (new.edition == old.edition))
            if after is None or before == after:
                continue
            due = again(row, calendar, calendar, Limit.parse(after.limit))
            if due.at < row["due_at"] or (also == ALL and due.at > row["due_at"]):
                yield row, case, due, {"limit": after.limit, "rule": after.rule, "article": after.article}


def _dated(old: Any, new: Any, hours: str) -> Iterator[tuple[dict[str, Any], Case, Due, dict[str, Any]]]:
    for rows in _chunks(_open(**({"hours": hours} if hours else {}))):
        moved = []
        for row in (dict(zip(COLUMNS, one, strict=True)) for one in rows):
            limit = Limit.parse(row["limit"])
            if limit.scale is Scale.CLOCK:
                continue
            with directory.as_if(old):
                before = directory.calendar(row["hours"])
            with directory.as_if(new):
                after = directory.calendar(row["hours"])
            due = again(row, before, after, limit)
            if due.at > row["due_at"]:
                moved.append((row, due))
        cases = Case.objects.in_bulk({row["case_id"] for row, _due in moved})
        for row, due in moved:
            if row["case_id"] in cases:
                yield row, cases[row["case_id"]], due, {}


def preview(model: type[models.Model], values: dict[str, Any], old: Any, new: Any, also: str, at: datetime) -> Preview:
    """Every open end this change moves, between the city as it is and as it would be."""
    found: Iterable[Any] = ()
    if model is LimitRule and also in (NEARER, ALL):
        found = (one for clock in values["clocks"] for one in _limits(clock, old, new, also))
    elif model in DATED:
        found = _dated(old, new, values.get("name", "") if model is OfficeHours else "")
    moves = []
    for row, case, due, more in found:
        kept = more | {"provisional": due.provisional}
        key = (row["county"], row["case_id"], case.code, row["id"], row["name"], row["unit"])
        moves.append(Move(*key, row["due_at"], due.at, kept, not case.privacy and not case.walls))
    return Preview(at, moves)


def write(number: int, seen: Preview) -> None:
    """Write the plan down; call inside the transaction that publishes the edition."""
    names = ("county", "case_id", "clock", "was", "due", "limit")
    rows = (Planned(edition=number, **{name: getattr(m, name) for name in names}) for m in seen.moves)
    for some in _chunks(rows):
        Planned.objects.bulk_create(some)


# ---- carried out


def _moved(draft: Draft, row: dict[str, Any], plan: Planned, now: datetime) -> None:
    limit = Limit.parse(plan.limit.get("limit") or row["limit"])
    whole = Limit(limit.amount * 2, limit.scale) if row["extended"] else limit
    warn = min(directory.calendar(row["hours"]).warn(row["started_at"], plan.due, whole), plan.due)
    fresh = row["told"] == 0 or plan.due > now
    after = {"told": 0, "next_at": plan.due} if fresh else {}
    draft.clocks._change(row, due_at=plan.due, warn_at=warn, **plan.limit, **after)


def _case(case: Case | None, plans: list[Planned], now: datetime) -> bool:
    """Carry out the plan of one case: one event; False where somebody was faster. Inside a transaction."""
    procedure = registry.get(case.procedure) if case is not None and case.open else None
    moved: list[Planned] = []
    if case is not None and procedure is not None:
        draft = Draft.of(procedure, case)
        rows = {r["id"]: r for r in draft.clocks.running() if r["paused_at"] is None}
        moved = [p for p in plans if p.clock in rows and rows[p.clock]["due_at"] == p.was]
    if case is not None and procedure is not None and moved:
        notes = [{"clock": rows[p.clock]["name"], "was": p.was.isoformat(), "due": p.due.isoformat()} for p in moved]
        for plan in moved:
            _moved(draft, rows[plan.clock], plan, now)
        step, edition = provisional.step(procedure), plans[0].edition
        at = max(now, case.changed_at)
        ask = draft.ask(step, {}, frozenset({"clock"}), None, CLOCK, at)
        draft.take(step, ask, Facts(), "clock", f"edition:{edition}:{case.code}", {"moved": notes, "edition": edition})
        if not commit(draft.write()):
            return False
    Planned.objects.filter(id__in=[p.id for p in moved]).update(done="moved")
    Planned.objects.filter(id__in=[p.id for p in plans if p not in moved]).update(done="passed")
    return True


def _try(plans: list[Planned], now: datetime, look: Callable[[], Case | None]) -> None:
    for _ in range(TRIES):
        with transaction.atomic():
            if _case(look(), plans, now):
                return
            transaction.set_rollback(True)


@each_turn
def carry(now: datetime | None = None) -> int:
    """Carry out a batch of what is planned, oldest edition first; killed in between it goes on. Returns how many ends."""
    moment = now or datetime.now(UTC)
    plans = list(Planned.objects.filter(done="").order_by("id")[:BATCH])
    if plans:
        directory.forget()  # the warning is counted by what holds now
    key: Callable[[Planned], Any] = lambda p: (p.edition, p.county, str(p.case_id))  # noqa: E731
    for (_edition, county, case_id), rows in groupby(sorted(plans, key=key), key):
        _try(list(rows), moment, lambda c=county, i=case_id: Case.objects.filter(county=c, id=i).first())  # type: ignore[misc]
    return len(plans)
