"""The demo's stage: simulated time, the people of the city, and the clocks that ring between two acts.

A life is a generator: it takes steps through the one door and yields the moment at which it wants to go on. The stage
plays all lives in the order of time; before each act every clock due by then rings, as the worker would have done.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from minan.kernel import act, directory, routing, worker
from minan.kernel.access import Actor
from minan.kernel.calendar import Limit, Scale
from minan.kernel.directory import LOCAL, PostRow
from minan.kernel.models import Case, Clock

Life = Generator[datetime, None, None]
DAWN, DUSK = 7, 22  # when residents speak
AT_ONCE = timedelta(days=4)  # simulated time in one transaction
RINGS_MOST = 200  # turns of the clocks at one moment


class Over(Exception):
    """A step was refused: this life ends here, as it would for people who were too late."""


@dataclass
class People:
    """Who works where: unit → its staff as actors, read from the posts."""

    units: dict[str, list[tuple[Actor, PostRow]]] = field(default_factory=dict)

    @classmethod
    def of_city(cls) -> People:
        found: dict[str, list[tuple[Actor, PostRow]]] = {}
        for user_id, posts in sorted(directory.city().posts.items()):
            for post in posts:
                found.setdefault(post.unit, []).append((Actor("staff", user_id, posts), post))
        return cls(found)

    def of(self, unit: str, *roles: str) -> list[Actor]:
        return [who for who, post in self.units.get(unit, []) if not roles or post.role in roles]


class Stage:
    """Time, chance and everybody's calendar. Each life has a chance of its own, so that one never turns another's story."""

    def __init__(self, seed: int, begin: datetime, tell: Callable[[], None]) -> None:
        self.seed, self.chance = seed, random.Random(seed)  # noqa: S311 a story, not a secret
        self.now = begin
        self.tell = tell  # hands what happened to those who listen
        self.people = People.of_city()
        self.calendar = directory.calendar("default")
        self.refused: Counter[str] = Counter()
        self.last: dict[tuple[str, str], Matter] = {}  # desk and kind → the matter said last
        self._waiting: list[tuple[datetime, int, random.Random, Life]] = []
        self._count = 0

    def enter(self, at: datetime, life: Life) -> None:
        self._count += 1
        own = random.Random(f"{self.seed}:{self._count}")  # noqa: S311 as above
        heapq.heappush(self._waiting, (at, self._count, own, life))

    def play(self, end: datetime, so_far: Callable[[float], None] = lambda _share: None) -> None:
        """Play everything that happens until `end`, and tell it every few days; what comes later stays open.

        `so_far` hears how much of the time is played, from 0 to 1.
        """
        begin = self.now
        while self._waiting and self._waiting[0][0] <= end:
            with transaction.atomic():
                until = min(end, self._waiting[0][0] + AT_ONCE)
                while self._waiting and self._waiting[0][0] <= until:
                    self._next()
            self.tell()
            so_far((until - begin) / (end - begin))
        with transaction.atomic():
            self.ring(end)
        self.now = end
        self.tell()

    def _next(self) -> None:
        at, number, own, life = heapq.heappop(self._waiting)
        self.ring(at)
        self.now, self.chance = at, own
        try:
            again = next(life, None)
        except Over as over:
            self.refused[str(over)] += 1
            return
        if again is not None:
            heapq.heappush(self._waiting, (max(again, at), number, own, life))

    def ring(self, until: datetime) -> None:
        """Ring every clock due by then, each at its own moment."""
        table = connection.ops.quote_name(Clock._meta.db_table)
        pick = f"SELECT min(next_at) FROM {table} WHERE next_at IS NOT NULL"  # noqa: S608 a table's name
        last, turns = None, 0
        while True:
            with connection.cursor() as cursor:
                cursor.execute(pick)
                found = cursor.fetchone()[0]
            if found is None:
                return
            due = found if isinstance(found, datetime) else datetime.fromisoformat(found)
            due = due if due.tzinfo else due.replace(tzinfo=UTC)
            if due > until:
                return
            turns = turns + 1 if due == last else 0
            if turns > RINGS_MOST:
                raise RuntimeError(f"clocks ring without end at {due}")
            last = due
            worker.ring(due)

    # ---- when people do things

    def minutes(self, low: float, high: float) -> timedelta:
        return timedelta(minutes=self.chance.uniform(low, high))

    def office(self, low: float, high: float) -> datetime:
        """After that many minutes of office hours from now, not all on the same second."""
        limit = Limit(max(1, round(self.chance.triangular(low, high))), Scale.WORKING)
        return self.calendar.due(self.now, limit).at + timedelta(seconds=self.chance.randrange(50))

    def waking(self, low: float, high: float) -> datetime:
        """After that many hours from now, by day."""
        at = (self.now + timedelta(hours=self.chance.uniform(low, high))).astimezone(LOCAL)
        if not DAWN <= at.hour < DUSK:
            at = at.replace(hour=DAWN, minute=0) + timedelta(
                days=at.hour >= DUSK, minutes=self.chance.randrange(20, 180)
            )
        return at


@dataclass
class Matter:
    """One matter of the story: the case, who may act on it, and what was said."""

    stage: Stage
    case: Case
    secret: str
    say: dict[str, Any]
    urgent: bool
    state: str = "said"

    @property
    def marks(self) -> dict[str, Any]:
        marks: dict[str, Any] = Case.objects.values_list("marks", flat=True).get(
            county=self.case.county, id=self.case.id
        )
        return marks

    def row(self) -> Case:
        """The case as it stands now."""
        return Case.objects.get(county=self.case.county, id=self.case.id)

    def take(self, step: str, by: Actor, **facts: Any) -> None:
        """Take a step at this moment; Over where it is refused."""
        result = act.act(self.case, step, by=by, facts=facts, at=self.stage.now)
        if isinstance(result, act.Refused):
            raise Over(f"{step}:{result.rule or result.status}")
        self.state = result.state

    def speaker(self, step: str, **facts: Any) -> None:
        by_hand = self.case.channel in ("walkin", "patrol")  # their slip passed through staff's hands
        self.take(step, Actor("speaker", cast="seen" if by_hand else "own"), **facts)

    def pick(self, unit: str, *roles: str, but: Actor | None = None) -> Actor:
        """Somebody of this unit, chosen by chance; Over where nobody works there."""
        found = [who for who in self.stage.people.of(unit, *roles) if but is None or who.user_id != but.user_id]
        if not found:
            raise Over(f"nobody:{unit}")
        return self.stage.chance.choice(found)

    def caller(self, but: Actor | None) -> Actor:
        """Who makes the return visit: somebody else of the desk, or the centre above where the desk has nobody else."""
        above = routing.above(self.case.desk, "block")
        try:
            return self.pick(self.case.desk, "clerk", "supervisor", "worker", but=but)
        except Over:
            return self.pick(above, "supervisor", but=but)

    def soon(self, low: float, high: float) -> datetime:
        """In so many minutes of office hours; round the clock and quicker where it is urgent."""
        return self.stage.now + self.stage.minutes(low / 9, high / 9) if self.urgent else self.stage.office(low, high)
