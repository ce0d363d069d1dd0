"""Refusing 不予受理: the desk proposes it on a ground, another person up the line decides, and who spoke may ask above that.

A proposal moves nothing: the clocks run on, what goes late goes up, and the desk may still accept, which ends the proposal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from minan.kernel.procedure import ANY, Ask, Change, Effect, Step, Words
from minan.systems.matters import fields as f

W = Words
MARK = "refusal_asked"
KEPT = ("refusal_ground", "refusal_words", "refusal_by")  # what was proposed and by whom, until it is decided
STAYS = frozenset({"ask_refusal", "refuse", "deny_refusal"})  # all else that moves the matter, or its desk, ends a proposal


# ---- rules


def not_ordered(ask: Ask) -> Words | None:
    if ask.case["facts"].get("appealed"):
        return W("上一级已经看过、责令受理，不能再不予受理", "The level above ordered it accepted; it cannot be refused again")
    return None


def not_proposed(ask: Ask) -> Words | None:
    if not ask.marks.get(MARK):
        return None
    office = ask.offices.office(ask.case["ruler"])
    zh, en = (office.name, office.name_en or office.name) if office is not None else ("上级", "the level above")
    return W(
        f"已经申请不予受理，等{zh}批；受理的时限照走，这里随时可以受理",
        f"Not accepting it was proposed and awaits the word of {en}; its time runs on, and it may be accepted here at any time",
    )


def somebody_decides(ask: Ask) -> Words | None:
    """At the top another person of the same desk decides; where there is none nobody may refuse, and the matter is owed an answer."""
    desk = ask.case["desk"]
    if ask.offices.above(desk, "line") or ask.offices.others(desk, ask.person):
        return None
    return W(
        "上面没有单位，这里也没有第二个人可以批，不能不予受理；请受理",
        "There is no unit above and no second person here to decide: it cannot be refused; accept it",
    )


def refusal_asked(ask: Ask) -> Words | None:
    return None if ask.marks.get(MARK) else W("没有待批的不予受理申请", "Refusing it is not being proposed")


def another_person(ask: Ask) -> Words | None:
    if ask.person and ask.person == ask.case["facts"].get("refusal_by"):
        return W("是您自己申请的，由另一个人来批", "You proposed it: another person decides")
    return None


def had_no_part(ask: Ask) -> Words | None:
    """Whoever proposed or allowed a refusal does not look at it again, also where there is nobody above."""
    if ask.person and ask.person in ask.case["facts"].get("refused_by", []):
        return W("不予受理是您申请或者您批的，由另一个人来看", "You proposed or allowed this refusal: another person looks at it")
    return None


def once_appealed(ask: Ask) -> Words | None:
    if ask.case["facts"].get("appealed"):
        return W("上一级已经看过一次，不再复看", "The level above has looked at it once; that stands")
    return None


# ---- effects


def _ended(change: Change) -> Change:
    change.set.setdefault("ruler", "")
    change.marks[MARK] = None
    change.facts = dict.fromkeys(KEPT) | change.facts
    return change


def proposed(ask: Ask) -> Change:
    """Up the line where there is one, else up the block; at the top it stays, for another person."""
    desk, said = ask.case["desk"], ask.facts
    kept = dict(zip(KEPT, (said["ground"], said["words"], ask.person), strict=True))
    return Change(set={"ruler": ask.offices.above(desk, "line") or desk}, marks={MARK: said["ground"]}, facts=kept)


def refused(ask: Ask) -> Change:
    """Ground and words go to the speaker with the decision; who had a part in it stays with the case."""
    facts = ask.case["facts"]
    ground: Any = ask.offices.ground(facts["refusal_ground"])
    note = {"ground": facts["refusal_ground"]} if ground is not None else {}
    return _ended(
        Change(
            facts={"refused_by": [facts["refusal_by"], ask.person], "refused_at": ask.unit},
            note=note | {"words": facts["refusal_words"]},
        )
    )


def denied(ask: Ask) -> Change:
    del ask
    return _ended(Change())


def appealed(ask: Ask) -> Change:
    """Against a refusal one turns once to the level above whoever decided it (FEATURES.md row 19)."""
    decided = ask.case["facts"].get("refused_at") or ask.case["desk"]
    return Change(set={"ruler": ask.offices.above(decided, "block") or decided}, facts={"appealed": True})


def acceptance_ordered(ask: Ask) -> Change:
    del ask
    return Change(set={"ruler": ""}, marks={"supervised": True})


# ---- steps

REFUSING = (
    Step(
        "ask_refusal", W("申请不予受理", "Propose not to accept"), ("desk",), ("said",), key="X", tells=("ruler",), public=False, heard=True,
        told_why=True, rules=(not_ordered, not_proposed, somebody_decides), effect=proposed,
        fields=(f.ground(W("理由", "Ground"), "refuse"), f.words(W("跟说事人讲清楚，去哪里办", "Tell them why, and where to go"))),
        done=W("申请不予受理", "Not accepting it was proposed"),
    ),
    Step(
        "refuse", W("同意不予受理", "Do not accept"), ("ruler",), ("said",), "refused", told_why=True, near=True,
        rules=(refusal_asked, another_person), effect=refused, stops=("*",), tells=("speaker", "desk"), done=W("不予受理", "Not accepted"),
    ),
    Step(
        "deny_refusal", W("不同意，应当受理", "It should be accepted"), ("ruler",), ("said",), rules=(refusal_asked, another_person),
        effect=denied, near=True, fields=(f.words(W("为什么应当受理", "Why it should be accepted"), shown=False),), tells=("desk",), public=False,
        heard=True, done=W("没有同意不予受理", "Not accepting it was not allowed"),
    ),
)  # fmt: skip


def _ending(step: Step) -> Effect:
    def done(ask: Ask) -> Change:
        change = step.effect(ask) if step.effect else Change()
        stays = not step.targets and step.name != "wall" and change.set.get("desk", ask.case["desk"]) == ask.case["desk"]
        return change if stays or not ask.marks.get(MARK) else _ended(change)

    return done


def let_go(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The steps of a matter, so that a proposal ends with whatever moves the matter on, or to another desk."""
    return tuple(
        replace(step, effect=_ending(step))
        if step.name not in STAYS and ("said" in step.sources or step.sources == ANY) and (step.targets or step.name in ("wall", "locate"))
        else step
        for step in steps
    )
