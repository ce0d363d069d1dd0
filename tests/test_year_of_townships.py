"""A simulated year of 121 townships, with returns, absences, holidays and late units, on a clock that is ours.

Every act goes through the one door at its own moment, every clock rings at its own; then, week by week and at the end: no
matter with a third return, none without a clock and an owner, every red one with its reminder, every one past one and a half
times the limit up the block.
"""

from __future__ import annotations

import heapq
import itertools
import os
import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from minan.kernel import access, directory, registry, routing, worker
from minan.kernel.access import SPEAKER, Actor
from minan.kernel.act import Opened, act, open_case
from minan.kernel.clocks import FIXED
from minan.kernel.directory import PostRow
from minan.kernel.models import Case, Clock, Event
from minan.kernel.pictures import Picture

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.bar("R11")]
BEGIN, END = datetime(2026, 1, 5, 0, 0, tzinfo=UTC), datetime(2026, 12, 28, 0, 0, tzinfo=UTC)
TOWNSHIPS = 121
KINDS = ("lamp.out", "road.hole", "clean.rubbish", "clean.sewage", "supply.water_out")
HABITS = ("good", "good", "good", "late", "returner", "absent")
DEEP = bool(os.environ.get("MINAN_DEEP"))
MATTERS = 12 if DEEP else 2  # a township and year
WEEK, HOUR, DAY = timedelta(days=7), timedelta(hours=1), timedelta(days=1)


def seat(unit: str, role: str, person: int) -> Actor:
    return Actor("staff", person, (PostRow(unit, role, "", ""),))


class Year:
    """The city's year: a queue of what people do, each at their own time, and the clocks that ring in between."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.queue: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self.tick = itertools.count()
        self.seen: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.cases: list[Any] = []
        self.towns = sorted(s.code for s in directory.city().places.values() if s.level == "town" and not s.successor)[:TOWNSHIPS]
        self.kinds = [k for k in KINDS if k in directory.city().kinds] or ["lamp.out"]
        self.photo = itertools.count()

    def at(self, moment: datetime, what: Callable[[datetime], None]) -> None:
        if moment < END:
            heapq.heappush(self.queue, (moment, next(self.tick), what))

    def soon(self, now: datetime, least: float, most: float) -> datetime:
        return now + HOUR * self.chance.uniform(least, most)

    def run(self) -> None:
        for town in self.towns:
            for _ in range(MATTERS):
                self.at(BEGIN + (END - BEGIN) * self.chance.random() * 0.9, lambda now, town=town: self.said(now, town))
        week = BEGIN + WEEK
        while self.queue:
            moment, _, what = heapq.heappop(self.queue)
            while moment > week:
                self.ring_until(week)
                self.holds(week)
                week += WEEK
            self.ring_until(moment)
            what(moment)
        self.ring_until(END)
        self.holds(END)

    def ring_until(self, moment: datetime) -> None:
        """Every clock at its own minute, as the worker would."""
        while True:
            due = Clock.objects.filter(next_at__lte=moment, paused_at=None, done_at=None).order_by("next_at")
            first = due.values_list("next_at", flat=True).first()
            if first is None:
                return
            worker.ring(max(first, BEGIN))

    # ---- people

    def act(self, pk: Any, step: str, who: Actor, now: datetime, **facts: Any) -> bool:
        case = Case.objects.get(id=pk)
        try:
            done = act(case, step, by=who, facts=facts, at=max(now, case.changed_at))
        except Case.DoesNotExist:
            self.refused[f"{step}: stranger"] += 1
            return False
        if isinstance(done, Event):
            self.seen[step] += 1
            return True
        self.refused[f"{step}: {done.rule or done.status}"] += 1
        return False

    def desk(self, pk: Any) -> Actor:
        return seat(Case.objects.values_list("desk", flat=True).get(id=pk), "clerk", 2001)

    def lead(self, pk: Any) -> Actor:
        return seat(Case.objects.values_list("unit", flat=True).get(id=pk), "handler", 2002)

    def ruler(self, pk: Any) -> Actor:
        return seat(Case.objects.values_list("ruler", flat=True).get(id=pk), "supervisor", 2003)

    def picture(self) -> Picture:
        n = next(self.photo)
        mark = f"{(n * 0x9E3779B97F4A7C15) % (1 << 64):016x}"
        return Picture(data=b"x", mime="image/jpeg", width=8, height=8, sha256=f"{n:064x}", thumb=b"x", dhash=mark)

    def said(self, now: datetime, town: str) -> None:
        below = [s.code for s in directory.city().places.values() if s.parent == town and not s.successor] or [town]
        facts = {"text": "路上有个坑，灯也不亮", "place": self.chance.choice(below), "kind": self.chance.choice(self.kinds)}
        opened = open_case("matter", by=SPEAKER, facts=facts, at=now)
        assert isinstance(opened, Opened), opened
        pk = opened.case.id
        self.cases.append(pk)
        away = self.chance.random() < 0.08  # the clerk is away, nobody stands in
        self.at(self.soon(now, 30, 200) if away else self.soon(now, 0.1, 3), lambda t: self.accept(t, pk))

    def accept(self, now: datetime, pk: Any) -> None:
        case = Case.objects.get(id=pk)
        self.act(pk, "accept", self.desk(pk), now, urgency=self.chance.choice(["ordinary", "ordinary", "urgent"]))
        why = routing.for_kind(case.kind, case.place, case.edition)
        right = why.unit if why else case.desk
        there = [o.id for o in routing.candidates(case.place) if o.kind != "point" and o.id != right]
        unit = self.chance.choice(there) if there and self.chance.random() < 0.25 else right
        self.at(self.soon(now, 0.1, 20), lambda t: self.assign(t, pk, unit, right))

    def assign(self, now: datetime, pk: Any, unit: str, right: str) -> None:
        near = [o.id for o in routing.candidates(Case.objects.get(id=pk).place) if o.kind == "department" and o.id not in (unit, right)]
        helpers = [self.chance.choice(near)] if near and self.chance.random() < 0.2 else []
        if self.act(pk, "assign", self.desk(pk), now, unit=unit, **{"with": helpers}):
            habit = "returner" if unit != right else self.chance.choice(HABITS)
            self.at(self.soon(now, 0.5, 6) if habit != "absent" else self.soon(now, 200, 900), lambda t: self.handle(t, pk, habit, right))

    def handle(self, now: datetime, pk: Any, habit: str, right: str) -> None:
        case = Case.objects.get(id=pk)
        if case.state not in ("assigned", "signed", "handling"):
            return
        if habit == "returner" and self.act(pk, "send_back", self.lead(pk), now, article="职责清单第 1 条", words="不归我们"):
            self.at(self.soon(now, 1, 40), lambda t: self.rule(t, pk, right))
            return
        self.act(pk, "sign", self.lead(pk), now)
        if self.chance.random() < 0.5:
            self.act(pk, "call", self.lead(pk), now)
        for task in Case.objects.filter(parent=pk, procedure="joint", closed_at=None):
            self.at(self.soon(now, 5, 150), lambda t, task=task.id: self.act(task, "answer", self.lead(task), t, words="我们这部分办了"))
        late = habit in ("late", "absent")
        self.at(self.soon(now, 200, 1_200) if late else self.soon(now, 2, 40), lambda t: self.answer(t, pk, right, 0))

    def rule(self, now: datetime, pk: Any, right: str) -> None:
        place = Case.objects.values_list("place", flat=True).get(id=pk)
        there = [o.id for o in routing.candidates(place) if o.kind == "department"] or [right]
        unit = right if self.chance.random() < 0.6 else self.chance.choice(there)
        if self.act(pk, "rule_return", self.ruler(pk), now, unit=unit, words="按职责清单"):
            habit = self.chance.choice(("good", "returner", "late"))
            self.at(self.soon(now, 1, 30), lambda t: self.handle(t, pk, habit, right))

    def answer(self, now: datetime, pk: Any, right: str, tries: int) -> None:
        facts = {"outcome": "solved", "words": "修好了", "photos": [self.picture()]}
        if self.act(pk, "answer", self.lead(pk), now, **facts):
            self.at(self.soon(now, 1, 200), lambda t: self.judge(t, pk, right))
        elif tries < 6 and Case.objects.get(id=pk).state in ("signed", "handling"):
            self.at(self.soon(now, 20, 120), lambda t: self.answer(t, pk, right, tries + 1))

    def judge(self, now: datetime, pk: Any, right: str) -> None:
        luck = self.chance.random()
        if luck < 0.7:
            self.act(pk, "rate", SPEAKER, now, solved=True, satisfied=True)
        elif luck < 0.85 and self.act(pk, "rate", SPEAKER, now, solved=False, satisfied=False):
            self.at(self.soon(now, 1, 60), lambda t: self.order(t, pk, right))

    def order(self, now: datetime, pk: Any, right: str) -> None:
        unit = Case.objects.values_list("unit", flat=True).get(id=pk) or right
        if self.act(pk, "rule_reopen", self.ruler(pk), now, unit=unit, words="重办"):
            self.at(self.soon(now, 1, 10), lambda t: self.handle(t, pk, "good", right))

    # ---- what must hold

    def holds(self, now: datetime) -> None:
        quiet = {(p.name, c.name) for p in registry.procedures().values() for c in p.clocks if c.quiet}
        loud: dict[Any, list[Clock]] = {}
        for clock in Clock.objects.filter(done_at=None):
            loud.setdefault(clock.case_id, []).append(clock)
        for case in Case.objects.filter(closed_at=None).exclude(privacy="house"):
            clocks = [c for c in loud.get(case.id, []) if (case.procedure, c.name) not in quiet]
            assert clocks, f"{now}: {case.code} in {case.state} has no clock"
            holder = registry.procedures()[case.procedure].state(case.state).holder
            owner = {"desk": case.desk, "lead": case.unit, "ruler": case.ruler, "speaker": "speaker"}.get(holder, case.desk)
            assert owner, f"{now}: {case.code} in {case.state} has no owner"
            assert owner == "speaker" or owner in access.audience(case.as_view()), f"{case.code}: {owner} does not see it"
            for clock in clocks:
                self._rang(now, case, clock)

    def _rang(self, now: datetime, case: Case, clock: Clock) -> None:
        """A clock that ran out has told so once, and at one and a half times again, up the block."""
        spec = registry.procedures()[case.procedure].clock(clock.name)
        if clock.paused_at is not None or now <= clock.due_at:
            return
        assert not spec.at_due or clock.told >= 1, f"{now}: {case.code} {clock.name} is red and nobody was reminded"
        if spec.at_escalate and clock.limit != FIXED:
            up = directory.calendar(clock.hours).escalates(clock.started_at, clock.due_at, _limit(clock))
            steps = set(Event.objects.filter(case_id=case.id).values_list("step", flat=True))
            assert spec.at_due in steps, f"{now}: {case.code} {clock.name}: no {spec.at_due}"
            assert now <= up or spec.at_escalate in steps, f"{now}: {case.code} {clock.name} is past 1.5 times and did not go up"


def _limit(clock: Clock) -> Any:
    from minan.kernel.calendar import Limit

    return Limit.parse(clock.limit)


def test_in_a_year_of_121_townships_nothing_lies_without_owner_clock_reminder_and_a_way_up(city: None) -> None:
    year = Year(20_261)
    assert len(year.towns) == TOWNSHIPS
    year.run()
    returns = Counter(Event.objects.filter(step="send_back", case_id__in=year.cases).values_list("case_id", flat=True))
    assert max(returns.values()) == 2, "some matter went back twice, and none a third time"
    assert any(name.startswith("send_back: returns_once") for name in year.refused), "the third was tried and refused"
    answered = Event.objects.filter(step="answer", case_id__in=year.cases).count()
    assert answered > len(year.cases) * 0.6
    assert year.seen["rate"] > answered * 0.3
    told = Counter(Event.objects.values_list("step", flat=True))
    assert told["remind"] > 50
    assert told["go_up"] > 10
    print({"matters": len(year.cases), "events": sum(told.values()), "returns": sum(returns.values()), "refused": dict(year.refused)})
