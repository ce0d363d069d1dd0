"""A matter that came from another system (12345, petitions, court, police): its deadline, its changes, and how its answer was taken there.

The channel that talks to the other system takes these steps by their names; without such a channel nobody ever takes them.
The sender's deadline is a clock like any other, but fixed: no pause and no extension of ours moves it, and what ends first lights.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from minan.kernel import rights
from minan.kernel.procedure import Ask, Change, Clock, Field, State, Step, Words
from minan.systems.matters import fields as f

W = Words
FROM, CANCELLED, BACK = "foreign", "foreign_cancelled", "foreign_refused"  # kept with the case; marks
CLOCKS = (
    Clock("foreign", W("来件时限", "Sender's deadline"), owner="desk", at_due="remind", at_escalate="go_up"),
    Clock(
        "resend",
        W("补报答复", "Send the answer anew"),
        owner="desk",
        at_due="resend_due",
        at_escalate="resend_due",
        quiet=True,
    ),
)
RETURNED = State("returned", W("已退回来件单位", "Returned to its sender"), final=True, keep_days=1095)
STATES = (RETURNED,)
ENDS = ("answer", "settle", "follow_answer")  # what ends the sender's deadline besides all that ends the matter

SENDER = Field("sender", W("来件单位", "Sender"), "text", required=True, max_length=80)
NUMBER = Field("number", W("来件编号", "Sender's number"), "text", required=True, max_length=64)
DUE = Field("due", W("对方要求办结的日期", "Due to the sender on"), "date")
UNTIL = Field("until", W("对方要求办结的时刻", "Due to the sender at"), "text", max_length=40, shown=False)
QUIET = Field("hush", W("由来件单位告诉说事人", "The sender tells the speaker"), "yesno", shown=False)


def moment(text: str) -> datetime | None:
    """An RFC 3339 moment; None where it is none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None


def _due(ask: Ask) -> datetime | None:
    """The sender's deadline; one that is past already rings within the minute."""
    at = moment(str(ask.facts.get("until") or ""))
    return max(at.astimezone(UTC), ask.at + timedelta(minutes=1)) if at else None


def _timed(ask: Ask, change: Change, *, always: bool) -> Change:
    """The deadline as it is now; where the matter no longer waits for an answer it begins only with `always`."""
    due, running = _due(ask), ask.case["clocks"].get("foreign", {}).get("running", False)
    if due is not None and (always or running):
        change.stops, change.starts, change.due = ("foreign",), ("foreign",), {"foreign": due}
    return change


def came(ask: Ask) -> Change:
    row: dict[str, Any] = {"sender": ask.facts["sender"], "number": ask.facts["number"]}
    change = Change(facts={FROM: row})
    if ask.facts.get("hush"):  # else they would be told everything twice
        change.facts[rights.CONSENTS] = {rights.SMS: {"yes": False, "at": ask.at.isoformat(), "v": rights.VERSION}}
    return _timed(ask, change, always=True)


def changed(ask: Ask) -> Change:
    return _timed(ask, Change(), always=False)


def cancelled(ask: Ask) -> Change:
    return Change(marks={CANCELLED: True})


def again(ask: Ask) -> Change:
    """The sender insists: back to the desk that returned it, for good."""
    return _timed(ask, Change(set={"unit": "", "ruler": "", "outcome": ""}, marks={CANCELLED: None}), always=True)


def handed_back(ask: Ask) -> Change:
    row = dict(ask.case["facts"].get(FROM) or {})
    return Change(facts={FROM: row | {"returned": True}}, counts={"sent_back": 1})


def refused(ask: Ask) -> Change:
    return Change(marks={BACK: True}, starts=("resend",))


def taken(ask: Ask) -> Change:
    return Change(marks={BACK: None})


# ---- rules


def is_foreign(ask: Ask) -> Words | None:
    return (
        None
        if ask.case["facts"].get(FROM)
        else W("这件事不是外单位转来的", "This matter did not come from another system")
    )


def is_new(ask: Ask) -> Words | None:
    return W("已经记过来件单位", "Its sender is on record already") if ask.case["facts"].get(FROM) else None


def returns_once(ask: Ask) -> Words | None:
    """What was returned and came back stays (DOMAIN.md §1: one return, then it stands)."""
    if (ask.case["facts"].get(FROM) or {}).get("returned"):
        return W(
            "已经退回过来件单位一次，对方又转来，不能再退",
            "It was returned to its sender once and came back; it stays here",
        )
    return None


def is_cancelled(ask: Ask) -> Words | None:
    return None if ask.marks.get(CANCELLED) else W("来件单位没有撤销这件事", "The sender has not cancelled it")


def answer_refused(ask: Ask) -> Words | None:
    return None if ask.marks.get(BACK) else W("来件单位没有退回答复", "The sender has not refused an answer")


def steps(states: tuple[State, ...], in_hand: tuple[str, ...]) -> tuple[Step, ...]:
    """All steps; `states`: every state of the matter, `in_hand`: those in which a desk may return it."""
    every = tuple(s.name for s in states)
    live = tuple(s.name for s in states if not s.final)
    return (*_incoming(every, live, in_hand), *_outgoing(every))


def _incoming(every: tuple[str, ...], live: tuple[str, ...], in_hand: tuple[str, ...]) -> tuple[Step, ...]:
    return (
        Step(
            "came_in", W("外单位转来", "Came from another system"), ("clock",), live, rules=(is_new,),
            fields=(SENDER, NUMBER, DUE, UNTIL, QUIET), effect=came, tells=("speaker",),
            done=W("外单位转来，原编号照旧可查", "It came from another system and keeps its number there"),
        ),
        Step(
            "more_in", W("来件单位补充", "The sender added"), ("clock",), every, rules=(is_foreign,), effect=changed, heard=True,
            fields=(
                f.words(W("补充的内容", "What was added"), required=False), DUE, UNTIL, replace(f.NAME), replace(f.PHONE), replace(f.ADDRESS),
            ),
            tells=("desk", "lead"), done=W("来件单位补充了内容", "The sender added something"),
        ),
        Step(
            "cancelled_in", W("来件单位撤销", "The sender cancelled"), ("clock",), live, rules=(is_foreign,), effect=cancelled,
            stops=("foreign",), tells=("desk", "lead"), heard=True, done=W("来件单位撤销了", "The sender cancelled it"),
        ),
        Step(
            "end_cancelled", W("按撤销结束", "End it as cancelled"), ("desk",), in_hand, "withdrawn", rules=(is_cancelled,), stops=("*",),
            fields=(f.words(W("说明", "Explain"), required=False),), tells=("lead",), done=W("来件单位撤销，结束办理", "Cancelled by its sender, ended"),
        ),
        Step(
            "return_out", W("退回来件单位", "Return to its sender"), ("desk",), in_hand, RETURNED.name, rules=(is_foreign, returns_once),
            effect=handed_back, stops=("*",), tells=("lead",),
            fields=(
                f.ground(W("退回理由", "Ground"), "send_back"), f.words(W("为什么不归本地办，对方会看到", "Why it is not ours; the sender reads it")),
            ),
            done=W("不归本地办，退回来件单位", "Not ours: returned to its sender"),
        ),
        Step(
            "in_again", W("来件单位再次转来", "The sender insists"), ("clock",), (RETURNED.name,), "said", rules=(is_foreign,), effect=again,
            fields=(f.words(W("对方怎么说", "What the sender says"), required=False), DUE, UNTIL), starts=("accept",), tells=("desk",),
            heard=True, done=W("来件单位再次转来，不能再退", "The sender insists; it cannot be returned again"),
        ),
    )  # fmt: skip


def _outgoing(every: tuple[str, ...]) -> tuple[Step, ...]:
    return (
        Step(
            "sent_out", W("答复已送出", "Answer sent"), ("clock",), every, rules=(is_foreign,), public=False,
            done=W("答复已送给来件单位", "The answer was sent to the sender"),
        ),
        Step(
            "taken_out", W("来件单位已收", "Answer taken"), ("clock",), every, rules=(is_foreign,), effect=taken, stops=("resend",), public=False,
            done=W("来件单位收下了答复", "The sender took the answer"),
        ),
        Step(
            "refused_out", W("来件单位退回答复", "Answer refused"), ("clock",), every, rules=(is_foreign,), effect=refused, public=False,
            fields=(f.words(W("对方的理由", "The sender's reason"), required=False, shown=False),), tells=("desk",), heard=True,
            done=W("来件单位没有收下答复", "The sender refused the answer"),
        ),
        Step(
            "resend", W("改好再报", "Send it anew"), ("desk", "lead", "above"), every, rules=(is_foreign, answer_refused),
            effect=taken, stops=("resend",),
            fields=(f.words(W("报给来件单位的答复", "The answer as the sender gets it"), shown=False),), public=False,
            done=W("改好再报给来件单位", "Sent to the sender anew"),
        ),
        Step(
            "resend_due", W("补报到期", "The answer is still to be sent"), ("clock",), every, rules=(is_foreign,),
            tells=("desk", "above"), public=False, done=W("退回的答复还没有补报", "The refused answer was not sent anew in time"),
        ),
    )  # fmt: skip


def tied(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps by which a matter is answered also end the sender's deadline."""
    return tuple(replace(s, stops=(*s.stops, "foreign")) if s.name in ENDS else s for s in steps)
