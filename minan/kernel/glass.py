"""Break glass: where a life is in danger one person on duty opens who spoke, at once and alone; a head answers for it within 24 hours.

DOMAIN.md, Red lines. It opens one case for one person and two hours, never a search by person; the speaker is told, the count
is public, three rejected in a year end the right. A procedure includes `steps(…)` and `CLOCK`; it needs a step that sets the
mark "danger". What else is opened so, a camera's picture or a door, has a step of its own named BREAK whose effect is `opened(…)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from minan.kernel.procedure import ANY, Ask, Change, Clock, Field, Step, Words

W = Words
OPEN_FOR = timedelta(hours=2)
STRIKES = 3  # rejected within a year
SCOPE = ("identity",)
BREAK, CONFIRM, REJECT, RISE = "break_glass", "confirm_glass", "reject_glass", "glass_up"
# Kept with the case: person → until when they may read it; and those whose opening nobody has answered for yet.
OPENED, WAITING, TO = "glass", "glass_waits", "glass_to"

Row = dict[str, Any]


def _opened(case: Mapping[str, Any]) -> dict[str, Row]:
    return dict(case["facts"].get(OPENED, {}))


def _waiting(case: Mapping[str, Any]) -> list[Row]:
    return list(case["facts"].get(WAITING, []))


def _theirs(ask: Ask) -> Row | None:
    """The oldest opening this reviewer may answer for: not their own, by somebody of a unit under theirs; of their own unit
    only where they supervise, for a clerk is nobody's head."""
    for row in _waiting(ask.case):
        heads = row["unit"] != ask.unit or "above" in ask.roles
        if row["person"] != ask.person and heads and ask.offices.under(row["unit"], ask.unit):
            return row
    return None


def in_danger(ask: Ask) -> Words | None:
    if ask.marks.get("danger"):
        return None
    return W(
        "先报“有危险”：只有人有危险的事才能这样打开",
        "Report the danger first: only where a person is in danger may it be opened so",
    )


def not_open_yet(ask: Ask) -> Words | None:
    row = _opened(ask.case).get(ask.person)
    if row and datetime.fromisoformat(row["until"]) > ask.at:
        return W("已经打开了，还看得到", "It is open already; you can still read it")
    return None


def right_stands(ask: Ask) -> Words | None:
    """Three rejected in a year end the right; somebody else on duty can do it."""
    if ask.person and ask.offices.strikes(ask.person, ask.at) >= STRIKES:
        return W(
            "一年里三次没有得到认可，这个权限停了。请值班的另一个人来",
            "Three were rejected within a year: this right has ended; somebody else on duty can do it",
        )
    return None


def awaits_you(ask: Ask) -> Words | None:
    return None if _theirs(ask) else W("没有等您复核的破窗", "No breaking of the glass awaits your review")


def awaits(ask: Ask) -> Words | None:
    return None if _waiting(ask.case) else W("没有待复核的破窗", "No breaking of the glass awaits review")


def broken(ask: Ask) -> Change:
    return opened(ask, ask.at + OPEN_FOR, SCOPE)


def opened(ask: Ask, ends: datetime, scope: tuple[str, ...]) -> Change:
    """Somebody opened `scope` alone until `ends`; their head is asked for a word."""
    until, at = ends.isoformat(), ask.at.isoformat()
    row = {"person": ask.person, "unit": ask.unit, "at": at}
    all_opened = _opened(ask.case) | {ask.person: {"until": until, "at": at, "scope": list(scope)}}
    to = ask.case["facts"].get(TO) or ask.offices.above(ask.unit, "block") or ask.unit
    return Change(
        marks={"glass": True}, facts={OPENED: all_opened, WAITING: [*_waiting(ask.case), row], TO: to},
        note={"scope": list(scope), "until": until},
    )  # fmt: skip


def _answered(ask: Ask) -> tuple[Row, Change]:
    """The opening that is answered for, and what is left of the waiting ones."""
    row = _theirs(ask)
    assert row is not None  # the rule awaits_you was asked before
    left = [r for r in _waiting(ask.case) if r != row]
    change = Change(facts={WAITING: left}, note={"of": row["person"], "unit": row["unit"], "at": row["at"]})
    if left:
        change.starts = (CLOCK.name,)
    else:
        change.marks, change.facts = {"glass": None}, change.facts | {TO: ""}
    return row, change


def confirmed(ask: Ask) -> Change:
    return _answered(ask)[1]


def rejected(ask: Ask) -> Change:
    """What is still open closes at once."""
    row, change = _answered(ask)
    opened = _opened(ask.case)
    if row["person"] in opened:
        opened[row["person"]] |= {"until": min(opened[row["person"]]["until"], ask.at.isoformat())}
    change.facts |= {OPENED: opened}
    return change


def risen(ask: Ask) -> Change:
    here = ask.case["facts"].get(TO) or ask.case["desk"]
    return Change(facts={TO: ask.offices.above(here, "block") or here})


CLOCK = Clock(
    "glass", W("破窗复核", "Review of the broken glass"), owner="desk", at_due=RISE, at_escalate=RISE, quiet=True
)


def steps(states: tuple[str, ...]) -> tuple[Step, ...]:
    """The steps for a procedure with these states: opened only while the case is open, answered for in every state."""
    return (
        Step(
            BREAK, W("破窗：马上看联系方式", "Break the glass: see who it is now"), ("staff",), sources=ANY, key="W", near=True,
            rules=(in_danger, not_open_yet, right_stands), effect=broken, starts=(CLOCK.name,), tells=("speaker", "desk", "reviewer"),
            fields=(
                Field(
                    "words", W("谁有生命危险，为什么现在就要联系", "Whose life is in danger, and why they must be reached now"), "long",
                    required=True, scrubbed=True, shown=False, max_length=400,
                    hint=W(
                        "一句话。两小时内只有您看得到；您的上级 24 小时内复核，说事人会知道",
                        "One sentence. Only you can read it, for two hours; your head reviews it within 24 hours, and the speaker is told",
                    ),
                ),
                Field("family", W("走失的人的家属或监护人要求的", "Asked for by the family or guardian of a missing person"), "yesno"),
            ),
            done=W("为了救人，值班的人打开了您的联系方式", "To save a life, somebody on duty opened your contact"),
        ),
        Step(
            CONFIRM, W("认可破窗", "Confirm the breaking"), ("above", "line"), sources=states, rules=(awaits_you,), effect=confirmed, near=True,
            stops=(CLOCK.name,), tells=("speaker",),
            fields=(Field("words", W("复核的话", "Your words"), "long", scrubbed=True, max_length=400),),
            done=W("上级复核：打开您的联系方式是应该的", "Reviewed: opening your contact was right"),
        ),
        Step(
            REJECT, W("不认可破窗", "Reject the breaking"), ("above", "line"), sources=states, rules=(awaits_you,), effect=rejected, near=True,
            stops=(CLOCK.name,), tells=("speaker", "desk"),
            fields=(
                Field(
                    "words", W("为什么不该打开，说事人会看到", "Why it should not have been opened; the speaker reads this"), "long",
                    required=True, scrubbed=True, max_length=400,
                ),
            ),
            done=W("上级复核：不该打开您的联系方式，已经关上", "Reviewed: your contact should not have been opened; it was closed"),
        ),
        Step(
            RISE, W("破窗没人复核，上提一级", "Not reviewed: gone up a level"), ("clock",), sources=states, rules=(awaits,), effect=risen,
            tells=("reviewer",), done=W("打开联系方式超过 24 小时没人复核，已报上一级", "The opening was not reviewed in 24 hours; told to the level above"),
        ),
    )  # fmt: skip
