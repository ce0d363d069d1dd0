"""An accident walked at random by everybody near it: no money stands in it that nobody entered, and every open case has a holder."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from minan.kernel import registry, worker
from minan.kernel.access import SPEAKER, Actor, actor
from minan.kernel.act import Refused, act
from minan.kernel.models import Case, Clock, Event
from minan.kernel.procedure import Step
from minan.systems.accidents.tests.cast import (
    CLAIMS,
    COURT,
    FINDING,
    FUND,
    MEDIATOR,
    MONDAY,
    OTHERS,
    POLICE,
    SECOND,
    reported,
)

pytestmark = pytest.mark.django_db
STEPS, WALKS = 90, 3
FORWARD = {"reckon", "vehicle", "victim", "losses", "policy", "issue", "ask_rescue", "promise", "pay"}
OURS = ("accident", "finding", "cover", "rescue", "road_party")
STAFF = (MEDIATOR, SECOND, POLICE, CLAIMS, OTHERS, FUND, COURT, "gong.med", "stranger")
RARE = set("ended agreed settled broken correct ask_erase consent tell_me defer hold contact hand_link not_ours".split())


def facts(chance: random.Random) -> dict[str, Any]:
    """Mostly what fits, sometimes what does not."""
    who = chance.choice("aaabbc")
    return FINDING | {
        "who": who, "rode": chance.choice(("", who)), "sort": "motor" if who == "b" else "non_motor",
        "share": {"a": 30, "b": 70}.get(who, 170),
        "age": 52, "medical": chance.choice(("46000", "12000.50", "800", "一万")), "meals_days": 18, "meals_daily": "100",
        "grade": chance.choice(("0", "10")), "urban_income": chance.choice(("48000", "48000", "")),
        "on": "2026-11-16", "fee": "1200", "advances": "off_debt", "insurer": chance.choice(("1310-jian", "1310-bohai", "131022-water")),
        "amount": chance.choice((0, 5000, 20000)), "way": chance.choice(("insurer", "fund")), "ground": chance.choice(("", "over")),
        "by": "b", "compulsory": True, "since": "2026-03-01", "until": "2027-02-28", "limit": chance.choice(("", "500000")),
        "words": "说明", "name": "张三", "phone": "13800000003",
    }  # fmt: skip


def likely(step: Step, case: Case, chance: random.Random, people: dict[str, Any]) -> Actor:
    """Four times in five whoever should, else anybody."""
    if chance.random() < 0.2:
        return SPEAKER if chance.random() < 0.3 else actor(people[chance.choice(STAFF)])
    if "speaker" in step.who:
        return SPEAKER
    units = {"131022-traffic": POLICE, "1310-jian": CLAIMS, "1310-bohai": OTHERS, "1310-fund": FUND}
    return actor(people[units.get(case.unit, MEDIATOR)])


def walk(people: dict[str, Any], chance: random.Random, taken: Counter[str]) -> Case:
    at, top = MONDAY, reported()
    for _ in range(STEPS):
        at += timedelta(hours=chance.choice((1, 5, 20)))
        if chance.random() < 0.15:
            worker.settle(at)
        under = list(Case.objects.filter(parent=top.id, procedure__in=OURS).order_by("id"))
        case = chance.choice([Case.objects.get(id=top.id)] * 4 + under)
        procedure = registry.get(case.procedure)
        assert procedure is not None
        steps = [s for s in procedure.steps_from(case.state) if s.who != ("clock",) and (s.name not in RARE or chance.random() < 0.05)]
        if not steps:
            continue
        step = chance.choices(steps, [6 if s.name in FORWARD else 1 for s in steps])[0]
        who = likely(step, case, chance, people)
        try:
            done = act(case, step.name, by=who, facts=facts(chance), at=max(at, case.changed_at))
        except Case.DoesNotExist:
            assert who is not SPEAKER
            continue
        if not isinstance(done, Refused):
            taken[f"{case.procedure}.{step.name}"] += 1
    return Case.objects.get(id=top.id)


def guards(case: Case) -> None:
    """Read from the events and children alone."""
    under = list(Case.objects.filter(parent=case.id, procedure__in=OURS))
    names = [e.step for e in Event.objects.filter(case_id=case.id).order_by("n")]
    paid = [row for c in under if c.procedure == "road_party" for row in c.facts.get("paid") or []]
    paid += [c.facts["paid"] for c in under if c.procedure == "rescue" and c.state == "paid"]
    by_hand = names.count("advance")
    advances = case.facts.get("advances") or []
    assert len(advances) == len(paid) + by_hand, "every advance has one act of who paid, or one receipt of the mediator"
    assert sum(Decimal(row["amount"]) for row in paid) <= sum((Decimal(row["amount"]) for row in advances), Decimal(0))
    if "reckon" in names:
        assert "finding_in" in names[: names.index("reckon")], "nothing is worked out before the finding"
        result = case.facts["reckoning"]["result"]
        for one in result["victims"]:
            parts = [Decimal(row["amount"]) for row in result["payments"] if row["victim"] == one["id"]]
            assert not parts or sum(parts) == Decimal(one["total"])
    for one in (case, *under):
        near = {"resident", "clock", one.desk, one.unit, one.ruler}
        outsiders = {e.by.split(":")[0] for e in Event.objects.filter(case_id=one.id)} - near
        assert outsiders <= {"131022100-station"}, (one.procedure, outsiders)
        procedure = registry.get(one.procedure)
        assert procedure is not None
        if one.open:
            assert one.desk
            assert [s for s in procedure.steps_from(one.state) if s.targets]
        else:
            assert not Clock.objects.filter(case_id=one.id, done_at=None).exists()


def test_at_random_no_path_leads_round_a_guard(people: dict[str, Any]) -> None:
    taken: Counter[str] = Counter()
    for seed in range(WALKS):
        guards(walk(people, random.Random(seed), taken))
    assert {"finding.issue", "cover.confirm", "road_party.paid", "accident.losses", "rescue.promise"} <= taken.keys(), taken
    assert "accident.reckon" in taken, taken
