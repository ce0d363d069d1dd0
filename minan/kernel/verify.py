"""Checks everything that is kept: every chain, every body against its commitment, every row against what its events left.

It reads all records once, some hundred cases at a time, and changes nothing. What it cannot prove it names: the first
fault of each case in words, so that a person can look. Erased bodies are counted, not missed: their chains still hold.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from django.db.models import Exists, OuterRef

from minan.kernel import (
    access,
    attachments,
    erasures,
    instead,
    ledger,
    provisional,
    registry,
    verify_counts,
    verify_rows,
)
from minan.kernel.clocks import ran_out
from minan.kernel.models import Attachment, Body, Case, Clock, Event, Inbox, Judged, Speaker, Wall
from minan.kernel.procedure import Step

BATCH = 500  # cases held in memory at a time
SHOWN_MOST = 1_000  # faults kept with their words; all are counted
CHUNK = 1 << 20
UNREADABLE = (
    DatabaseError,
    ValueError,
    TypeError,
)  # what a damaged row or page makes the database and its converters say
Rows = dict[UUID, list[dict[str, Any]]]  # by case
MOVING = ("to", "to_any", "starts", "stops", "pauses", "resumes", "extends", "restates")


class EventRow(NamedTuple):
    county: str
    case_id: UUID
    n: int
    step: str
    source: str
    state: str
    at: Any
    by: str
    body: str
    prev: str
    hash: str


@dataclass
class Report:
    """What was read, and what is wrong: (case code or table, sentence)."""

    cases: int = 0
    events: int = 0
    erased: int = 0  # bodies that were erased on purpose
    pictures: int = 0
    wrong: int = 0
    faults: list[tuple[str, str]] = field(default_factory=list)
    heads: str = ""  # one digest over the head of every chain, in order of id
    said: list[str] = field(default_factory=list)  # what was found out besides: who cosigned, up to when
    counted: verify_counts.Counted = field(default_factory=verify_counts.Counted)
    listed: frozenset[tuple[str, int]] = frozenset()  # bodies that were erased by intent

    def add(self, where: str, what: str) -> None:
        self.wrong += 1
        if len(self.faults) < SHOWN_MOST:
            self.faults.append((where, what))


@dataclass(frozen=True)
class Held:
    """What somebody outside holds, as files: checkpoints, a witness's folder, promises or receipts."""

    checkpoints: tuple[Path, ...] = ()
    witness: Path | None = None
    promises: tuple[Path, ...] = ()


Also = Callable[[Report, Held], object]
_more: list[Also] = []


def also(check: Also) -> Also:
    """Declare a system's own check (its handlers.py); it adds to the report."""
    if check not in _more:
        _more.append(check)
    return check


def others() -> bool:
    """Whether any system checks more than the kernel does."""
    return bool(_more)


@dataclass
class Batch:
    """Some cases with all that hangs on them, each list by case id."""

    cases: list[Case]
    events: dict[UUID, list[EventRow]] = field(default_factory=lambda: defaultdict(list))
    bodies: dict[UUID, dict[int, tuple[bytes, str]]] = field(default_factory=lambda: defaultdict(dict))
    clocks: Rows = field(default_factory=lambda: defaultdict(list))
    inbox: Rows = field(default_factory=lambda: defaultdict(list))
    pictures: Rows = field(default_factory=lambda: defaultdict(list))
    walls: Rows = field(default_factory=lambda: defaultdict(list))
    speakers: Rows = field(default_factory=lambda: defaultdict(list))
    judged: Rows = field(default_factory=lambda: defaultdict(list))


def hanging(cases: list[Case]) -> Batch:
    """These cases with everything that hangs on them."""
    where = {"county__in": sorted({c.county for c in cases}), "case_id__in": [c.id for c in cases]}
    batch = Batch(cases)
    for row in Event.objects.filter(**where).order_by("county", "case_id", "n").values_list(*EventRow._fields):
        batch.events[row[1]].append(EventRow(*row))
    for case_id, n, salt, text in Body.objects.filter(**where).values_list("case_id", "n", "salt", "text"):
        batch.bodies[case_id][n] = (bytes(salt), text)
    tables: tuple[tuple[Any, Rows], ...] = (
        (Clock, batch.clocks), (Inbox, batch.inbox), (Attachment, batch.pictures), (Wall, batch.walls),
        (Speaker, batch.speakers), (Judged, batch.judged),
    )  # fmt: skip
    for model, rows in tables:
        for one in model._default_manager.filter(**where).order_by("id").values():
            rows[one["case_id"]].append(one)
    return batch


def batches(report: Report, size: int = BATCH) -> Iterator[Batch]:
    """All cases in order of id; where some cannot be read together, one by one, so that only the broken one is left out."""
    last = UUID(int=0)
    while ids := list(Case.objects.filter(id__gt=last).order_by("id").values_list("id", flat=True)[:size]):
        last = ids[-1]
        try:
            yield hanging(list(Case.objects.filter(id__in=ids).order_by("id")))
        except UNREADABLE:
            for one in ids:
                try:
                    yield hanging([Case.objects.get(id=one)])
                except UNREADABLE as error:
                    report.add(str(one), f"cannot be read: {error}")


def chain(case: Case, events: list[EventRow]) -> Iterator[str]:
    """Breaks in the chain of one case."""
    links = (
        (ledger.Link(e.county, case.code, e.n, e.prev, e.step, e.at, e.by, e.body), e.hash)
        for e in events
        if e.county == case.county
    )
    yield from ledger.faults(links, case.head)


def bodies(
    case: Case,
    events: list[EventRow],
    kept: dict[int, tuple[bytes, str]],
    said: dict[int, dict[str, Any]],
    report: Report,
) -> Iterator[str]:
    """Every body against its commitment; fills `said` with those that hold. One that is gone must stand on the list of the erased."""
    gone = []
    for event in events:
        body = kept.get(event.n)
        if body is None:
            gone.append(event.n)
            continue
        salt, text = body
        if hashlib.sha256(salt + text.encode()).hexdigest() != event.body:
            yield f"the words of event {event.n} are not those it commits to"
        else:
            said[event.n] = json.loads(text)
    said.update(instead.laid(said))  # what was hidden: a later event says what stands for it, and the counts with it
    for n in gone:
        report.erased += 1
        if n not in said and (case.code, n) not in report.listed:
            yield f"the words of event {n} are gone, and no erasure is on record"
    if kept.keys() - {e.n for e in events}:
        yield "there are words without an event"


def _moves(case: Case, name: str) -> bool:
    procedure = registry.get(case.procedure)
    step: Step | None = procedure.step(name) if procedure else None
    if step is not None:
        return step.moves
    for old in registry._snapshots(case.procedure):
        for row in (old["opening"], *old["steps"]):
            if row["name"] == name:
                return any(row.get(part) for part in MOVING)
    return name != provisional.STEP  # else "moved": the program's own step between two versions


def derived(case: Case, events: list[EventRow], known: dict[tuple[str, str], bool]) -> Iterator[str]:
    """The row of a case against what its events say."""
    moves, state = 0, ""
    for event in events:
        if event.source != state:
            yield f"event {event.n} says it began in {event.source or 'nothing'}, but the one before ended in {state or 'nothing'}"
        state = event.state
        key = (case.procedure, event.step)
        if key not in known:
            known[key] = _moves(case, event.step)
        moves += known[key]
    last = events[-1]
    for name, is_, said in (("state", case.state, last.state), ("n", case.n, last.n), ("moves", case.moves, moves)):
        if is_ != said:
            yield f"its row says {name} {is_}, its events say {said}"
    procedure = registry.get(case.procedure)
    if procedure is not None and any(
        s.name == case.state and s.final != (case.closed_at is not None) for s in procedure.states
    ):
        yield f"state {case.state} and closed_at contradict each other"
    if case.closed_at is not None and case.closed_at not in {e.at for e in events}:
        yield "it was closed at a moment at which nothing happened"


def clocks(case: Case, events: list[EventRow], rows: list[dict[str, Any]]) -> Iterator[str]:
    """Clocks begin with an event, never twice, never again; the case's light is the first that ends."""
    moments = {e.at for e in events}
    rounds: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        rounds[row["name"]].append(row)
        if row["started_at"] not in moments:
            yield f"clock {row['name']} {row['round']} began at a moment at which nothing happened"
        if row["done_at"] is not None and row["done_at"] not in moments:
            yield f"clock {row['name']} {row['round']} ended at a moment at which nothing happened"
        if row["due_at"] < row["started_at"] or (row["done_at"] or row["started_at"]) < row["started_at"]:
            yield f"clock {row['name']} {row['round']} ends before it begins"
    for name, some in rounds.items():
        some.sort(key=lambda r: r["round"])
        if [r["round"] for r in some] != list(range(1, len(some) + 1)):
            yield f"clock {name} has lost a round"
        if any(a["done_at"] is None or a["done_at"] > b["started_at"] for a, b in pairwise(some)):
            yield f"clock {name} was set back: a round began while another ran"
    procedure = registry.get(case.procedure)
    quiet = {c.name for c in procedure.clocks if c.quiet} if procedure else set()
    running = [r for r in rows if r["done_at"] is None and (r["paused_at"] is None or ran_out(r)) and r["name"] not in quiet]
    first = min(running, key=lambda r: r["due_at"], default=None)
    if case.due_at != (first["due_at"] if first else None):
        yield "its light is not that of its first clock"


def audience(case: Case, rows: list[dict[str, Any]]) -> Iterator[str]:
    """The inbox rows are exactly those of the units that may see it, and say what the case says."""
    wanted, there = set(access.audience(case.as_view())), {r["unit"] for r in rows}
    if wanted != there:
        more, less = sorted(there - wanted), sorted(wanted - there)
        yield f"it lies with the wrong units: too many {more}, missing {less}"
    for row in rows:
        said = tuple(row[name] for name in ("state", "kind", "place", "open", "due_at", "warn_at", "flags"))
        flags = f",{','.join(sorted(case.marks))},"[:120]
        if said != (case.state, case.kind, case.place, case.open, case.due_at, case.warn_at, flags):
            yield f"the list of {row['unit']} shows it otherwise than it is"


def picture(row: dict[str, Any]) -> str:
    """ "" or what is wrong with the file of one picture."""
    path = attachments.path_of(row["sha256"])
    digest, length = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while part := file.read(CHUNK):
                digest.update(part)
                length += len(part)
    except OSError:
        return f"picture {row['sha256'][:12]} is missing"
    if digest.hexdigest() != row["sha256"] or length != row["bytes"]:
        return f"picture {row['sha256'][:12]} is not what it was"
    return ""


def strays(report: Report, pages: bool) -> None:
    """Events, bodies and pictures of no case; and what the database itself says of its pages."""
    own = Case.objects.filter(county=OuterRef("county"), id=OuterRef("case_id"))
    for model in (Event, Body, Attachment, Clock, Inbox, Wall, Speaker, Judged):
        name = model._meta.model_name or ""
        for case_id in model._default_manager.filter(~Exists(own)).values_list("case_id", flat=True)[:SHOWN_MOST]:
            report.add(name, f"belongs to no case: {case_id}")
    if pages and connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check(20)")
            for (line,) in cursor.fetchall():
                if line != "ok":
                    report.add("database", line)


def one(case: Case, batch: Batch, report: Report, known: dict[tuple[str, str], bool]) -> Iterator[str]:
    """Everything that is wrong with one case."""
    events, said = batch.events[case.id], dict[int, dict[str, Any]]()
    if not events:
        yield "it has no events"
        return
    yield from chain(case, events)
    yield from bodies(case, events, batch.bodies[case.id], said, report)
    yield from derived(case, events, known)
    yield from clocks(case, events, batch.clocks[case.id])
    yield from audience(case, batch.inbox[case.id])
    yield from verify_rows.vouched(case, batch.clocks[case.id], said)
    yield from verify_rows.states(events, said)
    yield from verify_rows.looks_next(case, batch.clocks[case.id])
    yield from verify_rows.walls(case, batch.walls[case.id])
    yield from verify_rows.speaker(case, batch.speakers[case.id], said)
    yield from verify_rows.pictures(events, batch.pictures[case.id], said)
    for n, what in verify_rows.judged(case, events, batch.judged[case.id], said):
        if not (n and verify_counts.unheard(verify_counts.GATHER, case, n)):
            yield what
    for row in batch.pictures[case.id]:
        report.pictures += 1
        if wrong := picture(row):
            yield wrong
    verify_counts.of_case(report.counted, case, events, said)


def still(case: Case, known: dict[tuple[str, str], bool]) -> list[str]:
    """What is wrong with it on a second look, behind the door's own lock: a step taken between two reads is no fault."""
    with transaction.atomic():
        again = Case.objects.select_for_update().get(county=case.county, id=case.id)
        return list(one(again, hanging([again]), Report(listed=erasures.listed()), known))


def counts(report: Report) -> None:
    """Tallies and batches. A city at work counts on meanwhile: what differs is counted again, everything of one moment."""
    found = verify_counts.wrong(report.counted)
    if found and not connection.in_atomic_block:
        again, unused = verify_counts.Counted(), Report(listed=report.listed)
        with verify_counts.one_moment():
            for batch in batches(unused):
                for case in batch.cases:
                    said = dict[int, dict[str, Any]]()
                    events = batch.events[case.id]
                    list(bodies(case, events, batch.bodies[case.id], said, unused))
                    verify_counts.of_case(again, case, events, said)
            found = verify_counts.wrong(again)
    for what in found:
        report.add("tally", what)
    for what in verify_counts.batches():
        report.add("judged", what)


def check(told: Callable[[int], object] = int, *, pages: bool = True, held: Held | None = None) -> Report:
    """Read and check everything, with `pages` the database file too; `told` hears how many cases are through.

    `held` is what others hold of this city: then the records are held against it too. Memory does not grow with the cases.
    """
    registry.procedures()  # with them the checks of every system are known
    report, digest, known = Report(listed=erasures.listed()), hashlib.sha256(), dict[tuple[str, str], bool]()
    try:
        for batch in batches(report):
            for case in batch.cases:
                for what in list(one(case, batch, report, known)) and still(case, known):
                    report.add(case.code, what)
                report.cases += 1
                report.events += len(batch.events[case.id])
                digest.update(f"{case.code}:{case.n}:{case.head}\n".encode())
            told(report.cases)
        counts(report)
        strays(report, pages)
        for more in _more:
            more(report, held or Held())
    except UNREADABLE as error:  # a page that cannot be read any more
        report.add("database", f"cannot be read: {error}")
    report.heads = digest.hexdigest()
    return report
