"""`minan extract`: every matter of the city as anonymous lines from which anyone can add up the public figures again.

Two passes of one moment: the first counts which combinations of place, kind, way in, week and units there are, and classes.py
says how exactly each may be told; the second writes the lines. What is not in the lines is counted and said.
"""

from __future__ import annotations

import json
import random
import secrets
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from minan.kernel import access, directory, instead, registry, tallies, verify_counts
from minan.kernel.calendar import BEIJING
from minan.kernel.models import Body, Case, Clock, Event, Tally
from minan.kernel.procedure import Procedure
from minan.systems.proof import classes, counts, telling
from minan.systems.proof.classes import Exact, Told
from minan.systems.proof.models import Count
from minan.systems.proof.telling import Matter

FORMAT = 1
COUNTING = "systems.proof.counts.count"  # the listener
BATCH = 400  # cases read at a time
SHUFFLED = 10  # batches whose matters are mixed: the order of the lines tells no order of opening
LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
Write = Callable[[str], Any]
COLUMNS = ("id", "procedure", "place", "kind", "channel", "unit", "desk", "opened_at", "privacy", "walls")


@dataclass
class Extract:
    """What the first pass found, and what the second one counts on the way."""

    since: datetime | None
    until: datetime | None
    city: str
    told: dict[Exact, Told] = field(default_factory=dict)
    areas: dict[str, str] = field(default_factory=dict)
    matters: int = 0  # that may be told
    suppressed: int = 0
    levels: Counter[str] = field(default_factory=Counter)
    weeks: set[str] = field(default_factory=set)  # not told whole
    units: set[str] = field(default_factory=set)  # not told whole
    moved: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    beside: verify_counts.Counted = field(default_factory=verify_counts.Counted)
    steps: Counter[tuple[str, str]] = field(default_factory=Counter)  # (year, step) outside the lines
    erased: int = 0  # events whose words are gone
    lines: int = 0


def week_start(day: datetime) -> datetime:
    """A window begins and ends with whole weeks: two windows a day apart would tell who came that day."""
    monday = datetime.fromisocalendar(*day.astimezone(UTC).isocalendar()[:2], 1)
    return monday.replace(tzinfo=UTC)


def _cases(found: Extract) -> Any:
    rows = Case.objects.order_by("id")
    if found.since:
        rows = rows.filter(opened_at__gte=found.since)
    return rows.filter(opened_at__lt=found.until) if found.until else rows


def _archived() -> set[UUID]:
    """Messages of the past, kept as history: in no count."""
    steps = [p.archive for p in registry.procedures().values() if p.archive]
    return set(Event.objects.filter(n=1, step__in=steps).values_list("case_id", flat=True))


def exact(row: Mapping[str, Any], areas: Mapping[str, str]) -> Exact:
    """The combination a case belongs to."""
    place, opened = row["place"], row["opened_at"].astimezone(UTC)
    county = telling.area_of(place)
    town = directory.within(place, "town") or directory.within(place, "county") or place
    kind = directory.city().kinds.get(row["kind"])
    return Exact(
        row["desk"], row["unit"], place, town, areas.get(county, county), row["kind"], kind.group if kind else row["kind"], row["channel"],
        f"{opened:%G-W%V}", f"{opened:%Y-%m}",
    )  # fmt: skip


def first_pass(found: Extract, archived: set[UUID]) -> None:
    """Count the combinations and decide how each is told."""
    procedures, seen = registry.procedures(), Counter[Exact]()
    for row in _cases(found).values(*COLUMNS).iterator(chunk_size=5_000):
        procedure = procedures.get(row["procedure"])
        if procedure and procedure.counted and not procedure.privacy and not access.shut(row) and row["id"] not in archived:
            seen[exact(row, {})] += 1
    by_county = Counter[str]()
    for combination, n in seen.items():
        by_county[combination.area] += n
    found.areas = classes.areas(by_county, found.city)
    joined = Counter[Exact]()
    for combination, n in seen.items():
        joined[combination._replace(area=found.areas[combination.area])] += n
    found.told, found.matters = classes.tell(joined, found.city), joined.total()
    for combination, n in joined.items():
        told = found.told.get(combination)
        found.suppressed += 0 if told else n
        found.levels[told.at if told else "suppressed"] += n
        if told is None or told.period != combination.week:
            found.weeks.add(combination.week)


def _batches(found: Extract) -> Iterator[list[Case]]:
    last = UUID(int=0)
    while some := list(_cases(found).filter(id__gt=last)[:BATCH]):
        yield some
        last = some[-1].id


def _with_all(cases: list[Case]) -> Iterator[tuple[Case, list[Event], dict[int, Mapping[str, Any]], list[Clock]]]:
    """Cases with their events, bodies and clocks: three queries a batch."""
    where = {"county__in": {c.county for c in cases}, "case_id__in": [c.id for c in cases]}
    events, clocks = defaultdict[UUID, list[Event]](list), defaultdict[UUID, list[Clock]](list)
    said: dict[UUID, dict[int, dict[str, Any]]] = defaultdict(dict)
    for event in Event.objects.filter(**where).order_by("n").iterator():
        events[event.case_id].append(event)
    for case_id, n, text in Body.objects.filter(**where).values_list("case_id", "n", "text").iterator():
        said[case_id][n] = dict(telling.read(text))
    for clock in Clock.objects.filter(**where).order_by("id").iterator():
        clocks[clock.case_id].append(clock)
    for case in cases:
        yield case, events[case.id], dict(instead.laid(said[case.id])), clocks[case.id]


def _name(taken: set[str]) -> str:
    while (name := "".join(secrets.choice(LETTERS) for _ in range(10))) in taken:
        pass
    taken.add(name)
    return name


def _row(case: Case) -> dict[str, Any]:
    return {name: getattr(case, name) for name in COLUMNS}


def second_pass(found: Extract, archived: set[UUID], write: Write) -> None:
    """Write the lines of every matter, a few batches mixed at a time."""
    names, waiting, chance = set[str](), list[str](), random.SystemRandom()
    for number, cases in enumerate(_batches(found), 1):
        for case, events, said, clocks in _with_all(cases):
            told = found.told.get(exact(_row(case), found.areas))
            procedure = telling.known(case.procedure)
            apart = procedure is None or procedure.privacy or not procedure.counted
            if case.id in archived or told is None or procedure is None or apart or access.shut(_row(case)):
                _leave_out(found, case, events, said, archived)
                continue
            matter = Matter(_name(names), told, case, procedure, events, said, clocks)
            waiting.append("".join(_dumped(line) for line in telling.lines(matter)))
            _note(found, matter)
        if number % SHUFFLED == 0:
            _flush(waiting, chance, write)
    _flush(waiting, chance, write)


def _flush(waiting: list[str], chance: random.Random, write: Write) -> None:
    chance.shuffle(waiting)
    for text in waiting:
        write(text)
    waiting.clear()


def _dumped(line: Mapping[str, Any]) -> str:
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"


def _note(found: Extract, matter: Matter) -> None:
    """What the totals must know of a matter that is told: moves between areas, units that are not told, erased words."""
    here = found.areas.get(telling.area_of(matter.case.place), found.city)
    found.lines += len(matter.events)
    if matter.case.unit and matter.told.lead != matter.case.unit:
        found.units.add(matter.case.unit)
    for event in matter.events:
        after = matter.after(event.n)
        found.erased += not after
        taken = after.get("c", {})
        there = found.areas.get(telling.area_of(after.get("place", "")), found.city) if taken else here
        for name, value in taken.items():
            found.moved[there][name] += value if there != here else 0
            found.moved[here][name] -= value if there != here else 0
        if taken and after.get("unit") and matter.unit(after["unit"]) != after["unit"]:
            found.units.add(after["unit"])


def _leave_out(
    found: Extract, case: Case, events: list[Event], said: Mapping[int, Mapping[str, Any]], archived: set[UUID]
) -> None:
    """What the figures count although it is not in the lines."""
    for event in events:
        if event.step in telling.WATCHED:
            found.steps[str(event.at.astimezone(BEIJING).year), event.step] += 1
    if case.id not in archived and case.privacy != "sealed":
        verify_counts.of_case(found.beside, case, events, {n: dict(body) for n, body in said.items()})


# ---- the totals


def _tallied() -> dict[tuple[str, str, str], Counter[str]]:
    """(by, place, key) → sums, with what the worker has not folded yet."""
    out: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for row in Tally.objects.values("place", "by", "key", *tallies.MEASURES).iterator():
        out[row["by"], row["place"], row["key"]].update({m: row[m] for m in tallies.MEASURES})
    waiting = list(verify_counts.waiting(verify_counts.COUNT))
    for (_, place, by, key), sums in tallies.sums(waiting).items():
        out[by, place, key].update(sums)
    return out


def _whole(sums: Mapping[str, int]) -> dict[str, int]:
    return {m: sums.get(m, 0) for m in tallies.MEASURES}


def _less_beside(found: Extract) -> dict[tuple[str, str, str], Counter[str]]:
    """The tallies without what was counted of a matter before it became confidential: its lines are not there."""
    tallied = _tallied()
    for (_, place, by, key), sums in found.beside.sums.items():
        tallied[by, place, key].subtract(sums)
    return tallied


def totals(found: Extract) -> dict[str, Any]:
    """The last line: what the city's own pages say, for everything that the lines can be held against."""
    tallied, city = _less_beside(found), found.city.ljust(12, "0")
    own = sorted(a for a in set(found.areas.values()) if a != found.city)
    official = {a: tallied["all", a.ljust(12, "0"), ""] for a in own}
    rest = Counter(tallied["all", city, ""])
    for sums in official.values():
        rest.subtract(sums)
    steps, ended = _counted()
    out: dict[str, Any] = {
        "what": "totals", "lines": found.lines, "erased": found.erased, "suppressed": found.suppressed,
        "told": dict(sorted(found.levels.items())), "city": _whole(tallied["all", city, ""]),
        "areas": {a: _whole(s) for a, s in official.items()} | {found.city: _whole(rest)},
        "moved": {a: {k: v for k, v in m.items() if v} for a, m in found.moved.items() if any(m.values())},
        "steps": steps, "steps_beside": {f"{year}.{step}": n for (year, step), n in sorted(found.steps.items())}, "ended": ended,
    }  # fmt: skip
    if found.since is None and found.until is None:
        for name, by, hidden in (("weeks", "week", found.weeks), ("units", "unit", found.units)):
            rows = sorted(
                (k, s) for (b, place, k), s in tallied.items() if (b, place) == (by, city) and k not in hidden
            )
            out[name] = {k: whole for k, s in rows if any((whole := _whole(s)).values())}
    return out


def _counted() -> tuple[dict[str, int], dict[str, int]]:
    """Watched steps by year ("2026.break_glass") and endings, with what the worker has not folded yet."""
    steps, ended = Counter[str](), Counter[str]()
    rows = [((by, key, year), n) for by, key, year, n in Count.objects.values_list("by", "key", "year", "n")]
    waiting = counts.sums(list(verify_counts.waiting(COUNTING)))
    for (by, key, year), n in [*rows, *(((by, key, year), n) for (_, by, key, year), n in waiting.items())]:
        if by == "step":
            steps[f"{year}.{key}"] += n
        else:
            ended[key] += n
    return dict(sorted(steps.items())), dict(sorted(ended.items()))


def header(found: Extract, now: datetime) -> dict[str, Any]:
    """The first line."""
    return {
        "what": "header", "v": FORMAT, "city": found.city, "as_of": now.astimezone(BEIJING).strftime("%Y-%m-%dT%H:%M:%S+08:00"),
        "zone": "+08:00", "k": classes.K, "minutes_from": classes.MINUTES_FROM, "matters": found.matters,
        "since": found.since.date().isoformat() if found.since else None, "until": found.until.date().isoformat() if found.until else None,
        "areas": sorted(set(found.areas.values())), "procedures": sorted(p.name for p in _told_procedures()),
    }  # fmt: skip


def _told_procedures() -> Iterable[Procedure]:
    return (p for p in registry.procedures().values() if p.counted and not p.privacy)


def make(write: Write, now: datetime, since: datetime | None = None, until: datetime | None = None) -> Extract:
    """Write a whole extract through `write`, a piece of text at a time; returns what was found."""
    city = next((s.code for s in directory.city().places.values() if s.level == "city"), "")[:6]
    found = Extract(week_start(since) if since else None, week_start(until) if until else None, city)
    with verify_counts.one_moment():
        archived = _archived()
        first_pass(found, archived)
        write(_dumped(header(found, now)))
        second_pass(found, archived, write)
        write(_dumped(totals(found)))
    return found
