"""The life of a report 检举控告 against an official's conduct: sealed to the discipline post from its first moment (DOMAIN.md §1).

Nobody else learns that it is there: not from a list, a search, a count or a notice. Who made it follows it by code and secret.
"""

from __future__ import annotations

from minan.kernel import common, rights, telling
from minan.kernel.procedure import Ask, Change, Clock, Field, Procedure, State, Step, Words

W = Words
KEEP = 1095
OPEN = ("received", "taken_up", "answered")
ENDED = ("closed", "declined")
TITLE = "［检举控告］"
OUTCOMES = (
    ("upheld", W("属实或部分属实，已处理", "Found true, or partly; dealt with")),
    ("unproven", W("没有查实", "Not proven")),
    ("elsewhere", W("已转有权处理的机关", "Handed to the body that may decide")),
)


def _words(label: Words, *, required: bool = True, shown: bool = True) -> Field:
    return Field("words", label, "long", required=required, shown=shown, scrubbed=True)


def said(ask: Ask) -> Change:
    """The work order holds neither words nor whom it is about; both lie in the vault."""
    return Change(set={"title": TITLE, "text": "", "kind": "government.report", "size": "complex"})


def asked_back(ask: Ask) -> Words | None:
    if ask.case["facts"].get("objected"):
        return W("已经提过一次，可以向上一级纪检监察机关反映", "You objected once; you may turn to the discipline post above")
    return None


def objected(ask: Ask) -> Change:
    return Change(facts={"objected": True})


STATES = (
    State("received", W("已收到，密封", "Received, sealed"), holder="desk"),
    State("taken_up", W("已受理，核查中", "Taken up"), holder="desk"),
    State("answered", W("已答复", "Answered"), holder="desk"),
    State("closed", W("办结", "Closed"), final=True, keep_days=KEEP),
    State("declined", W("不予受理", "Not taken up"), final=True, keep_days=KEEP),
)
CLOCKS = (
    Clock("receive", W("告知是否受理", "Word on taking it up"), owner="desk", at_due="remind"),
    Clock("inquire", W("核查并反馈", "Inquiry and answer"), owner="desk", at_due="remind"),
    Clock("settle", W("等检举人的话", "Waiting for a word"), owner="desk", at_due="close"),
)
SAY = Step(
    "say", W("检举控告", "Report an official"), ("speaker", "intake", "clock"), to="received", effect=said, starts=("receive",),
    tells=("desk",),
    fields=(
        Field(
            "text", W("谁，做了什么", "Who, and what they did"), "long", required=True, max_length=8000,
            hint=W("时间、地点、经过，有谁知道", "When, where, how, and who knows of it"),
        ),
        Field("place", W("在哪个县、乡镇", "In which county or township"), "place"),
        Field("place_words", W("哪个单位", "Which office"), "text", max_length=200),
        Field("name", W("怎么称呼您", "Your name"), "text", data="P2", max_length=40),
        Field("phone", W("电话", "Phone"), "phone", data="P2"),
    ),
    done=W("您密封交给了纪检", "You reported this, sealed"),
)  # fmt: skip

STEPS = (
    Step(
        "read", W("拆封查看（10 分钟）", "Read it, for 10 minutes"), ("desk",), (*OPEN, *ENDED), key="O", effect=common.opens_text,
        done=W("纪检的人拆封看了您说的", "The discipline post read what you said"),
    ),
    Step(
        "call", W("联系检举人", "Call who reported"), ("desk",), OPEN, key="C", done=W("联系了您", "You were called"),
    ),
    Step(
        "take_up", W("受理", "Take up"), ("desk",), ("received",), "taken_up", key="A", stops=("receive",), starts=("inquire",),
        tells=("speaker",), done=W("受理", "Taken up"),
    ),
    Step(
        "decline", W("不予受理", "Not take up"), ("desk",), ("received",), "declined", key="X", stops=("*",), tells=("speaker",),
        fields=(_words(W("跟检举人讲清楚为什么、去哪里", "Tell them why, and where to go")),), done=W("不予受理", "Not taken up"),
    ),
    Step(
        "add", W("补充", "Add"), ("speaker",), OPEN, fields=(_words(W("还想说的", "What you add")),), tells=("desk",),
        done=W("您补充了", "You added"),
    ),
    Step(
        "note", W("内部备注", "Note"), ("desk",), OPEN, key="N", public=False, fields=(_words(W("备注，检举人看不到", "A note"), shown=False),),
        done=W("备注", "Note"),
    ),
    Step(
        "answer", W("答复", "Answer"), ("desk",), ("taken_up",), "answered", key="T", stops=("inquire",), starts=("settle",),
        tells=("speaker",),
        fields=(
            Field("outcome", W("结果", "Outcome"), "choice", required=True, options=OUTCOMES),
            _words(W("查了什么，结果怎样", "What was looked into, and what came of it")),
        ),
        done=W("答复", "Answered"),
    ),
    Step(
        "object", W("还有话说，请再查", "Ask to look again"), ("speaker",), ("answered",), "taken_up", rules=(asked_back,), effect=objected,
        fields=(_words(W("哪里不对", "What is not right")),), stops=("settle",), starts=("inquire",), tells=("desk",),
        done=W("您请他们再查", "You asked them to look again"),
    ),
    Step("remind", W("到期提醒", "Reminder"), ("clock",), OPEN, number="催办", tells=("desk",), done=W("超过时限，自动催办", "Past its time; reminded")),
    Step("close", W("办结", "Close"), ("clock", "desk"), ("answered",), "closed", stops=("*",), tells=("speaker",), done=W("办结", "Closed")),
    *(s for s in common.looking((*OPEN, *ENDED)) if s.name in ("defer", common.TOLD)),
    *rights.steps(STATES),
    *telling.steps(STATES),
)  # fmt: skip

PROCEDURE = Procedure(
    "report", 1, W("检举控告", "Report"), STATES, STEPS, (*CLOCKS, common.DEFERRAL, rights.HOLD), opening=SAY, first="received",
    privacy="sealed", desk="discipline", titles=(W(TITLE, "[Report on an official]"),),
)  # fmt: skip
