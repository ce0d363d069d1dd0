"""What a leader's page says in numbers: sums, rates with their denominators, the six stops, the step that is stuck. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

SMALL = 10  # fewer than this many are shown as they are, never as a rate: one matter would move it by tens of percent
WEEKS = 12
RATES = {
    # name: numerator, denominator. Who was asked by their own link and whom staff asked are never added (DOMAIN.md §1).
    "on_time": ("on_time", "answered"),
    "contact": ("contacted", "contact_due"),
    "rated_solved": ("rated_solved", "rated"),
    "visited_solved": ("visited_solved", "visited"),
    "rated_satisfied": ("rated_satisfied", "rated"),
    "visited_satisfied": ("visited_satisfied", "visited"),
    "first_unit": ("routed_right", "routed"),
}
# The line of a matter as a leader sees it: stop → the states a matter waits in there, and the clocks that run meanwhile.
STOPS = {
    "said": (("said",), ("accept",)),
    "accepted": (("accepted",), ("assign",)),
    "assigned": (("assigned",), ("sign",)),
    "handling": (("signed", "handling"), ("answer", "contact")),
    "answered": (("answered", "visited"), ("visit", "unheard", "notice")),
    "ruling": (("sent_back", "reopened", "under_review", "appealed"), ("ruling", "review")),
}
BESIDE = "beside"  # open, but at none of the six stops: joined to another matter, a petition, help asked of others
AT_STOPS = frozenset(state for states, _clocks in STOPS.values() for state in states)
Sums = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Rate:
    """A numerator with what it was counted from; `enough` is False where a percentage would pretend too much."""

    n: int
    d: int

    @property
    def enough(self) -> bool:
        return self.d >= SMALL


@dataclass(frozen=True, slots=True)
class Stop:
    name: str
    states: tuple[str, ...]
    count: int
    late: int
    stuck: bool = False

    @property
    def share(self) -> Rate:
        return Rate(self.late, self.count)


@dataclass(frozen=True, slots=True)
class Jam:
    """Where it is stuck just now: the clock, how many of it are over, the stop it runs at, and the units by how many."""

    clock: str
    stop: str
    late: int
    units: list[tuple[str, int, datetime]] = field(default_factory=list)  # unit, overdue, end of the oldest


def folded(rows: Iterable[Mapping[str, Any]], measures: Iterable[str]) -> dict[tuple[str, str, str], dict[str, int]]:
    """Tallies of several counties as one: (by, place, key) → sums by measure."""
    names = tuple(measures)
    out: dict[tuple[str, str, str], dict[str, int]] = defaultdict(lambda: dict.fromkeys(names, 0))
    for row in rows:
        sums = out[row["by"], row["place"], row["key"]]
        for name in names:
            sums[name] += row[name]
    return dict(out)


def added(rows: Iterable[Sums]) -> dict[str, int]:
    """Several rows of sums as one."""
    out: dict[str, int] = defaultdict(int)
    for row in rows:
        for name, value in row.items():
            out[name] += value
    return dict(out)


def rates(sums: Sums) -> dict[str, Rate]:
    """Every rate of a row of sums."""
    return {name: Rate(sums.get(n, 0), sums.get(d, 0)) for name, (n, d) in RATES.items()}


def stops(states: Mapping[str, tuple[int, int]], stuck: str = "") -> list[Stop]:
    """The six stops from state → (open, late); `stuck` names the stop to be marked."""
    out = []
    for name, (members, _) in STOPS.items():
        count, late = (sum(states.get(s, (0, 0))[i] for s in members) for i in (0, 1))
        out.append(Stop(name, members, count, late, name == stuck))
    return out


def beside(states: Mapping[str, tuple[int, int]]) -> Stop:
    """What is open and stands at none of the six stops, so that the parts and it are the whole."""
    others = tuple(sorted(set(states) - AT_STOPS))
    count, late = (sum(states[name][i] for name in others) for i in (0, 1))
    return Stop(BESIDE, others, count, late)


def jam(clocks: Iterable[tuple[str, str, int, datetime]], line: Iterable[Stop]) -> Jam | None:
    """The stop most often over for what waits there, and its clock most often over, from (clock, unit, overdue, end of the oldest).

    What waits to be signed for is stuck at the signing, though its answer may be over as well: the stop decides, not the clock.
    A stop with few matters competes by its number only, after those whose share means something. None: nothing is over.
    """
    over = [stop for stop in line if stop.late]
    if not over:
        return None
    worst = max(over, key=lambda s: (s.share.enough, s.late / s.count if s.share.enough else 0.0, s.late))
    late: dict[str, int] = dict.fromkeys(STOPS[worst.name][1], 0)
    units: dict[str, list[tuple[str, int, datetime]]] = defaultdict(list)
    for name, unit, count, first in clocks:
        if name in late:
            late[name] += count
            units[name].append((unit, count, first))
    clock = max(late, key=lambda name: late[name])
    return Jam(clock, worst.name, late[clock] or worst.late, sorted(units[clock], key=lambda u: (-u[1], u[2])))


def weeks(today: date, count: int = WEEKS) -> list[str]:
    """The last weeks, oldest first, as the tallies name them: 2026-W47."""
    return [f"{today - timedelta(weeks=back):%G-W%V}" for back in range(count - 1, -1, -1)]


def monday(week: str) -> date:
    """The Monday of a week such as 2026-W47. ValueError for anything else."""
    year, _, number = week.partition("-W")
    return date.fromisocalendar(int(year), int(number), 1)


def late_first(rows: Iterable[tuple[str, Sums]]) -> list[tuple[str, Sums]]:
    """Rows as a leader reads them: most late first, then most open."""
    return sorted(rows, key=lambda row: (-row[1].get("late", 0), -row[1].get("open", 0), row[0]))
