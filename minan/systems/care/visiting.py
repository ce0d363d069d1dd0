"""A visit 上门看望: no sign came by the hour. First the person is reminded, then whom they named, then the village goes and looks.

Each visit is a case of its own that knows neither the agreement nor the visits before it: its vault got name, address and number by
a copy (watching.py), and nothing that two visits of one person have in common is stored outside it. The agreement's row points at the
visit of today only, and forgets it the day after.
"""

from __future__ import annotations

from minan.kernel import childhood, common, rights
from minan.kernel.procedure import Ask, Change, Child, Clock, Field, Procedure, State, Step, Words
from minan.systems.care import fields as f
from minan.systems.care.agreeing import POINT

W = Words
HELP = "help"  # the procedure of a call for help, where the city has it
OPEN = ("missed", "kin", "visit")
STATES = (
    State("missed", W("到点没报平安，先提醒本人", "No sign by the hour; they are reminded"), holder="speaker"),
    State("kin", W("告诉了家人", "Kin told"), holder="desk"),
    State("visit", W("请上门看看", "To be visited"), holder="lead"),
    State("fine", W("报了平安", "They are fine"), final=True, keep_days=30),
    State("visited", W("看望过了", "Visited"), final=True, keep_days=f.KEEP),
    State("danger", W("有危险，已呼救", "Danger, help called"), final=True, keep_days=f.KEEP),
)
EVERY = tuple(s.name for s in STATES)
CLOCKS = (
    Clock("own_word", W("等本人回应", "Waiting for their own word"), owner="desk", at_due="pass_over"),
    Clock("kin_word", W("等家人回应", "Waiting for their kin"), owner="desk", at_due="pass_over"),
    Clock("go_see", W("上门", "Go and see"), at_due="remind", at_escalate="go_up"),
    common.DEFERRAL,
    rights.HOLD,
)
FOUND = (
    ("fine", W("人好好的", "They are fine")),
    ("away", W("不在家，问清了，平安", "Not at home; asked, and safe")),
    ("needs", W("要帮忙，已经安排", "Needs help, arranged")),
    ("unknown", W("没找到人，继续找", "Not found: still looking")),
)
HOW = (
    ("own", W("本人点的", "By themselves")), ("hand", W("帮手看到了", "A helper saw them")), ("staff", W("网格员看到了", "The grid worker saw them")),
    ("home", W("家里的盒子报的", "By the box at home")), ("ended", W("约定停了", "The agreement was ended")),
)  # fmt: skip


def begun(ask: Ask) -> Change:
    """By the point of the village; the kin, where one was named, waits in a narrow case of their own that holds their number alone."""
    point = ask.case["desk"]
    kin = Child("visit_kin", {}, "kin", {"unit": point}, link="own", carries={"name": "kin_name", "phone": "kin_phone"})
    facts = {"by": "home" if ask.facts.get("alert") else "hour", "kin": bool(ask.facts.get("kin"))}
    return Change(
        set={"title": "上门看望", "unit": point, "urgency": "urgent"}, facts=facts, children=(kin,) if ask.facts.get("kin") else (),
    )  # fmt: skip


def next_rung(ask: Ask) -> str:
    return "kin" if ask.state == "missed" and ask.case["facts"].get("kin") else "visit"


def rung(ask: Ask) -> Change:
    to = "kin_word" if next_rung(ask) == "kin" else "go_see"
    return Change(starts=(to,))


def found_out(ask: Ask) -> str:
    return "visit" if ask.facts.get("found") == "unknown" else "visited"


def kept_looking(ask: Ask) -> Change:
    return Change(stops=() if ask.facts.get("found") == "unknown" else ("*",), facts={"found": ask.facts["found"]})


def gone_up(ask: Ask) -> Change:
    up = ask.offices.free(ask.offices.above(ask.case["desk"], "block"), ask.case["walls"])
    return Change(marks={"escalated": True}, set={"ruler": up} if up else {}, note={"to": up})


def help_taken(ask: Ask) -> Words | None:
    """Where the city has no procedure for calls, the other button stands there: call 120, then tell the duty posts."""
    return None if ask.offices.has(HELP) else W("本市没有装一键呼叫", "The city has not installed calls for help")


def help_missing(ask: Ask) -> Words | None:
    return W("用“一键呼叫”", "Use the call for help") if ask.offices.has(HELP) else None


def help_called(ask: Ask) -> Change:
    """The call rings at the duty desk of the place; the posts called beside it may open this visit and read where it is."""
    posts = posts_called(ask)
    posts.children = (Child(HELP, {"how": "care", "place": ask.case["place"]}, HELP, {"urgency": "emergency"}),)
    return posts


def posts_called(ask: Ask) -> Change:
    called = [u for word in ("rescue", "police") if (u := ask.offices.free(ask.offices.nearest(word, ask.case["place"]),
    ask.case["walls"], "line"))]
    return Change(marks={"danger": True, "called": list(dict.fromkeys(called))})


OPENING = Step(
    "miss", W("没有报平安", "No sign came"), ("clock",), to="missed", starts=("own_word",), tells=("speaker", "desk"), effect=begun,
    fields=(
        f.PLACE, f.NAME, f.PHONE, Field("address", f.ADDRESS.label, "text", data="P2", max_length=120, keep_days=f.KEEP), f.KIN_NAME,
        f.KIN_PHONE,
        Field("kin", W("有家人可告诉", "There is kin to tell"), "yesno", shown=False),
        Field("alert", W("家里的盒子报的", "The box at home told it"), "yesno", shown=False),
    ),
    done=W("今天还没报平安，请点一下“我很好”，或者给社区回个电话", "No sign of you today: please tap “I am fine”, or call the community"),
)  # fmt: skip
WORDS = Field(
    "where", W("在哪里、看到什么、最需要什么", "Where, what was seen, what is needed most"), "long", required=True, data="P2", max_length=600,
    keep_days=f.KEEP
)  # fmt: skip
STEPS = (
    Step(
        "pass_over", W("下一步", "Next rung"), ("clock",), ("missed", "kin"), to_any=("kin", "visit"), decide=next_rung, effect=rung,
        stops=("own_word", "kin_word"), tells=("lead",), done=W("没有回应，往下走一步", "No word: the next rung"),
    ),
    Step(
        "sign", W("报了平安", "A sign came"), ("clock",), OPEN, "fine", stops=("*",), tells=("lead",),
        fields=(Field("how", W("怎么报的", "How"), "choice", required=True, options=HOW),), done=W("报了平安，不用去了",
            "A sign came: nobody needs to go"),
    ),
    Step(
        "call", W("看住址、打电话", "Show the address, call them"), ("lead", "desk", "staff"), (*OPEN, "danger"), key="C", near=True,
        done=W("看了住址和电话，好去看望", "Address and phone were looked at, to go and see"),
    ),
    Step(
        "go_now", W("我现在去", "I am going"), ("lead", "desk"), OPEN, "visit", key="G", near=True, stops=("own_word", "kin_word"),
        starts=("go_see",),
        done=W("有人上门去了", "Somebody is on the way"),
    ),
    Step(
        "found", W("看到人了", "What was found"), ("lead", "desk"), OPEN, to_any=("visited", "visit"), decide=found_out,
        effect=kept_looking, key="T",
        near=True, fields=(Field("found", W("人怎么样", "How they are"), "choice", required=True, options=FOUND), f.words(W("说两句",
        "In a few words"), required=False)),
        tells=("desk",), done=W("上门看过了", "They were visited"),
    ),
    Step(
        "call_help", W("有危险：一键呼叫", "Danger: call for help"), ("lead", "desk"), OPEN, "danger", rules=(help_taken,), effect=help_called,
        near=True,
        stops=("*",), fields=(WORDS,), tells=("called", "desk", "above"), done=W("有危险，呼救了", "Danger: help was called"),
    ),
    Step(
        "danger", W("有危险：先打 120，再报", "Danger: call 120, then tell"), ("lead", "desk"), OPEN, rules=(help_missing,), effect=posts_called,
        near=True, fields=(WORDS,), tells=("called", "above"), public=False, done=W("报了危险", "Danger was reported"),
    ),
    Step("note", W("内部备注", "Note"), ("staff",), OPEN, key="N", public=False, fields=(f.words(W("备注", "A note")),), done=W("备注", "Note")),
    Step("remind", W("到期提醒", "Reminder"), ("clock",), OPEN, tells=("lead", "desk"), done=W("还没去看，提醒", "Not visited yet; reminded")),
    Step(
        "go_up", W("报上一级", "Told to the level above"), ("clock",), OPEN, effect=gone_up, tells=("above", "desk"),
        done=W("一直没去看，报了上一级", "Nobody went: told to the level above"),
    ),
    *(s for s in common.looking(EVERY) if s.name in ("defer", common.TOLD)),
    *rights.steps(STATES),
)  # fmt: skip
VISIT = Procedure(
    "visit_care", 1, W("上门看望", "Care visit"), STATES, STEPS, CLOCKS, opening=OPENING, first="missed", privacy="confidential", desk=POINT,
    counted=False,
)  # fmt: skip

# ---- the kin


KIN_STATES = (
    State("waiting", W("先等本人", "Waiting for them"), holder="lead"),
    State("told", W("告诉了家人", "Kin told"), final=True, keep_days=30),
    State("spared", W("不用告诉了", "Not needed"), final=True, keep_days=0),
)


def stands_by(_ask: Ask) -> Change:
    return Change(set={"title": "告诉家人"})


KIN_STEPS = (
    Step(
        "tell", W("告诉家人", "Tell the kin"), ("clock",), ("waiting",), "told", stops=("*",), tells=("speaker",),
        done=W("您家里老人约好的平安今天还没报，请打个电话；有急事先打 120", "The daily sign of your relative did not come: please call them; in danger call 120"),
    ),
    *childhood.steps(("waiting",), "spared"),
    *(s for s in common.looking(tuple(s.name for s in KIN_STATES)) if s.name in ("defer", common.TOLD)),
    *rights.steps(KIN_STATES),
)  # fmt: skip
KIN = Procedure(
    "visit_kin", 1, W("告诉家人", "Kin of a care visit"), KIN_STATES, KIN_STEPS, (common.DEFERRAL, rights.HOLD),
    opening=Step(
        "stand_by", W("备着", "Stand by"), ("clock",), to="waiting", effect=stands_by, done=W("备着", "Standing by"),
        fields=(Field("name", f.KIN_NAME.label, "text", data="P2", max_length=40, keep_days=f.KEEP), f.PHONE),
    ),
    first="waiting", privacy="confidential", counted=False, guest=True,
)  # fmt: skip
