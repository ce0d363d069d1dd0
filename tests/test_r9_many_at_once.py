"""R9: twenty people act on the same matters at once, whatever comes to their mind; a checker replays what stands on the record.

No illegal transition, no lost or doubled update, and the order of each chain is an order in which all of it could have happened.
"""

from __future__ import annotations

import itertools
import os
import random
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections

from minan.kernel import access, ledger, registry
from minan.kernel.access import SPEAKER, Actor
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.directory import PostRow
from minan.kernel.ledger import Link
from minan.kernel.models import Case, Event, Inbox
from minan.kernel.pictures import Picture
from minan.systems.matters.procedure import PROCEDURE

AT = datetime(2026, 11, 16, 1, 20, tzinfo=UTC)
PEOPLE, MATTERS = 20, 8
DEEP = bool(os.environ.get("MINAN_DEEP"))
ACTS = 2_500 if DEEP else 30  # a person
UNITS = ("131022-lighting", "131022-urban", "131022-housing")
STEPS = (
    *("accept", "assign", "sign", "handle", "call", "send_back", "rule_return", "ask_help", "answer", "rate", "visit"),
    *("rule_reopen", "uphold", "object", "note", "progress", "urge", "supervise", "reclassify", "split", "ask_park", "park"),
    *("unpark", "settle", "handle_myself"),
)  # fmt: skip


def seat(unit: str, role: str, person: int) -> Actor:
    return Actor("staff", person, (PostRow(unit, role, "", ""),))


def cast() -> list[Actor]:
    """Twenty: speakers, clerks, handlers of three units, supervisors of county and city."""
    people = [seat("131022100-station", "clerk", 3000 + n) for n in range(6)]
    people += [seat(UNITS[n % 3], "supervisor" if n > 5 else "handler", 3100 + n) for n in range(8)]
    people += [seat("131022-centre", "supervisor", 3200), seat("131022-centre", "clerk", 3201), seat("1310-centre", "supervisor", 3202)]
    return [*people, SPEAKER, SPEAKER, seat("131022101-station", "clerk", 3300)][:PEOPLE]


def facts(chance: random.Random, mark: int) -> dict[str, Any]:
    photo = Picture(b"x", "image/jpeg", 8, 8, f"{mark:064x}", b"x", f"{(mark * 0x9E3779B97F4A7C15) % (1 << 64):016x}")
    unit = chance.choice(UNITS)
    return {
        "unit": unit, "with": [chance.choice(UNITS)], "part": "帮一把", "words": "说一句", "article": "第 1 条", "photos": [photo],
        "outcome": chance.choice(["solved", "explained"]), "solved": chance.random() < 0.5, "satisfied": chance.random() < 0.5,
        "reached": True, "kind": chance.choice(["lamp.out", "road.hole"]), "text": "还有一件", "review_on": "2026-12-10",
        "ground": chance.choice(["park.money", "park.season", "park.plan"]), "urgency": chance.choice(["ordinary", "urgent"]),
    }  # fmt: skip


class Hand(threading.Thread):
    """One person at work; `done` are the events the door gave them."""

    def __init__(self, number: int, who: Actor, matters: list[Any], gate: threading.Barrier) -> None:
        super().__init__(daemon=True)
        self.number, self.who, self.matters, self.gate = number, who, matters, gate
        self.done: list[Event] = []
        self.said: Counter[str] = Counter()
        self.broke: list[str] = []

    def run(self) -> None:
        chance = random.Random(self.number)
        self.gate.wait(60)
        try:
            for n in range(ACTS):
                self.once(chance, n)
        except Exception as error:  # told by the test, not by a thread that dies in silence
            self.broke.append(repr(error))
        finally:
            connections.close_all()

    def once(self, chance: random.Random, n: int) -> None:
        case = Case.objects.get(id=chance.choice(self.matters))
        mine = [s for s in STEPS if (step := PROCEDURE.step(s)) and set(step.who) & set(access.roles_of(self.who, case.as_view()))]
        fits = [s for s in mine if PROCEDURE.step(s) in PROCEDURE.steps_from(case.state)]
        name = chance.choice(fits if fits and chance.random() < 0.8 else STEPS)
        seen = case.moves if chance.random() < 0.7 else None
        try:
            done = act(case, name, by=self.who, facts=facts(chance, self.number * 10_000 + n), moves=seen, at=AT + timedelta(minutes=n))
        except Case.DoesNotExist:
            self.said["stranger"] += 1
            return
        if isinstance(done, Refused):
            self.said[f"{done.status}"] += 1
        else:
            self.said["taken"] += 1
            self.done.append(done)


@pytest.mark.slow
@pytest.mark.bar("R9")
@pytest.mark.django_db(transaction=True)
def test_r9_twenty_people_at_once_leave_a_record_that_could_have_happened_one_after_another(city: None) -> None:
    matters = []
    for n in range(MATTERS):
        said = {"text": f"第 {n} 盏路灯不亮", "place": "131022100010", "kind": "lamp.out"}
        opened = open_case("matter", by=SPEAKER, facts=said, at=AT)
        assert isinstance(opened, Opened)
        matters.append(opened.case.id)
    gate = threading.Barrier(PEOPLE)
    hands = [Hand(n, who, matters, gate) for n, who in enumerate(cast())]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join(3_000 if DEEP else 120)
    assert not any(hand.is_alive() for hand in hands)
    assert [b for hand in hands for b in hand.broke] == []
    said = sum((hand.said for hand in hands), Counter())
    assert said["taken"] > PEOPLE
    assert said["409"] + said["422"] > 0, "nobody ever got into another's way: the test does not bite"
    taken = [event for hand in hands for event in hand.done]
    replayed(matters, taken)
    print(dict(said), connection.vendor)


def replayed(matters: list[Any], taken: list[Event]) -> None:
    """Every event given stands where it was given, once; every chain is whole and legal; nothing stands that nobody did."""
    children = list(Case.objects.filter(parent__in=matters).values_list("id", flat=True))
    stands = {e.id: e for e in Event.objects.filter(case_id__in=[*matters, *children])}
    assert len({e.id for e in taken}) == len(taken), "one event was given to two people"
    for event in taken:
        kept = stands[event.id]
        assert (kept.step, kept.n, kept.hash) == (event.step, event.n, event.hash), "an update was lost"
    for pk in [*matters, *children]:
        case = Case.objects.get(id=pk)
        procedure = registry.procedures()[case.procedure]
        events = sorted((e for e in stands.values() if e.case_id == pk), key=lambda e: e.n)
        assert [e.n for e in events] == list(range(1, case.n + 1))
        links = [(Link(e.county, case.code, e.n, e.prev, e.step, e.at, e.by, e.body), e.hash) for e in events]
        assert ledger.faults(links, case.head) == []
        state = procedure.first
        for before, event in itertools.pairwise(events):
            step = procedure.step(event.step)
            assert step is not None
            assert event.source == state, f"{case.code} n {event.n}: {event.step} from {event.source}, it stood at {state}"
            assert step in procedure.steps_from(state) or before.step in step.takes
            assert event.state == state or event.state in step.targets
            state = event.state
        assert (case.state, case.n) == (state, len(events))
        if not case.open:
            assert not Inbox.objects.filter(case_id=pk, open=True).exists()
        if case.procedure == "matter":
            open_tasks = Case.objects.filter(parent=pk, procedure="joint", closed_at=None).count()
            assert not (case.state == "answered" and open_tasks), "answered beside an open task"
    by_hand = {e.id for e in stands.values() if e.by not in ("clock", "resident") or e.step in ("rate", "object", "note")}
    alone = by_hand - {e.id for e in taken}
    known = {(e.case_id, e.key.rsplit(":", 1)[0]) for e in taken} | {(e.case_id, e.key) for e in taken}
    strange = [stands[i] for i in alone if stands[i].n > 1 and (stands[i].case_id, stands[i].key.rsplit(":", 1)[0]) not in known]
    assert [f"{e.step} {e.key}" for e in strange if not any(t.key in e.key or e.key.startswith(t.key) for t in taken)] == []
