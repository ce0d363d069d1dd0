"""Lists of cases a person may see: one index range of inbox rows, then the cases of that page; never four tables with OR."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from minan.kernel import access, directory, reads, registry, search
from minan.kernel.calendar import light
from minan.kernel.models import Case, Tally, User
from minan.kernel.procedure import State

PAGE, PAGE_MOST = 20, 100
COUNTED_FLAGS = (
    "listed",
    "supervised",
    "ordered",
    "paused",
    "pause_asked",
    "parked",
    "place_unknown",
    "danger",
    "glass",
    "extension_asked",
    "refusal_asked",
    "park_asked",
    "urged",
    "waiting",
    "untold",
)
LIGHTS = ("red", "yellow", "green", "paused")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is asked for; every field may be empty. `place` means its subtree; `order` is "new" or "due"."""

    place: str = ""
    procedure: str = ""
    state: str = ""
    kind: str = ""
    light: str = ""
    q: str = ""
    flag: str = ""  # an overlay: supervised, urged, parked …
    mine: bool = False
    open: bool | None = None
    order: str = "new"
    cursor: str = ""
    limit: int = PAGE


@dataclass(slots=True)
class Page:
    items: list[Case] = field(default_factory=list)
    next: str | None = None
    mine: set[UUID] = field(default_factory=set)


class BadCursor(ValueError):
    """A cursor that this list did not give out."""


def subtree(code: str) -> tuple[str, str]:
    """The half-open range of codes inside a place: its digits at its level's width, and the next number."""
    width = directory.LEVELS.get(directory.level_of(code), 0) or len(code.rstrip("0")) or 1
    lo = code[:width]
    return lo, str(int(lo) + 1).zfill(width)


LIT = {
    "red": "i.open AND i.due_at < %s",
    "yellow": "i.open AND i.warn_at <= %s AND i.due_at >= %s",
    "green": "i.open AND i.warn_at > %s",
    "paused": "i.open AND i.due_at IS NULL",
}


def _within() -> str:
    """The function that says where in a text another begins, 0: nowhere."""
    return "strpos" if connection.vendor == "postgresql" else "instr"


def standing() -> list[tuple[str, str]]:
    """Procedure and state of what stands open and waits for nobody of ours: an announcement that is out, a seat that was booked.

    Where a clock runs over it, or somebody asks for a decision by a mark, it is in hand all the same.
    """
    return [(name, s.name) for name, p in sorted(registry.procedures().items()) for s in p.states if _stands(s)]


def _stands(state: State) -> bool:
    return not state.final and not state.waits and state.holder in ("", "speaker")


def stands(case: Case) -> bool:
    """True where this open case is only out, running or booked: no clock of it runs, and nobody of ours is asked for anything."""
    procedure = registry.get(case.procedure) if case.open and case.due_at is None else None
    state = next((s for s in procedure.states if s.name == case.state), None) if procedure else None
    return state is not None and _stands(state) and not any(case.marks.get(flag) for flag in COUNTED_FLAGS)


def _where(wanted: Wanted, now: datetime, keys: list[str]) -> tuple[list[str], list[Any]]:
    """The conditions on a unit's inbox rows, walls first; the text depends only on which are asked for."""
    wall, params = reads.walled("i", "case_id", keys)
    parts = [wall]
    for name in ("procedure", "state", "kind"):
        if value := getattr(wanted, name):
            parts.append(f"i.{name} = %s")
            params.append(value)
    if wanted.place:
        lo, hi = subtree(wanted.place)
        # SQLite would read a whole county by its index and sort it; the plus keeps it to the newest rows, as they come.
        column = "+i.place" if connection.vendor == "sqlite" and len(lo) <= directory.LEVELS["county"] else "i.place"
        parts.append(f"{column} >= %s AND {column} < %s")
        params += [lo, hi]
    if wanted.flag:
        parts.append(f"{_within()}(i.flags, %s) > 0 AND NOT (i.flags = ',,')")
        params.append(f",{wanted.flag},")
    if wanted.light in LIT:
        parts.append(LIT[wanted.light])
        params += [reads.moment(now)] * LIT[wanted.light].count("%s")
    if wanted.light == "paused" and not (wanted.state or wanted.procedure) and (still := standing()):
        asks = " OR ".join([f"{_within()}(i.flags, %s) > 0"] * len(COUNTED_FLAGS))
        parts.append(f"({asks} OR i.procedure || '.' || i.state NOT IN ({', '.join(['%s'] * len(still))}))")
        params += [*(f",{name}," for name in COUNTED_FLAGS), *(f"{procedure}.{state}" for procedure, state in still)]
    if wanted.mine:
        parts.append("i.mine AND i.open")
    elif wanted.open or wanted.order == "due" or (wanted.flag and wanted.open is None):
        parts.append("i.open")
    elif wanted.open is False:
        parts.append("NOT i.open")
    if wanted.order == "due":
        parts.append("i.due_at IS NOT NULL")
    return parts, params


def _after(wanted: Wanted) -> tuple[str, list[Any]]:
    try:
        if wanted.order == "due":
            at, _, last = wanted.cursor.partition("|")
            return "(i.due_at, i.case_id) > (%s, %s)", [
                reads.moment(datetime.fromisoformat(at)),
                reads.row_id(UUID(last)),
            ]
        return "i.case_id < %s", [reads.row_id(UUID(wanted.cursor))]
    except ValueError:
        raise BadCursor(wanted.cursor) from None


def listed(user: User, wanted: Wanted, now: datetime | None = None) -> Page:
    """One page of the cases this person may see, in one query; up to three with a search. Raises BadCursor, AboutAPerson."""
    now, units = now or datetime.now(UTC), access.units_of(user)
    if not units:
        return Page()
    if search.about_a_person(wanted.q):
        raise search.AboutAPerson(search.AboutAPerson.words.en)
    limit = max(1, min(wanted.limit, PAGE_MOST))
    parts, params = _where(wanted, now, access.keys_of(user))
    if wanted.cursor:
        after, more = _after(wanted)
        parts, params = [*parts, after], [*params, *more]
    if wanted.q:
        most = search.FOUND_MOST if wanted.order == "due" else limit + 1
        found = search.ids(wanted.q, units, counties(units), most, " AND ".join(parts) or "TRUE", params)
        if not found:
            return Page()
        among, ids = reads.among("i.case_id", [reads.row_id(i) for i in found], "uuid")
        parts, params = [*parts, among], [*params, *ids]
    return _page(units, " AND ".join(["i.unit = %s", *parts]), params, wanted.order == "due", limit)


def _page(units: list[str], where: str, params: list[Any], by_due: bool, limit: int) -> Page:
    """Each unit's first rows by its own index, put together, and their cases."""
    order = (
        "i.due_at, i.case_id"
        if by_due
        else "i.due_at DESC, i.case_id DESC"
        if LIT["paused"] in where
        else "i.case_id DESC"
    )
    one = f"SELECT * FROM (SELECT i.county, i.case_id, i.mine FROM kernel_inbox i WHERE {where} ORDER BY {order} LIMIT {limit + 1}) u"
    rows = reads.paired(
        Case, 'r."mine"', f'JOIN ({" UNION ALL ".join([one] * len(units))}) r ON r."county" = t."county" AND r."case_id" = t."id"',
        [value for unit in units for value in (unit, *params)], anew=True,
    )  # fmt: skip
    page = Page(mine={case.id for case, mine in rows if mine})
    if by_due:
        cases = sorted({c.id: c for c, _ in rows}.values(), key=lambda c: (c.due_at, c.id))
    else:
        cases = sorted({c.id: c for c, _ in rows}.values(), key=lambda c: c.id, reverse=True)
    page.items = cases[:limit]
    if len(cases) > limit:
        last = page.items[-1]
        page.next = f"{last.due_at.isoformat()}|{last.id}" if by_due and last.due_at else str(last.id)
    return page


def counties(units: list[str]) -> list[str]:
    """The six-digit counties whose cases these units may hold, the city itself for matters not yet placed."""
    out: dict[str, None] = {}
    for unit in units:
        office = directory.office(unit)
        if office is None:
            continue
        if office.level == "city":
            out |= {s.code[:6]: None for s in directory.city().places.values() if s.level in ("city", "county")}
        else:
            out[directory.within(office.place, "county")[:6]] = None
            out |= {s.code[:6]: None for s in directory.city().places.values() if s.level == "city"}
    return list(out)


def light_of(case: Case, now: datetime) -> str:
    """green, yellow, red, paused (open, but nothing runs) or met (closed)."""
    if not case.open:
        return "met"
    if case.due_at is None or case.warn_at is None:
        return "paused"
    return light(now, case.warn_at, case.due_at)


# Of a unit with more open rows than this (a city's centre) the most urgent ones are counted: see `counts`.
COUNTED_MOST = 2_000


class Counts(NamedTuple):
    """How many open rows: by light, by state, by flag, and by procedure and state."""

    light: dict[str, int]
    state: dict[str, int]
    flag: dict[str, int]
    of: dict[str, dict[str, int]]


def counts(user: User, now: datetime | None = None) -> Counts:
    """How many open rows of this person's units, by light (and flag), by state, and by procedure and state ("of"): one query, live.

    What only stands (`standing`) is in no light and not in "all": it is counted by its state alone.

    A unit with more than COUNTED_MOST open rows would cost more than a page may: of it the most urgent are read, red and
    yellow come first, and "all", "green" and the states come from the tallies (at most seconds old; two more queries).
    """
    now, units = now or datetime.now(UTC), access.units_of(user)
    by_light = dict.fromkeys(("all", "mine", "red", "yellow", "green", "paused"), 0)
    by_flag = dict.fromkeys(COUNTED_FLAGS, 0)  # apart: "paused" is a light and a flag, and a case may be one without the other
    by_state: dict[str, int] = {}
    of: dict[str, dict[str, int]] = {}
    if not units:
        return Counts(by_light, by_state, by_flag, of)
    wall, keys = reads.walled("i", "case_id", access.keys_of(user))
    # What has no clock stands last: PostgreSQL does so by itself, SQLite only when told; both go along one index, sorting nothing.
    one = (
        'SELECT * FROM (SELECT "unit", "procedure", "state", "mine", "flags", "due_at", "warn_at" FROM "kernel_inbox" i '
        f'WHERE "unit" = %s AND "open" AND {wall} ORDER BY "due_at" NULLS LAST LIMIT {COUNTED_MOST}) u'
    )
    lit = "CASE WHEN due_at IS NULL THEN 'paused' WHEN due_at < %s THEN 'red' WHEN warn_at <= %s THEN 'yellow' ELSE 'green' END"
    many = " UNION ALL ".join([one] * len(units))
    sql = f'SELECT "unit", "procedure", "state", "mine", "flags", {lit}, count(*) FROM ({many}) r GROUP BY 1, 2, 3, 4, 5, 6'
    read, still = dict.fromkeys(units, 0), frozenset(standing())
    for whose, procedure, state, mine, flags, light_, n in reads.fetch(
        sql, [reads.moment(now), reads.moment(now), *(p for unit in units for p in (unit, *keys))]
    ):
        read[whose] += n
        by_state[state] = by_state.get(state, 0) + n
        of.setdefault(procedure, {})[state] = of.get(procedure, {}).get(state, 0) + n
        if light_ == "paused" and (procedure, state) in still and not any(f",{name}," in flags for name in COUNTED_FLAGS):
            continue
        for name in ("all", light_, *(["mine"] if mine else [])):
            by_light[name] += n
        for name in COUNTED_FLAGS:
            by_flag[name] += n * (f",{name}," in flags)
    full = [unit for unit, n in read.items() if n >= COUNTED_MOST]
    return Counts(by_light, _wider(by_light, of, full) if full else by_state, by_flag, of)


def _wider(by_light: dict[str, int], of: dict[str, dict[str, int]], units: list[str]) -> dict[str, int]:
    """The states of these large units from the tallies; brings what was counted among the most urgent rows up to them.

    A tally knows the state alone; it is that of what people say, of which alone there are so many.
    """
    states: dict[str, int] = {}
    for unit in units:
        office = directory.office(unit)
        if office is not None and office.kind in (directory.CITY_DESK, directory.TOWN_DESK):
            rows = Tally.objects.filter(place=office.place, by="state", open__gt=0).values_list("key", "open")
        else:
            rows = Tally.objects.filter(
                place=directory.within(office.place, "city") if office else "", by="unit", key=unit
            ).values_list("key", "open")
        for key, n in rows:
            states[key] = states.get(key, 0) + n
    by_light["all"] = max(by_light["all"], sum(states.values()))
    by_light["green"] = by_light["all"] - by_light["red"] - by_light["yellow"] - by_light["paused"]
    said = [p for p in registry.procedures().values() if p.counted]
    for state, n in states.items():
        for procedure in [p for p in said if any(s.name == state for s in p.states)][:1]:
            held = of.setdefault(procedure.name, {})
            held[state] = max(held.get(state, 0), n)
    return states
