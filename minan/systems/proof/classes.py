"""How exactly a matter may be told so that nobody stands out: every published combination holds at least ten. Pure.

What could single a matter out is who took it in, who led it, where, what kind, by which way in, and the week it was opened. A
combination too small is told less exactly, a step at a time, until it is large enough; the exact times of its events come
only with combinations of thirty and more. What is left is put together with its county, small counties with each other.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from typing import NamedTuple

K = 10
MINUTES_FROM = 30  # members a combination must have for its events to be told to the minute; below it is the day
OTHER, ANY = "other", "any"


class Exact(NamedTuple):
    """What is known of a matter. `area` is the county's six digits, or the city's for a county too small to stand alone."""

    desk: str
    lead: str
    place: str
    town: str
    area: str
    kind: str
    group: str
    channel: str
    week: str  # 2026-W47
    month: str  # 2026-11


class Told(NamedTuple):
    """What is said of it."""

    desk: str
    lead: str
    place: str
    kind: str
    channel: str
    period: str
    minute: bool

    @property
    def at(self) -> str:
        """How exact its times are: minute, day, month or year."""
        if "W" not in self.period:
            return "month" if len(self.period) > 4 else "year"
        return "minute" if self.minute else "day"


Way = Callable[[Exact], Told]
# From the most exact to the least. A unit is as good as its place, so it is left out after the village and the town.
WAYS: tuple[Way, ...] = (
    lambda e: Told(e.desk, e.lead, e.place, e.kind, e.channel, e.week, True),
    lambda e: Told(e.desk, e.lead, e.town, e.kind, e.channel, e.week, True),
    lambda e: Told(e.desk, e.lead, e.town, e.group, e.channel, e.week, True),
    lambda e: Told(e.desk, e.lead, e.area, e.group, e.channel, e.week, True),
    lambda e: Told(e.desk, e.lead, e.area, OTHER, e.channel, e.week, True),
    lambda e: Told(e.desk, e.lead, e.area, OTHER, ANY, e.week, True),
    lambda e: Told(e.area, e.lead, e.area, OTHER, ANY, e.week, True),
    lambda e: Told(e.area, e.lead, e.area, OTHER, ANY, e.week, False),
    lambda e: Told(e.area, e.area, e.area, OTHER, ANY, e.week, True),
    lambda e: Told(e.area, e.area, e.area, OTHER, ANY, e.week, False),
    lambda e: Told(e.area, e.area, e.area, OTHER, ANY, e.month, False),
    lambda e: Told(e.area, e.area, e.area, OTHER, ANY, e.month[:4], False),
)
LAST = len(WAYS) - 1
WIDE = 3  # the first way that says no more than the area


def areas(counties: Mapping[str, int], city: str) -> dict[str, str]:
    """County → the area it is told as: itself, or `city` for those too small; these together are never too few either."""
    small = {c for c, n in counties.items() if n < K or c == city}
    rest = sorted((c for c in counties if c not in small), key=lambda c: (counties[c], c))
    while rest and 0 < sum(counties[c] for c in small) < K:
        small.add(rest.pop(0))
    return {c: city if c in small else c for c in counties}


def tell(counts: Mapping[Exact, int], city: str) -> dict[Exact, Told]:
    """How each combination is told; one that is missing must be left out (fewer than ten in the whole city)."""
    found: dict[Exact, Told] = {}
    left = dict(counts)
    for number, way in enumerate(WAYS):
        groups: dict[Told, list[Exact]] = defaultdict(list)
        for exact in left:
            if number >= WIDE or exact.area != city:  # of a joined area the village would say which county it is
                groups[way(exact)].append(exact)
        for told, members in groups.items():
            if sum(counts[e] for e in members) >= (MINUTES_FROM if told.minute else K):
                found |= dict.fromkeys(members, told)
                for exact in members:
                    del left[exact]
    _join(found, left, counts)
    return found


def _join(found: dict[Exact, Told], left: Mapping[Exact, int], counts: Mapping[Exact, int]) -> None:
    """Put what is left with the smallest combinations of its area and year until they are ten together."""
    rest: dict[Told, list[Exact]] = defaultdict(list)
    for exact in left:
        rest[WAYS[LAST](exact)].append(exact)
    sizes: Counter[Told] = Counter()
    members: dict[Told, list[Exact]] = defaultdict(list)
    for exact, told in found.items():
        sizes[told] += counts[exact]
        members[told].append(exact)
    for told, some in _by_area(rest).items():
        near = sorted(
            (t for t in members if members[t][0].area == told.place),
            key=lambda t: (t.period[:4] not in told.period, sizes[t], t),
        )
        while sum(counts[e] for e in some) < K and near:
            some.extend(members.pop(near.pop(0)))
        if sum(counts[e] for e in some) >= K:
            found |= dict.fromkeys(some, told)
        else:
            for exact in some:
                found.pop(exact, None)


def _by_area(rest: Mapping[Told, list[Exact]]) -> dict[Told, list[Exact]]:
    """One remainder an area; where it is of several years it says all of them: 2025/2026."""
    areas_: dict[str, list[Exact]] = defaultdict(list)
    for told, some in rest.items():
        areas_[told.place] += some
    out = {}
    for area, some in areas_.items():
        out[Told(area, area, area, OTHER, ANY, ANY, False)] = some
    return out
