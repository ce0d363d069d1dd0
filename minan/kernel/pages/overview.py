"""What a supervisor reads: where the matters of their place stand just now, what is over, and the sums by place, unit, kind, week."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Count, Exists, F, Min, OuterRef, Q, Subquery
from django.utils import timezone

from minan.kernel import access, directory, hiding, inbox, places, registry, routing
from minan.kernel.directory import Office
from minan.kernel.models import Body, Case, Clock, Delivery, Event, Inbox, Outbox, Place, Tally, User, Wall
from minan.kernel.pages import charts, numbers, supervise_terms
from minan.kernel.tallies import MEASURES

RED_SHOWN, DECIDE_SHOWN, UNITS_SHOWN = 8, 10, 5
REFUSAL = "refusal_asked"
# Mark → the step by which it is decided: a refusal by the unit it was put to, all else by the lead's own line.
ASKED = {REFUSAL: "refuse", "extension_asked": "extend", "pause_asked": "pause", "park_asked": "park"}
DESKS = (directory.CITY_DESK, directory.TOWN_DESK, directory.POINT)
SERIES = "督办"
CHILD = {"city": "county", "county": "town", "town": "village"}


@dataclass(slots=True)
class Scope:
    """Whose numbers: a unit, its place, and for a department the units of its own line instead of the place."""

    office: Office
    units: list[str] = field(
        default_factory=list
    )  # of a department: itself and those under it by line; empty: the whole place

    keys: list[str] = field(default_factory=list)  # what walls may name to keep the reader away

    @property
    def place(self) -> str:
        return self.office.place

    def open(self) -> Any:
        """The open inbox rows of this unit that no wall keeps the reader from."""
        walls = Wall.objects.filter(county=OuterRef("county"), case_id=OuterRef("case_id"), who__in=self.keys)
        return Inbox.objects.filter(~Exists(walls), unit=self.office.id, open=True)

    @property
    def counties(self) -> list[str]:
        return inbox.counties([self.office.id])

    def children(self) -> list[str]:
        """The places one level down."""
        below = CHILD.get(self.office.level, "")
        spots = directory.city().places.values()
        return [s.code for s in spots if s.parent == self.place and s.level == below] if not self.units else []


def scopes(user: User) -> list[Scope]:
    """The units this person supervises, by their posts as supervisor or administrator."""
    found: list[Scope] = []
    for post in access.actor(user).posts:
        office = directory.office(post.unit)
        if post.role == "supervisor" and office is not None and office.id not in [s.office.id for s in found]:
            under = [u.id for u in directory.city().units.values() if u.line == office.id]
            found.append(Scope(office, [] if office.kind in DESKS else [office.id, *under], access.keys_of(user)))
    return found


class Overview:
    """Everything of one scope, each part read once when asked for; eleven queries for the whole page, whatever the size."""

    def __init__(self, scope: Scope, now: datetime | None = None) -> None:
        self.scope, self.now = scope, now or timezone.now()

    # ---- just now

    def _red(self) -> Any:
        return self.scope.open().filter(due_at__lt=self.now)

    @cached_property
    def states(self) -> dict[str, tuple[int, int]]:
        """State → (open, over its time), of every matter this unit may see."""
        return {row["state"]: (row["n"], row["late"]) for row in self._counted}

    @cached_property
    def _counted(self) -> list[dict[str, Any]]:
        rows = self.scope.open().values("state")
        return list(rows.annotate(n=Count("id"), late=Count("id", filter=Q(due_at__lt=self.now)), **supervise_terms.counted()))

    @property
    def flags(self) -> dict[str, int]:
        """What stands still and what was ordered, over all states."""
        return {name: sum(row[name] for row in self._counted) for name in supervise_terms.counted()}

    @cached_property
    def jam(self) -> numbers.Jam | None:
        over = Clock.objects.filter(county__in=self.scope.counties, case_id__in=self._red().values("case_id"))
        over = over.filter(Q(paused_at=None) | Q(paused_at__gt=F("due_at")), done_at=None, due_at__lt=self.now)
        rows = over.values_list("name", "unit").annotate(n=Count("id"), first=Min("due_at"))
        return numbers.jam(list(rows), numbers.stops(self.states))

    @property
    def stops(self) -> list[numbers.Stop]:
        return numbers.stops(self.states, self.jam.stop if self.jam else "")

    @property
    def beside(self) -> numbers.Stop:
        return numbers.beside(self.states)

    @property
    def open(self) -> int:
        return sum(n for n, _ in self.states.values())

    @property
    def late(self) -> int:
        return sum(late for _, late in self.states.values())

    # ---- the cases shown

    @cached_property
    def _keys(self) -> tuple[list[tuple[str, Any]], list[tuple[str, Any]]]:
        red = list(
            self._red().filter(mine=False).order_by("due_at", "case_id").values_list("county", "case_id")[:RED_SHOWN]
        )
        rulings = [s.name for p in registry.procedures().values() for s in p.states if s.holder == "ruler"]
        asked = Q(mine=True, state__in=rulings)
        for mark in ASKED:
            asked |= Q(flags__contains=f",{mark},")
        rows = self.scope.open().filter(asked).order_by(F("due_at").asc(nulls_last=True), "case_id")
        return red, list(rows.values_list("county", "case_id")[: 4 * DECIDE_SHOWN])

    @cached_property
    def _cases(self) -> dict[Any, Case]:
        red, decide = self._keys
        keys = [*red, *decide]
        found = Case.objects.filter(county__in={c for c, _ in keys}, id__in={i for _, i in keys})
        return {case.id: case for case in found}

    @property
    def red(self) -> list[Case]:
        """The matters longest over their time in others' hands; what is our own to decide stands apart."""
        return [self._cases[i] for _, i in self._keys[0] if i in self._cases]

    @property
    def decide(self) -> list[tuple[Case, str]]:
        """What waits for this unit's own decision: (case, the mark asked for, or "" for a ruling)."""
        me, out = self.scope.office.id, []
        for case in (self._cases[i] for _, i in self._keys[1] if i in self._cases):
            if case.ruler == me:
                out.append((case, REFUSAL if case.marks.get(REFUSAL) else ""))
            elif case.unit and routing.above(case.unit, "line") == me:
                out += [(case, mark) for mark in ASKED if case.marks.get(mark)]
        return out[:DECIDE_SHOWN]

    @cached_property
    def orders(self) -> dict[Any, tuple[int, str]]:
        """Case → (event, number) of its last numbered order, for the red matters that have one."""
        return orders_of([case for case in self.red if case.marks.get("supervised")])

    # ---- sums

    @cached_property
    def sums(self) -> dict[tuple[str, str, str], dict[str, int]]:
        """(by, place, key) → sums, of the place and the places one level down."""
        here = Q(place=self.scope.place)
        rows = here & Q(by="unit", key__in=self.scope.units)
        if not self.scope.units:
            rows = here & (Q(by__in=("all", "unit", "kind")) | Q(by="week", key__gte=self.weeks[0]))
            rows |= Q(by="all", place__in=self.scope.children())
        asked = Tally.objects.filter(rows, county__in=self.scope.counties)
        return numbers.folded(asked.values("by", "place", "key", *MEASURES), MEASURES)

    @cached_property
    def weeks(self) -> list[str]:
        return numbers.weeks(timezone.localdate(self.now))

    @property
    def all(self) -> dict[str, int]:
        if self.scope.units:
            return numbers.added(self.by("unit").values())
        return self.sums.get(("all", self.scope.place, ""), {})

    def by(self, name: str) -> dict[str, dict[str, int]]:
        """Key → sums for unit, kind, week; place → sums for place."""
        if name == "place":
            return {
                place: row for (by, place, _), row in self.sums.items() if by == "all" and place != self.scope.place
            }
        return {key: row for (by, place, key), row in self.sums.items() if by == name and place == self.scope.place}

    @cached_property
    def as_of(self) -> datetime:
        """Until when the sums hold: the first event not yet counted, else now."""
        waiting: list[datetime | None] = [
            Outbox.objects.aggregate(at=Min("at"))["at"],
            Delivery.objects.filter(listener="kernel.tallies.count").aggregate(at=Min("at"))["at"],
        ]
        return min([self.now, *(at for at in waiting if at is not None)])

    def map(self) -> charts.Map | None:
        """The places one level down: by their outlines, else by schematic centres on the outline around them."""
        children = self.scope.children()
        drawn = outlines()
        shapes = {c: (directory.place_name(c), drawn[c]) for c in children if c in drawn}
        if shapes:
            return charts.outlined(shapes)
        dots = {}
        for code in children if self.scope.office.level == "county" else []:
            node = places.tree().nodes.get(code)
            point = (node.centre or node.sketch) if node else None
            if point:
                dots[code] = (directory.place_name(code), point)
        return charts.dotted(drawn.get(self.scope.place), dots)


_drawn: tuple[object, dict[str, Any]] | None = None


def outlines() -> dict[str, Any]:
    """Code → outline of the counties and towns that have one; read again only after the city changed."""
    global _drawn
    city = directory.city()
    if _drawn is None or _drawn[0] is not city:
        rows = Place.objects.filter(outline__isnull=False, until=None, level__in=("county", "town"))
        _drawn = (city, dict(rows.values_list("code", "outline")))
    return _drawn[1]


def orders_of(cases: Iterable[Case]) -> dict[Any, tuple[int, str]]:
    """Case → (event, number) of the last order on it; one query."""
    cases = list(cases)
    names = [s.name for p in registry.procedures().values() for s in p.steps if s.number == SERIES]
    body = Body.objects.filter(county=OuterRef("county"), case_id=OuterRef("case_id"), n=OuterRef("n")).values("text")[
        :1
    ]
    rows = Event.objects.filter(county__in={c.county for c in cases}, case_id__in=[c.id for c in cases], step__in=names)
    out: dict[Any, tuple[int, str]] = {}
    counties = {c.id: c.county for c in cases}
    for case_id, n, text in rows.annotate(text=Subquery(body)).order_by("n").values_list("case_id", "n", "text"):
        said: dict[str, Any] = json.loads(text) if text else hiding.stand_in(counties[case_id], case_id, n)
        if number := said.get("note", {}).get("number", ""):
            out[case_id] = (n, number)
    return out
