"""Many hands on one matter: co-handlers 协办, a whistle 吹哨, a question to somebody outside, parts split off (DOMAIN.md §1).

Each is a child case with its own clock. What the matter knows of them stands in its own facts, written in the same
transaction in which the child moves; so the rule that the lead waits for the others is pure, and no race gets past it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from minan.kernel.procedure import Ask, Change, Child, Field, Step, Words
from minan.lib.english import many
from minan.systems.matters import fields as f
from minan.systems.matters import whose

W = Words
OPEN_TASK = f.OPEN_TASK
WAITED = ("accepted", *OPEN_TASK, "sent_back")  # states in which more hands may be called
BEFORE = ("answer", "settle", "close", "return_out", "end_cancelled")  # no way to these while somebody is still asked
JOINT, PARTS, WHISTLES, OUTSIDE = "joint", "parts", "whistles", "outside"
DONE_PART = frozenset({"answered", "visited", "closed", "unheard", "refused", "withdrawn", "merged", "passed_on", "turned"})
WHISTLE_AHEAD = timedelta(days=30)
Row = dict[str, Any]

WITH = Field("with", W("协办", "Co-handlers"), "units", hint=W("可以几家；都答复了，主办才能答复", "Several if need be; the lead answers after all of them"))
SUMMONED = W("可以几家；到没到场，叫的和来的都要记", "Several if need be; both sides note whether they came")
PART = f.words(W("请他们办哪一部分", "Which part is theirs"), required=False, shown=False, name="part")
BACK = (
    Field("child", W("哪一件", "Which case"), "case", shown=False),
    Field("of", W("单位", "Unit"), "unit", shown=False),
    Field("words", W("说明", "Words"), "long", shown=False),
)  # fmt: skip


def listed(case: Mapping[str, Any], name: str) -> Mapping[str, Row]:
    """What the matter knows of its children of one sort: how it calls each → {"unit" or "name", "state", "done"}."""
    rows: Mapping[str, Row] = case["facts"].get(name) or {}
    return rows


def open_ones(case: Mapping[str, Any], name: str) -> list[Row]:
    return [row for row in listed(case, name).values() if not row.get("done")]


def _next(case: Mapping[str, Any], name: str) -> int:
    return len(listed(case, name)) + 1


def _about(ask: Ask) -> Row:
    """What a helper reads: title and words as the work order has them; of a confidential matter nothing."""
    return {} if ask.case["privacy"] else {"title": ask.case["title"], "text": ask.case["text"]}


def _weight(ask: Ask) -> Row:
    return {name: ask.case[name] for name in ("kind", "urgency", "size")}


# ---- co-handlers


def helped(ask: Ask, change: Change, lead: str) -> Change:
    """Open a task for each co-handler named with this step."""
    units = [u for u in ask.facts.get("with", ()) if u]
    if not units:
        return change
    rows, first, fresh = dict(listed(ask.case, JOINT)), _next(ask.case, JOINT), []
    part = ask.facts.get("part") or ask.facts.get("words") or "请按职责协办"
    for n, unit in enumerate(units, first):
        ref = f"{JOINT}{n}"
        rows[ref] = {"unit": unit, "state": "asked"}
        fresh.append(Child(
            "joint", {**_about(ask), "words": part}, ref, {**_weight(ask), "desk": lead, "unit": unit, "ruler": ask.case["desk"]},
        ))  # fmt: skip
    change.children = (*change.children, *fresh)
    change.facts[JOINT] = rows
    change.marks |= _marks(rows, JOINT) | {"beside": _beside(ask, units)}
    return change


def _beside(ask: Ask, units: list[str]) -> list[str]:
    return list(dict.fromkeys([*ask.marks.get("beside", []), *units]))


def _marks(rows: Mapping[str, Row], name: str) -> Row:
    waiting = sum(not row.get("done") for row in rows.values())
    return {name: waiting or None}


def helpers_fit(ask: Ask) -> Words | None:
    """Co-handlers work in that place, are not the lead, are asked once at a time."""
    lead = ask.facts.get("unit") or ask.case["unit"]
    there = {row["unit"] for row in open_ones(ask.case, JOINT)}
    for unit in ask.facts.get("with", ()):
        if unit == lead:
            return W("主办不用再列为协办", "The lead is not a co-handler of itself")
        if unit in there:
            return W("这个单位正在协办，不用再请", "This unit is helping already")
        if not ask.offices.works_at(unit, ask.case["place"]):
            return W("有一个协办单位不管这个地方", "One of the co-handlers does not work in that place")
    return None


def asks_help(ask: Ask) -> Change:
    return helped(ask, Change(), ask.case["unit"] or ask.case["desk"])


def _moved(name: str, done: frozenset[str] | None = None) -> Any:
    """The effect of a child's step on the matter: how that child stands now."""

    def back(ask: Ask) -> Change:
        rows, ref = dict(listed(ask.case, name)), ask.facts["ref"]
        over = ask.facts["at_end"] if done is None else ask.facts["state"] in done
        rows[ref] = {**rows.get(ref, {}), "state": ask.facts["state"], "done": over, "code": ask.facts["child"]}
        return Change(facts={name: rows}, marks=_marks(rows, name))

    return back


def all_in(ask: Ask) -> Words | None:
    """The lead answers for all, and so after all (北京市接诉即办工作条例 art. 14, 引用前请核对)."""
    waiting = open_ones(ask.case, JOINT)
    if waiting:
        names = [getattr(ask.offices.office(row["unit"]), "name", row["unit"]) for row in waiting]
        return W(
            f"还有协办没有答复：{'、'.join(names)}。等他们答复，或者请受理的单位免除",
            f"{many(len(waiting), 'co-handler has', 'co-handlers have')} not answered yet. Wait, or have the desk excuse them",
        )
    parts = open_ones(ask.case, PARTS)
    if parts:
        return W(
            f"拆出去的 {len(parts)} 件还没有答复，先等它们",
            f"{many(len(parts), 'part')} split off from it not answered yet",
        )
    return None


# ---- a whistle


def whistled(ask: Ask) -> Change:
    rows, first, fresh = dict(listed(ask.case, WHISTLES)), _next(ask.case, WHISTLES), []
    given = {name: ask.facts[name] for name in ("meet_at", "where", "words")}
    for n, unit in enumerate(ask.facts["with"], first):
        ref = f"{WHISTLES}{n}"
        rows[ref] = {"unit": unit, "state": "called", "meet_at": ask.facts["meet_at"]}
        fresh.append(Child("whistle", {**_about(ask), **given}, ref, {**_weight(ask), "desk": ask.unit, "unit": unit, "ruler": ""}))
    return Change(
        facts={WHISTLES: rows}, children=tuple(fresh), marks=_marks(rows, WHISTLES) | {"beside": _beside(ask, ask.facts["with"])},
    )  # fmt: skip


def soon(ask: Ask) -> Words | None:
    at = datetime.fromisoformat(ask.facts["meet_at"])
    if not ask.at < at <= ask.at + WHISTLE_AHEAD:
        return W("到场时间要在现在之后、30 天以内", "The time must lie between now and 30 days from now")
    return None


def summoned_fit(ask: Ask) -> Words | None:
    for unit in ask.facts["with"]:
        if unit == ask.unit:
            return W("不用叫自己", "You need not call yourselves")
        if not ask.offices.works_at(unit, ask.case["place"]):
            return W("有一个单位不管这个地方", "One of these units does not work in that place")
    return None


# ---- somebody outside


def asked_outside(ask: Ask) -> Change:
    rows, n = dict(listed(ask.case, OUTSIDE)), _next(ask.case, OUTSIDE)
    rows[f"{OUTSIDE}{n}"] = {"name": ask.facts["party"], "state": "waiting"}
    lead = ask.unit or ask.case["unit"] or ask.case["desk"]
    given = {name: ask.facts[name] for name in ("party", "words")}
    asked = Child("outside", given, f"{OUTSIDE}{n}", {**_weight(ask), "desk": lead}, link="own")
    return Change(facts={OUTSIDE: rows}, children=(asked,), marks=_marks(rows, OUTSIDE))


def not_shut(ask: Ask) -> Words | None:
    if ask.case["privacy"]:
        return W("保密的事不能问外面的单位", "A confidential matter is not taken outside")
    return None


# ---- parts


def split_off(ask: Ask) -> Change:
    """A part becomes a matter of its own with the same speaker: own code, own kind, own lead, own judgement."""
    rows, n = dict(listed(ask.case, PARTS)), _next(ask.case, PARTS)
    rows[f"{PARTS}{n}"] = {"name": ask.facts["text"].strip()[:36], "state": "said"}
    said = {"text": ask.facts["text"], "place": ask.case["place"], "kind": ask.facts.get("part_kind", "")}
    part = Child("matter", said, f"{PARTS}{n}", {"desk": ask.case["desk"], "place_words": ask.case["place_words"]}, link="same")
    return Change(facts={PARTS: rows}, children=(part,), marks=_marks(rows, PARTS))


def is_whole(ask: Ask) -> Words | None:
    """One level of parts: a part is not split again."""
    if ask.case["facts"].get("ref"):
        return W("它本来就是拆出来的一件，不能再拆", "This is a part already; parts are not split again")
    return None


HANDS = (
    Step(
        "ask_help", W("请协办", "Ask for help"), ("desk", "lead"), OPEN_TASK, key="Z",
        rules=(whose.not_pushed_down, helpers_fit), effect=asks_help,
        fields=(replace(WITH, required=True, label=W("请谁协办", "Who is asked to help")), f.needed(PART)), tells=("speaker",),
        done=W("请了别的单位一起办", "Other units were asked to help"),
    ),
    Step(
        "joint_back", W("协办答复", "A co-handler answered"), ("clock",), effect=_moved(JOINT), fields=BACK, tells=("lead",), heard=True,
        done=W("一家协办单位办好了它那部分", "A co-handling unit is done with its part"),
    ),
    Step(
        "whistle", W("吹哨", "Whistle"), ("desk", "above"), WAITED, rules=(soon, summoned_fit), effect=whistled,
        fields=(
            replace(WITH, required=True, label=W("叫谁到场", "Who is called"), hint=SUMMONED),
            Field("meet_at", W("几点到场", "Be there at"), "moment", required=True),
            Field("where", W("到哪里", "Where"), "text", required=True, max_length=200, scrubbed=True),
            f.words(W("来做什么", "What for"), shown=False),
        ),
        tells=("lead", "speaker"), done=W("叫有关单位到现场", "The units concerned were called to the place"),
    ),
    Step(
        "whistle_back", W("吹哨到场", "Arrival"), ("clock",), effect=_moved(WHISTLES), fields=BACK, tells=("desk",), public=False,
        done=W("吹哨：记了到场情况", "Whistle: the arrival was noted"),
    ),
    Step(
        "ask_outside", W("问外部单位", "Ask somebody outside"), ("desk", "lead"), OPEN_TASK, rules=(not_shut,), effect=asked_outside,
        fields=(
            Field("party", W("问谁（物业、公司）", "Who (a company, a property manager)"), "text", required=True, max_length=60, shown=False),
            f.words(
                W("请他们答复什么", "What they are asked"), shown=False,
                hint=W("对方只看到这几句，看不到说事人的话，别写说事人是谁", "They read only this; do not write who spoke"),
            ),
        ),
        done=W("请了一家外部单位答复", "Somebody outside was asked for an answer"),
    ),
    Step(
        "outside_back", W("外部答复", "An answer from outside"), ("clock",), effect=_moved(OUTSIDE), fields=BACK, heard=True, tells=("lead",),
        public=False, done=W("外部单位有了答复", "Somebody outside answered"),
    ),
    Step(
        "split", W("拆成两件", "Split off a part"), ("desk",), ("accepted", *OPEN_TASK), rules=(is_whole,), effect=split_off,
        fields=(
            f.words(W("拆出去的是哪一部分，用说事人的话", "Which part, in the speaker's words"), name="text"),
            Field("part_kind", W("这一部分的种类", "Its kind"), "kind"),
        ),
        tells=("speaker", "lead"), done=W("拆出一部分，单独编号、单独办", "A part was split off, with its own code"),
    ),
    Step(
        "part_back", W("拆出的一件有了变化", "A part moved"), ("clock",), effect=_moved(PARTS, DONE_PART), fields=BACK, public=False,
        tells=("lead",),
        done=W("拆出去的一件有了变化", "A part that was split off moved"),
    ),
)  # fmt: skip

TELLS_WHOLE = frozenset(
    "answer settle refuse withdraw merge pass_on turn rate visit object rule_reopen close close_unheard".split()
)


def minded(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps of a matter that end it, not before all are in; and those of a part by which its whole learns how it stands."""
    out = []
    for step in steps:
        rules = (*step.rules, all_in) if step.name in BEFORE else step.rules
        up = step.parent or ("part_back" if step.name in TELLS_WHOLE else "")
        out.append(replace(step, rules=rules, parent=up, told_why=step.told_why or step.name == "answer"))
    return tuple(out)
