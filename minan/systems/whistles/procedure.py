"""A whistle 吹哨报到: a township calls departments to a place at a time; that they came is recorded by both sides.

One case a called unit, child of the matter: `desk` is who called, `unit` who is called (北京市接诉即办工作条例 art. 16, 引用前请核对).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from minan.kernel import childhood, common, rights
from minan.kernel.procedure import Ask, Change, Clock, Field, Procedure, State, Step, Words

W = Words
KEEP = 1095
LATE = timedelta(minutes=30)  # after the hour set, who is not there is missing
OPEN = ("called", "coming", "half")
STATES = (
    State("called", W("吹哨，待应答", "Whistled for"), holder="lead"),
    State("coming", W("答应到场", "Coming"), holder="lead"),
    State("half", W("一方记了到场", "Arrival noted by one side"), holder="desk"),
    State("met", W("到场了", "Came"), final=True, keep_days=KEEP),
    State("missed", W("没有到场", "Did not come"), final=True, keep_days=KEEP),
    State("called_off", W("不用来了", "Called off"), final=True, keep_days=KEEP),
)
CLOCKS = (
    Clock("whistle", W("应答", "Answer the whistle"), at_due="remind", at_escalate="go_up"),
    Clock("meet", W("到场", "Be there"), at_due="late"),
    common.DEFERRAL,
    rights.HOLD,
)


def words(label: Words, *, required: bool = True) -> Field:
    return Field("words", label, "long", required=required, scrubbed=True, shown=False)


TITLE = Field("title", W("标题", "Title"), "text", max_length=120, shown=False)
TEXT = Field("text", W("什么事", "What it is about"), "long", scrubbed=True, max_length=8000, shown=False)
MEET_AT = Field("meet_at", W("几点到场", "Be there at"), "moment", required=True, shown=False)
WHERE = Field("where", W("到哪里", "Where"), "text", required=True, max_length=200, scrubbed=True, shown=False)
CAME_AT = Field(
    "came_at", W("几点到的（不填就是现在）", "When (left empty: now)"), "moment", shown=False,
)  # fmt: skip
PHOTOS = Field("photos", W("现场照片", "Photo from the place"), "photos", shown=False)


def called(ask: Ask) -> Change:
    facts, at = ask.facts, datetime.fromisoformat(ask.facts["meet_at"])
    return Change(
        set={"title": facts.get("title", ""), "text": facts.get("text", ""), "place_words": facts["where"]},
        facts={"meet_at": facts["meet_at"]}, due={"meet": at + LATE},
    )  # fmt: skip


def _side(ask: Ask) -> str:
    return "lead" if "lead" in ask.roles and ask.unit == ask.case["unit"] else "desk"


def came(ask: Ask) -> Change:
    """Each side writes down when, by its own hand; the two times stand beside each other."""
    at = ask.facts.get("came_at") or ask.at.isoformat()
    seen = {**(ask.case["facts"].get("came") or {}), _side(ask): at}
    return Change(facts={"came": seen}, note={"side": _side(ask), "came_at": at})


def both(ask: Ask) -> str:
    seen = {*(ask.case["facts"].get("came") or {}), _side(ask)}
    return "met" if len(seen) > 1 else "half"


def not_noted(ask: Ask) -> Words | None:
    if _side(ask) in (ask.case["facts"].get("came") or {}):
        return W("您这边已经记过到场，等另一边记", "Your side has noted the arrival; the other side has to")
    return None


def not_ahead(ask: Ask) -> Words | None:
    """Nobody has arrived before it happened."""
    given = ask.facts.get("came_at")
    if given and datetime.fromisoformat(given) > ask.at + timedelta(minutes=1):
        return W("到场时间在将来，请改一下", "That time is still to come")
    return None


def is_over(ask: Ask) -> Words | None:
    if ask.at < datetime.fromisoformat(ask.case["facts"]["meet_at"]):
        return W("还没到约定的时间", "The time set has not come yet")
    return None


def late(ask: Ask) -> Change:
    return Change(marks={"late_whistle": True})


def gone_up(ask: Ask) -> Change:
    return Change(marks={"escalated": True})


OPENING = Step(
    "call_to", W("吹哨", "Whistle"), ("clock",), to="called", effect=called, starts=("whistle", "meet"), tells=("lead",), heard=True,
    fields=(TITLE, TEXT, MEET_AT, WHERE, words(W("来做什么", "What for"))), done=W("吹哨，请到场", "Whistled for"),
)  # fmt: skip
STEPS = (
    Step(
        "come", W("收到，准时到", "We are coming"), ("lead",), ("called",), "coming", key="S", stops=("whistle",), tells=("desk",),
        fields=(words(W("谁来，怎么联系（可以不写）", "Who comes (may be left empty)"), required=False),),
        done=W("答应到场", "Said they would come"),
    ),
    Step(
        "arrive", W("记到场", "Note the arrival"), ("lead", "desk"), OPEN, to_any=("half", "met"), decide=both, key="A", effect=came,
        rules=(not_noted, not_ahead),
        fields=(CAME_AT, words(W("现场怎么定的（可以不写）", "What was settled (may be left empty)"), required=False), PHOTOS),
        stops=("whistle",), parent="whistle_back", tells=("desk", "lead"), done=W("记了到场", "Noted the arrival"),
    ),
    Step(
        "miss", W("记没有到场", "Note that they did not come"), ("desk",), OPEN, "missed", key="X", rules=(is_over,), stops=("*",),
        parent="whistle_back", fields=(words(W("说明", "Explain")),), tells=("lead", "above", "line"), done=W("没有到场", "Did not come"),
    ),
    Step(
        "note", W("内部备注", "Note"), ("staff",), OPEN, key="N", public=False, fields=(words(W("备注", "A note")),),
        done=W("备注", "Note"),
    ),
    Step(
        "late", W("过了约定时间", "Past the hour"), ("clock",), OPEN, effect=late, tells=("lead", "desk", "above"),
        done=W("过了约定时间，还没有两边都记到场", "Past the hour, and not noted by both sides"),
    ),
    Step(
        "remind", W("到期提醒", "Reminder"), ("clock",), OPEN, folds=True, tells=("holder", "desk"),
        done=W("还没有应答，自动催办", "No answer yet; reminded"),
    ),
    Step(
        "go_up", W("自动上提一级", "Gone up a level"), ("clock",), OPEN, effect=gone_up, tells=("above", "desk"),
        done=W("一直没有应答，已报上一级", "Still no answer; told to the level above"),
    ),
    *childhood.steps(OPEN, "called_off"),
    *(s for s in common.looking(tuple(s.name for s in STATES)) if s.name in ("defer", common.TOLD)),
    *rights.steps(STATES),
)  # fmt: skip

PROCEDURE = Procedure(
    "whistle", 1, W("吹哨", "Whistle"), STATES, STEPS, CLOCKS, opening=OPENING, first="called", counted=False
)
