"""Several people, one matter 并案: each keeps their own code, receipt and judgement; one of the matters leads (DOMAIN.md §1).

A joined matter is not over: it waits for the one that leads, has the desk as its owner and its own promised date as its
clock, is answered by its own code when that one is, and judged by its own link. What follows from what the leading one
does is in handlers.py; here are the steps and the quorum.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from minan.kernel.procedure import Ask, Change, Field, State, Step, Words
from minan.systems.matters import fields as f
from minan.systems.matters import judging as j

W = Words
LEADS = ("said", "accepted", *f.OPEN_TASK, "sent_back", "reopened")  # a matter in these may be joined
SHARE, LEAST = Fraction(1, 3), 2  # of those who spoke up; FEATURES.md row 49
ANSWERED = ("answered", "visited", "under_review", "closed", "unheard")
JOINED = State("joined", W("已并案，一起办", "Handled together"), holder="desk")
FROM_LEADER = (
    f.OUTCOME,
    f.words(W("做了什么，谁做的", "What was done, and by whom")),
    f.PHOTOS,
    f.ARTICLE,
    Field("unit", W("谁办的", "Done by"), "unit", shown=False),
    Field("handler", W("经办人", "Handler"), "text", shown=False),
)


@dataclass(frozen=True, slots=True)
class Voice:
    """One speaker of a shared matter: when they said it, and their word on the last answer: "good", "not" or "" (silent)."""

    said: Any
    word: str


def quorum(voices: Iterable[Voice]) -> dict[str, Any]:
    """Whether enough of those who spoke up say "not solved": a third of them and at least two, or the first who said it.

    Silence is counted apart and neither carries nor stops it. Who is out (withdrawn, split again) is not handed in.
    """
    all_of = sorted(voices, key=lambda v: v.said)
    spoke = [v for v in all_of if v.word]
    against = sum(v.word == "not" for v in spoke)
    enough = against >= LEAST and against >= SHARE * len(spoke)
    return {
        "reached": bool(enough or (all_of and all_of[0].word == "not")), "spoke": len(spoke), "not_solved": against,
        "silent": len(all_of) - len(spoke),
    }  # fmt: skip


def into_another(ask: Ask) -> Words | None:
    if ask.facts["into"] == ask.case["code"]:
        return W("不能并到自己", "It cannot be merged into itself")
    other = ask.offices.sees(ask.unit, ask.person, ask.facts["into"])
    if other is None or _apart(other) != _apart(ask.case) or other["procedure"] != ask.case["procedure"]:
        # who is kept away from the one would learn of it by the other: the same words, whatever the reason
        return W("没有找到那一件，或者它已经办结", "That matter was not found, or it is closed")
    if other["state"] == "joined":
        return W("那一件自己也并在别的一件里，请并到领头的那一件", "That one is joined to another itself; merge into the one that leads")
    if other["state"] not in LEADS:
        return W("那一件已经答复，不能再并进去", "That one is answered already; nothing can be merged into it")
    return None


def _apart(case: Any) -> tuple[str, frozenset[str]]:
    return case["privacy"], frozenset(case["walls"])


def merged(ask: Ask) -> Change:
    """The promise to this speaker stays: the clock of the answer runs on, or begins where it had not."""
    return Change(set={"merged_into": ask.facts["into"], "unit": "", "ruler": ""}, marks={"extension_asked": None, "park_asked": None})


def absorbed(ask: Ask) -> Change:
    return Change(marks={"together": int(ask.marks.get("together", 1)) + 1})


def is_joined(ask: Ask) -> Words | None:
    return None if ask.case.get("merged_into") else W("它没有并在别的一件里", "It is not joined to another")


def alone(ask: Ask) -> Change:
    return Change(set={"merged_into": "", "unit": "", "ruler": ""})


def relead(ask: Ask) -> Change:
    return Change(set={"merged_into": ask.facts["into"]})


def follows(ask: Ask) -> Change:
    change = j.answered(ask)
    change.set |= {"unit": ask.facts.get("unit", ""), "ruler": ""}
    return change


def waits_again(ask: Ask) -> Change:
    return Change(set={"unit": "", "ruler": "", "outcome": ""}, facts={"word": None}, marks={"visit": None})


def by_quorum(ask: Ask) -> Change:
    """Once by right: the leading one goes a level up for all (FEATURES.md rows 47, 49)."""
    ruler = ask.offices.above(ask.case["desk"], "block") or ask.case["desk"]
    return Change(
        set={"ruler": ruler}, facts={"quorum": True, "word": None}, counts={"reopened": 1},
        marks={"reopened": int(ask.marks.get("reopened", 0)) + 1, "visit": None},
        note={name: ask.facts[name] for name in ("spoke", "not_solved", "silent")},
    )  # fmt: skip


def not_twice(ask: Ask) -> Words | None:
    if ask.case["facts"].get("quorum"):
        return W("大家已经一起要求重办过一次", "It was reopened by a quorum once")
    return None


NUMBER = [Field(n, W(zh, en), "number", required=True) for n, zh, en in (
    ("spoke", "说了话的人数", "Who spoke up"), ("not_solved", "说没好的人数", "Who say it is not solved"), ("silent", "没说话的人数", "Silent"),
)]  # fmt: skip

TOGETHER = (
    Step(
        "merge", W("并案", "Merge"), ("desk",), ("said", "accepted", *f.OPEN_TASK), "joined", key="M", fields=(f.INTO,),
        rules=(into_another,), effect=merged, stops=("accept", "assign", "sign", "contact", "supplement"), starts=("answer",),
        tells=("speaker",), done=W("与另一件同样的事一起办，您的编号照用", "Handled together with another of the same; your code stays"),
    ),
    Step(
        "absorb", W("并入一件", "Joined by another"), ("clock",), effect=absorbed, tells=("lead",),
        done=W("又有人说了同一件事", "Somebody else said the same"),
    ),
    Step(
        "unmerge", W("拆开，单独办", "Split again"), ("desk", "above", "clock"), ("joined",), "said", rules=(is_joined,), effect=alone,
        fields=(f.words(W("为什么拆开，说事人会看到", "Why; the speaker reads this"), required=False),), starts=("accept",),
        tells=("speaker", "desk"), done=W("拆开了，单独接着办", "Split again; it goes on by itself"),
    ),
    Step(
        "relead", W("换了领头的一件", "Another one leads"), ("clock",), ("joined",), fields=(f.INTO,), effect=relead, public=False,
        done=W("换了领头的一件", "Another one leads"),
    ),
    Step(
        "follow_answer", W("一起办的有了答复", "Answered together"), ("clock",), ("joined",), "answered", rules=(is_joined,),
        fields=FROM_LEADER, effect=follows, stops=("answer", "contact"), then=j.draws, then_any=("draw",), tells=("speaker",),
        done=W("答复", "Answered"),
    ),
    Step(
        "rejoin", W("一起重办", "Done again together"), ("clock",), ("answered", "under_review"), "joined", rules=(is_joined,),
        effect=waits_again, stops=("visit", "notice", "unheard", "review"), starts=("answer",), tells=("speaker",),
        done=W("上级裁定重办，和大家的一起等新的答复", "It is done again for all; a new answer will come"),
    ),
    Step(
        "quorum", W("多人说没好，一起重办", "Reopened by a quorum"), ("clock",), ("answered", "under_review", "closed", "unheard"), "reopened",
        rules=(not_twice,), fields=tuple(NUMBER), effect=by_quorum, stops=("visit", "notice", "unheard", "review"), starts=("ruling",),
        tells=("ruler", "desk", "speaker"),
        done=W("一起说这件事的人里不少说没好，交上一级裁定", "Enough of those who said it say it is not solved; a ruling above"),
    ),
)  # fmt: skip
