"""Lives a loaded case may have had: played once each through the kernel's own steps, in memory, to be stamped many times."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from minan.kernel import access, act, directory, facts, family, opening, registry, routing, search
from minan.kernel.access import CLOCK, SPEAKER, Actor
from minan.kernel.clocks import Clocks
from minan.kernel.directory import PostRow
from minan.kernel.draft import Draft
from minan.kernel.facts import Facts
from minan.kernel.listen import Told
from minan.kernel.rows import Write
from minan.lib.uuid7 import uuid7_at

MARK = "甲乙丙丁戊己庚辛壬癸子丑"  # where a stamped case has its own words
DAYS, CLOSED = 1095, 0.9
RINGS_MOST = 12
# (share among the closed, steps after saying: who, step, facts, minutes later)
DESK, LEAD, SPOKE, ABOVE = "desk", "lead", "speaker", "above"
ANSWER = {"outcome": "explained", "words": "已派人到现场，按规定处理，跟您讲清楚了。", "article": "示例条例第 8 条"}
GOOD = {"solved": True, "satisfied": True, "contacted": True}
HANDED = ((DESK, "accept", {}, 30), (DESK, "assign", {}, 9), (LEAD, "sign", {}, 25))
CLOSED_LIVES: tuple[tuple[int, tuple[Any, ...]], ...] = (
    (30, ((DESK, "ask_refusal", {"words": "这件事归法院，请到县法院立案窗口。"}, 60), (ABOVE, "refuse", {}, 30))),
    (25, ((SPOKE, "withdraw", {"words": "已经好了"}, 200),)),
    (25, ((DESK, "settle", ANSWER, 60), (SPOKE, "rate", GOOD, 300))),
    (20, (*HANDED, (LEAD, "call", {}, 60), (LEAD, "answer", ANSWER, 600), (SPOKE, "rate", GOOD, 900))),
)
OPEN_LIVES: tuple[tuple[int, tuple[Any, ...]], ...] = (
    (30, ()), (25, HANDED[:1]), (20, HANDED[:2]), (15, HANDED), (10, (*HANDED, (LEAD, "call", {}, 60), (LEAD, "answer", ANSWER, 400))),
)  # fmt: skip


@dataclass
class Life:
    """One life as it would have been written, and what it adds to the counts."""

    write: Write
    sealed: dict[str, Any]
    told: list[Told] = field(default_factory=list)

    @property
    def at(self) -> datetime:
        return self.write.case["opened_at"]  # type: ignore[no-any-return]


def _actor(draft: Draft, who: str) -> Actor:
    if who == SPOKE:
        return SPEAKER
    if who == ABOVE:
        return Actor("staff", 3, (PostRow(draft.case["ruler"], "supervisor", "", ""),))
    unit = draft.case["desk"] if who == DESK else draft.case["unit"]
    return Actor("staff", 1 if who == DESK else 2, (PostRow(unit, "clerk" if who == DESK else "handler", "", ""),))


def _given(draft: Draft, name: str, given: dict[str, Any]) -> dict[str, Any] | None:
    case = draft.case
    if name == "assign":
        why = routing.for_kind(case["kind"], case["place"], case["edition"])
        return {"unit": why.unit} if why else None
    if name == "ask_refusal":
        ground = next((g.code for g in directory.city().grounds.values() if g.list == "refuse" and g.active), "")
        return given | {"ground": ground}
    return given


def _take(draft: Draft, who: Actor, name: str, given: dict[str, Any], at: datetime) -> bool:
    step = draft.procedure.step(name)
    roles = access.roles_of(who, draft.case)
    if step is None or step not in draft.procedure.steps_from(draft.case["state"]) or not family.may(step, roles):
        return False
    checked = facts.clean(step, given)
    ask = draft.ask(step, checked.open, frozenset(roles), roles[family.may(step, roles)], who, at)
    if checked.errors or family.broken(step, ask) is not None:
        return False
    act._take(draft, step, checked, who, roles, f"k{len(draft.events)}", at, {})
    return True


def _rung(draft: Draft, now: datetime) -> None:
    """What the worker would have done by now about clocks that ran out."""
    for number in range(RINGS_MOST):
        due = [
            r
            for r in draft.clocks.running()
            if r["paused_at"] is None and r["next_at"] is not None and r["next_at"] <= now
        ]
        if not due:
            return
        row = min(due, key=lambda r: r["next_at"])
        spec, at = draft.procedure.clock(row["name"]), row["next_at"]
        name = spec.at_due if row["told"] == 0 else spec.at_escalate
        step = draft.procedure.step(name) if name else None
        if step is None or draft.case["state"] not in [
            s.name for s in draft.procedure.states if step in draft.procedure.steps_from(s.name)
        ]:
            row["next_at"] = None
            continue
        draft.clocks.told(row["name"], spec, at)
        extra = {"clock": row["name"]} | (
            {"number": f"{step.number}〔{at.year}〕{number + 1}号"} if step.number else {}
        )
        act._take(draft, step, Facts(), CLOCK, {"clock": None}, f"r{len(draft.events)}", at, extra)


def played(village: str, kind: str, life: tuple[Any, ...], at: datetime, now: datetime) -> Life | None:
    """One life; None where a rule of the house does not allow it there."""
    procedure = registry.procedures()["matter"]
    draft = Draft(
        procedure, opening.fresh(procedure, village, routing.desk_of(village), "open311", at, at), Clocks([]), None, {}
    )
    step = procedure.opening
    given = facts.clean(step, {"text": MARK, "place": village, "kind": kind, "name": "王秀兰", "phone": "13800000000"})
    act._take(draft, step, given, SPEAKER, {"speaker": None}, "k", at, {"cap": "0" * 64, "channel": "open311"})
    moment = at
    for who, name, words, minutes in life:
        moment += timedelta(minutes=minutes)
        ready = _given(draft, name, words)
        if ready is None or not _take(draft, _actor(draft, who), name, ready, moment):
            return None
    if draft.case["closed_at"] is None:
        _rung(draft, now)
    told = [Told(o["id"], o["county"], o["case_id"], o["n"], o["name"], o["at"], o["delta"]) for o in draft.outbox]
    return Life(draft.write(), draft.sealed, told)


def _chosen(rng: random.Random, among: tuple[tuple[int, tuple[Any, ...]], ...]) -> tuple[Any, ...]:
    return rng.choices([life for _, life in among], [share for share, _ in among])[0]


def made(count: int, seed: int = 7, now: datetime | None = None) -> list[Life]:
    """`count` lives all over the city in order of time, one in ten of them still open."""
    rng, now = random.Random(seed), (now or datetime.now(UTC)).replace(microsecond=0)
    city = directory.city()
    villages = [s.code for s in city.places.values() if s.level == "village" and routing.desk_of(s.code)]
    kinds = [k.code for k in city.kinds.values() if k.active]
    weights = [1 / (i + 2) for i in range(len(kinds))]
    rng.shuffle(villages)
    out: list[Life] = []
    for i in range(count * 20):
        closed = len(out) % 10 != 0
        days = rng.uniform(5, DAYS) if closed else min(rng.expovariate(1 / 12), 90) + 0.6
        at = now - timedelta(days=days, seconds=-rng.randrange(3600))
        life = _chosen(rng, CLOSED_LIVES if closed else OPEN_LIVES)
        found = played(villages[i % len(villages)], rng.choices(kinds, weights)[0], life, at, now)
        if found is not None and (found.write.case["closed_at"] is not None) == closed:
            out.append(found)
        if len(out) == count:
            break
    return sorted(out, key=lambda life: life.at)


def words(rng: random.Random, characters: int = 24) -> str:
    """Text of two-character words, a few of them in every tenth text, most of them rare."""
    return "".join(rng.choices(WORDS, WEIGHTS, k=characters // 2))


_rng = random.Random(1)
_HAN = [chr(c) for c in _rng.sample(range(0x4E00, 0x9000), 700)]
WORDS = ["路灯", "垃圾", "暖气", "水管", *("".join(_rng.sample(_HAN, 2)) for _ in range(6_000))]
WEIGHTS = [1 / (i + 8) for i in range(len(WORDS))]
__all__ = ["CLOSED", "MARK", "WORDS", "Life", "made", "search", "uuid7_at", "words"]
