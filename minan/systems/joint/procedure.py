"""The task of a co-handler 协办: its own clock, its own answer; the lead cannot answer before it did or was excused (DOMAIN.md §1).

A child of the matter: `desk` is the lead unit that is answered to, `unit` the co-handler, `ruler` the matter's own desk.
"""

from __future__ import annotations

from minan.kernel import childhood, common, rights
from minan.kernel.procedure import Ask, Change, Clock, Field, Procedure, State, Step, Words

W = Words
KEEP = 1095
OPEN = ("asked", "helping", "sent_back")
STATES = (
    State("asked", W("请您协办，待签收", "Asked to help"), holder="lead"),
    State("helping", W("协办中", "Helping"), holder="lead"),
    State("sent_back", W("退回，待裁定", "Sent back"), holder="ruler"),
    State("helped", W("协办办好了", "Its part is done"), final=True, keep_days=KEEP),
    State("excused", W("免于协办", "Excused"), final=True, keep_days=KEEP),
    State("called_off", W("不用协办了", "Called off"), final=True, keep_days=KEEP),
)
CLOCKS = (
    Clock("sign", W("签收", "Sign"), at_due="remind", at_escalate="go_up"),
    Clock("joint", W("协办", "Co-handling"), at_due="remind", at_escalate="go_up"),
    Clock("ruling", W("裁定", "Ruling"), owner="ruler", at_due="remind", at_escalate="go_up"),
    common.DEFERRAL,
    rights.HOLD,
)


def words(label: Words, *, required: bool = True) -> Field:
    return Field("words", label, "long", required=required, scrubbed=True, shown=False)


TEXT = Field("text", W("什么事", "What it is about"), "long", scrubbed=True, max_length=8000, shown=False)
TITLE = Field("title", W("标题", "Title"), "text", max_length=120, shown=False)
PHOTOS = Field("photos", W("照片", "Photos"), "photos", shown=False)
ARTICLE = Field("article", W("依据哪条规定", "The rule it rests on"), "text", required=True, max_length=200, shown=False)


def asked(ask: Ask) -> Change:
    """It carries what the matter says, so that nobody must open another page to know what to do."""
    facts = ask.facts
    return Change(set={"title": facts.get("title", ""), "text": facts.get("text", "")}, facts={"led": True})


def returned(ask: Ask) -> Change:
    return Change(facts={"returned": True})


def returns_once(ask: Ask) -> Words | None:
    if ask.case["facts"].get("returned"):
        return W("已经退过一次，裁定以后不能再退", "It was sent back once; after the ruling it stands")
    return None


def gone_up(ask: Ask) -> Change:
    return Change(marks={"escalated": True})


OPENING = Step(
    "ask", W("请协办", "Ask to help"), ("clock",), to="asked", effect=asked, starts=("sign", "joint"), tells=("lead",), heard=True,
    fields=(TITLE, TEXT, words(W("请他们办哪一部分", "Which part is theirs"))), done=W("请来协办", "Asked to help"),
)  # fmt: skip
STEPS = (
    Step(
        "sign", W("签收", "Sign for it"), ("lead",), ("asked",), "helping", key="S", stops=("sign",), tells=("desk",),
        done=W("签收", "Signed for"),
    ),
    Step(
        "answer", W("答复主办", "Answer the lead"), ("lead",), ("asked", "helping"), "helped", key="T", stops=("*",), parent="joint_back",
        fields=(words(W("这一部分怎么办的", "What was done of it")), PHOTOS), tells=("desk",), done=W("答复了主办", "Answered the lead"),
    ),
    Step(
        "progress", W("进展", "Progress"), ("lead",), OPEN, key="P", fields=(words(W("办到哪一步了", "How far it is")), PHOTOS), tells=("desk",),
        done=W("进展", "Progress"),
    ),
    Step(
        "send_back", W("退回", "Send back"), ("lead",), ("asked", "helping"), "sent_back", key="B", rules=(returns_once,), effect=returned,
        fields=(ARTICLE, words(W("为什么不归这里办", "Why it is not ours"))), stops=("sign",), starts=("ruling",), tells=("ruler",),
        done=W("退回，等裁定", "Sent back, awaiting a ruling"),
    ),
    Step(
        "keep", W("裁定仍由其协办", "Rule that it stays"), ("ruler",), ("sent_back",), "asked", key="R", stops=("ruling",), starts=("sign",),
        fields=(words(W("裁定的理由", "Reasons")),), tells=("lead", "desk"), heard=True, done=W("裁定：仍要协办", "Ruled: it stays"),
    ),
    Step(
        "excuse", W("免于协办", "Excuse"), ("ruler",), OPEN, "excused", key="X", stops=("*",), parent="joint_back",
        fields=(words(W("为什么可以不办", "Why it may be left out")),), tells=("lead", "desk"), done=W("免于协办", "Excused"),
    ),
    Step(
        "urge", W("催一催", "Urge"), ("desk", "ruler", "above"), OPEN, key="U", number="催办", tells=("lead",), heard=True,
        fields=(words(W("想说的话", "A word with it"), required=False),), done=W("催办", "Urged"),
    ),
    Step(
        "note", W("内部备注", "Note"), ("staff",), OPEN, key="N", public=False, fields=(words(W("备注", "A note")),),
        done=W("备注", "Note"),
    ),
    Step(
        "remind", W("到期提醒", "Reminder"), ("clock",), OPEN, folds=True, tells=("holder", "desk"),
        done=W("超过时限，自动催办", "Past its time; reminded"),
    ),
    Step(
        "go_up", W("自动上提一级", "Gone up a level"), ("clock",), OPEN, effect=gone_up, tells=("above", "desk"),
        done=W("超过一倍半时限，已报上一级", "Past one and a half times the limit; told to the level above"),
    ),
    *childhood.steps(OPEN, "called_off"),
    *(s for s in common.looking(tuple(s.name for s in STATES)) if s.name in ("defer", common.TOLD)),
    *rights.steps(STATES),
)  # fmt: skip

PROCEDURE = Procedure(
    "joint", 1, W("协办", "Co-handling"), STATES, STEPS, CLOCKS, opening=OPENING, first="asked", counted=False
)
