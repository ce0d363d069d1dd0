"""The life of an opening from afar 远程开门: a reason, a door, two hours; where a life is in danger a head answers for it within 24 hours.

Nobody opens a door from afar without it, and each release is one event of the case. DOMAIN.md, Red lines (break glass).
"""

from __future__ import annotations

from datetime import timedelta

from minan.kernel import glass
from minan.kernel.procedure import ANY, Ask, Change, Clock, Field, Procedure, State, Step, Words

W = Words
HOURS = 2
DANGER = "danger"
REASONS = (
    ("asked", W("住户本人在门口，证件或邻居能证明", "A resident stands at the door and can show it")),
    ("broken", W("门坏了、读卡器坏了", "The door or its reader is broken")),
    ("works", W("维修、搬家、送大件", "Repairs, moving, a large delivery")),
    (DANGER, W("有人有生命危险", "A life is in danger")),
)
STATES = (
    State("open", W("两小时内可以开", "May be released for two hours"), holder="desk"),
    State("review", W("等上级复核", "Awaits review by a head"), holder="ruler"),
    State("done", W("结束了", "Over"), final=True, keep_days=365),
    State("confirmed", W("上级认可", "Confirmed by a head"), final=True, keep_days=365),
    State("rejected", W("上级不认可", "Rejected by a head"), final=True, keep_days=365),
)
CLOCKS = (
    Clock("door_open", W("可以开门", "Doors may be released"), owner="desk", at_due="expire"),
    Clock(
        "door_review",
        W("复核紧急开门", "Review of the urgent opening"),
        owner="ruler",
        at_due="remind",
        at_escalate="go_up",
    ),
)


def is_danger(ask: Ask) -> bool:
    return str(ask.case["facts"].get("reason", "")) == DANGER


def for_a_case(ask: Ask) -> Words | None:
    """Danger to life is what a case says, not what is typed here."""
    if ask.facts.get("reason") == DANGER and not ask.facts.get("matter", "").strip():
        return W("有生命危险的，写上那件事的编号", "Where a life is in danger, give the code of that matter")
    return None


def right_stands(ask: Ask) -> Words | None:
    return glass.right_stands(ask) if ask.facts.get("reason") == DANGER else None


def in_time(ask: Ask) -> Words | None:
    if (ask.case["facts"].get("until") or "") > ask.at.isoformat():
        return None
    return W("两小时过了，要开就重新写明原因", "The two hours are over: give the reason again")


def another(ask: Ask) -> Words | None:
    if ask.person and ask.person == ask.case["facts"].get("by"):
        return W("自己开的门，要上级另一个人复核", "Whoever opened it does not review it")
    return None


def opened(ask: Ask) -> Change:
    until = ask.at + timedelta(hours=HOURS)
    facts = {"reason": ask.facts["reason"], "by": ask.person, "until": until.isoformat(), "door": ask.facts["door"]}
    ruler = ask.offices.above(ask.case["desk"], "block") or ask.case["desk"]
    return Change(set={"title": f"远程开门：{ask.facts.get('door_name') or '门'}"[:60], "ruler": ruler}, facts=facts)


def over(ask: Ask) -> str:
    return "review" if is_danger(ask) else "done"


def ended(ask: Ask) -> Change:
    return Change(starts=("door_review",)) if is_danger(ask) else Change()


def gone_up(ask: Ask) -> Change:
    return Change(marks={"escalated": True})


WORDS = Field("words", W("为什么", "Why"), "long", required=True, scrubbed=True, shown=False, max_length=400)
OPENING = Step(
    "open", W("远程开门", "Open from afar"), ("intake", "house"), to="open", rules=(for_a_case, right_stands), effect=opened,
        starts=("door_open",),
    tells=("ruler",), public=False,
    fields=(
        Field("place", W("地点", "Place"), "place"),
        Field("door", W("门的编号", "The door's number"), "text", required=True, max_length=40, shown=False),
        Field("door_name", W("哪个门", "Which door"), "text", max_length=80, shown=False),
        Field("reason", W("原因", "Reason"), "choice", required=True, options=REASONS, shown=False),
        Field("matter", W("哪件事（编号）", "Which matter (code)"), "text", max_length=24, shown=False),
        WORDS,
    ),
)  # fmt: skip
STEPS = (
    Step("release", W("开一次", "Release once"), ("desk",), ("open",), key="K", rules=(in_time,), public=False),
    Step("finish", W("用完了", "No longer needed"), ("desk",), ("open",), to_any=("done", "review"), decide=over, effect=ended,
         stops=("door_open",), public=False),
    Step("expire", W("两小时到了", "The two hours are over"), ("clock",), ("open",), to_any=("done", "review"), decide=over, effect=ended,
         stops=("door_open",), public=False),
    Step("confirm", W("认可", "Confirm"), ("above", "line", "ruler"), ("review",), "confirmed", rules=(another,), stops=("door_review",),
         public=False, near=True, fields=(Field("words", W("复核的话", "Your words"), "long", scrubbed=True, shown=False, max_length=400),)),
    Step("reject", W("不认可", "Reject"), ("above", "line", "ruler"), ("review",), "rejected", rules=(another,), stops=("door_review",),
         public=False, near=True, tells=("desk",), fields=(WORDS,)),
    Step("note", W("内部备注", "Note"), ("staff",), ANY, key="N", public=False, fields=(WORDS,)),
    Step("remind", W("到期提醒", "Reminder"), ("clock",), folds=True, tells=("holder", "ruler"), public=False),
    Step("go_up", W("自动上提一级", "Gone up a level"), ("clock",), effect=gone_up, tells=("above",), public=False),
)  # fmt: skip
PROCEDURE = Procedure(
    "door_opening",
    1,
    W("远程开门", "Opening from afar"),
    STATES,
    STEPS,
    CLOCKS,
    opening=OPENING,
    first="open",
    counted=False,
)
