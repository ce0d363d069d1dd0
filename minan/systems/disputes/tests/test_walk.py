"""A dispute walked at random by everybody who is near it: no path leads round a guard, and every open one has a holder and a way on."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from minan.kernel import onetime_code, registry, worker
from minan.kernel.access import SPEAKER, Actor, actor
from minan.kernel.act import Refused, act
from minan.kernel.models import Case, Clock, Event
from minan.kernel.procedure import Step
from minan.systems.disputes.tests.cast import COURT, ELSEWHERE, HEAD, JUDICIAL, MEDIATOR, MONDAY, SECOND, applied

pytestmark = pytest.mark.django_db
STEPS, WALKS = 150, 8
ENDS = {"bring_in", "stop", "end_without", "refuse", "end_elsewhere", "wall", "stand_aside", "change_mediator", "talk_on"}
FORWARD = set(
    "accept agree appoint take_on draft sign countersign seal oral received receipt want_court file_court take rule".split()
)
RARE = {
    "hand_link",
    "talk",
    "own_note",
    "urge_on",
    "correct",
    "ask_erase",
    "consent",
    "contact",
    "inspect",
    "danger",
    "tell_me",
    "offers_begin",
    "offers_stop",
    "ask_offer_code",
    "seal_offer",
    "unseal_offer",
    "defer",
    "reached",
    "more_time",
}
STAFF = (HEAD, MEDIATOR, SECOND, JUDICIAL, COURT, ELSEWHERE, "gu.point")


def facts(case: Case, top: Case, chance: random.Random, people: dict[str, Any]) -> dict[str, Any]:
    """Mostly what fits, sometimes what does not."""
    k = {"record": top.facts.get("record"), "offer": top.facts.get("offer"), "draft": top.facts.get("draft")}
    newest = chance.choice([row["k"] for row in k.values() if row] or [1])
    row = case.facts.get("code") or {}
    code = onetime_code.of(case.id, row["n"]) if row and chance.random() < 0.9 else "1"
    return {
        "words": "说一句",
        "summary": "院墙的事",
        "why": "不属于调解范围",
        "mediator": str(people[chance.choice((MEDIATOR, SECOND))].pk),
        "no_tie": chance.random() < 0.9,
        "k": newest,
        "right": chance.random() < 0.7,
        "code": code,
        "hand": "按了手印" if chance.random() < 0.5 else "",
        "facts": "事实",
        "duty": "责任",
        "terms": "约定",
        "manner": "转账",
        "plan": "2027-01-10 100\n2027-02-10 拆墙" if len(top.facts.get("sides") or "ab") == 2 else "2027-01-10 100 乙付甲\n2027-02-10 拆墙 乙付甲",
        "payer": chance.choice("ab"),
        "part": "保险公司",
        "office": chance.choice(("1310-jian", "")),
        "row": chance.choice((1, 2)),
        "when": "2026-12-01T09:00",
        "where": "room",
        "to": "police",
        "docket": "1号",
        "ruling": "confirmed",
        "whom": str(people["worker"].pk),
        "phone": "13800000003",
        "name": "张三",
    }


def family(top: Case) -> list[Case]:
    return [Case.objects.get(id=top.id), *Case.objects.filter(parent=top.id).order_by("id")]


def likely(step: Step, case: Case, top: Case, chance: random.Random, people: dict[str, Any]) -> Actor:
    """Four times in five whoever should, else anybody."""
    if chance.random() < 0.2:
        return SPEAKER if chance.random() < 0.3 else actor(people[chance.choice(STAFF)])
    if "speaker" in step.who:
        return actor(people["lf.claims"]) if case.unit == "1310-jian" else SPEAKER
    if step.name in ("take", "rule", "decline"):
        return actor(people[COURT])
    named = [user for user in people.values() if str(user.pk) == top.facts.get("mediator")]
    return actor((named or [people[MEDIATOR]])[0] if "lead" in step.who and "desk" not in step.who else people[HEAD])


def walk(people: dict[str, Any], chance: random.Random, taken: Counter[str]) -> Case:
    at, top, keen = MONDAY, applied(), chance.choice((9, 60))  # in some walks nearly everybody wants to come to an end
    for _ in range(STEPS):
        at += timedelta(hours=chance.choice((1, 5, 30)))
        if chance.random() < 0.2:
            worker.settle(at)
        case = chance.choice(family(top))
        procedure = registry.get(case.procedure)
        assert procedure is not None
        steps = [
            s
            for s in procedure.steps_from(case.state)
            if s.who != ("clock",) and (s.name not in ENDS or chance.random() < (0.02 if s.name == "bring_in" else 0.06))
        ]
        if not steps:
            continue
        step = chance.choices(steps, [keen if s.name in FORWARD else 0.2 if s.name in RARE else 1 for s in steps])[0]
        who = likely(step, case, family(top)[0], chance, people)
        given = facts(case, family(top)[0], chance, people)
        if step.name == "sign" and who is SPEAKER and chance.random() < 0.8:
            act(case, "ask_code", by=SPEAKER, at=max(at, case.changed_at))
            given["code"] = onetime_code.of(case.id, (case.facts.get("code") or {"n": 1})["n"])
        try:
            done = act(case, step.name, by=who, facts=given, at=max(at, case.changed_at))
        except Case.DoesNotExist:
            assert who is not SPEAKER
            continue
        if not isinstance(done, Refused):
            taken[f"{case.procedure}.{step.name}"] += 1
    return family(top)[0]


def order(case: Case) -> list[tuple[str, str]]:
    """(step, state after it) of everything that happened to the dispute."""
    return [(e.step, e.state) for e in Event.objects.filter(case_id=case.id).order_by("n")]


def guards(case: Case) -> None:
    """What the law asks, read from the events alone."""
    events = order(case)
    names = [name for name, _ in events]
    facts, sides = case.facts, {s.facts["ref"]: s for s in Case.objects.filter(parent=case.id, procedure="side")}
    for n, (name, state) in enumerate(events):
        before = names[:n]
        if state == "mediating":
            assert "side_agreed" in before, "nobody is mediated who did not consent"
            assert "take_on" in [*before, name], "a mediator declared no tie"
        if name == "seal":
            last = max(i for i, one in enumerate(before) if one == "draft")
            assert Counter(before[last:])["side_signed"] == len(facts.get("sides") or "ab"), "all signed this very draft"
            assert "countersign" in before[last:]
        if name == "oral":
            assert {"propose", "side_proposed"} & set(before)
            assert "side_accepted" in before
        if name == "file_court":
            assert "seal" in before
            assert before.count("side_wants_court") >= len(facts.get("sides") or "ab")
        if name == "side_stopped":
            assert state in ("ended", "withdrawn") or "bring_in" in before, "who never came in stays out alone"
    assert names.count("extended") <= 1
    assert {"a", "b"} <= set(sides) == {"a", "b", *(facts.get("came_in") or [])}
    signed = [e for s in sides.values() for e in Event.objects.filter(case_id=s.id, step="sign")]
    assert len(signed) == names.count("side_signed"), (
        "no signature of a side without its mark on the dispute, nor the other way"
    )
    agreed_ = [e for s in sides.values() for e in Event.objects.filter(case_id=s.id, step="agree")]
    assert len(agreed_) == names.count("side_agreed")
    outsiders = {e.by.split(":")[0] for e in Event.objects.filter(case_id=case.id)} - {
        "resident",
        "clock",
        case.desk,
        case.unit,
        case.ruler,
    }
    assert outsiders <= {"131022100010-mediation", "131022100-station"}, outsiders
    if case.open:
        procedure = registry.get("dispute")
        assert procedure is not None
        assert [s for s in procedure.steps_from(case.state) if s.targets]
        assert case.desk
    else:
        assert not Clock.objects.filter(case_id=case.id, done_at=None).exists()
    assert facts.get("mediator", "nobody") not in (facts.get("gone") or [])


def test_at_random_no_path_leads_round_a_guard(people: dict[str, Any]) -> None:
    taken: Counter[str] = Counter()
    ends: Counter[str] = Counter()
    for seed in range(WALKS):
        case = walk(people, random.Random(seed), taken)
        guards(case)
        ends[case.state] += 1
    assert len(taken) > 30, taken
    assert {"dispute.seal", "side.sign", "dispute.draft"} <= taken.keys(), taken
    assert len(ends) >= 3, ends
