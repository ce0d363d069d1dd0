"""A short free stay 短期托养 in a care centre: apply, accept, wait or be booked, arrive, stay longer, be handed over to family by two words.

Which bed is free on which night is no fact of a case but rows (models.Night), one a bed and night: the database takes none twice.
`book` and `extended` are taken by the program in the transaction that holds those rows (beds.py), never by a person alone.
"""

from __future__ import annotations

from datetime import date, datetime, time

from minan.kernel import common, rights, telling
from minan.kernel.directory import LOCAL
from minan.kernel.procedure import Ask, Change, Clock, Field, Procedure, State, Step, Words
from minan.systems.care import fields as f

W = Words
NIGHTS_MOST, AHEAD_MOST = 15, 60  # one stay; how many days ahead. Examples: a city writes its own into its rules for the centres
NOON = time(12, 0)
OPEN = ("applied", "waiting", "booked", "in", "leaving")
HELD = ("booked", "in", "leaving")
STATES = (
    State("applied", W("已申请，待受理", "Applied for"), holder="desk"),
    State("waiting", W("排队等床", "Waiting for a bed"), holder="desk"),
    State("booked", W("床订好了", "A bed is booked"), holder="desk"),
    State("in", W("已入住", "Staying"), holder="desk"),
    State("leaving", W("已交接，等家属确认", "Handed over, to be confirmed"), holder="speaker"),
    State("home", W("家属接回", "Home with family"), final=True, keep_days=f.KEEP),
    State("refused", W("不能收住", "Not accepted"), final=True, keep_days=f.KEEP),
    State("withdrawn", W("不住了", "Withdrawn"), final=True, keep_days=f.KEEP),
    State("no_show", W("没有来，床放开", "Did not come"), final=True, keep_days=f.KEEP),
)
EVERY = tuple(s.name for s in STATES)
CLOCKS = (
    Clock("accept", W("受理", "Accept"), owner="desk", at_due="remind", at_escalate="go_up"),
    Clock("arrive", W("到的那天", "Day of arrival"), owner="desk", at_due="remind"),
    Clock("leave", W("住到的那天", "Last day"), owner="desk", at_due="remind"),
    common.DEFERRAL,
    rights.HOLD,
)
RULE = W(
    "先到先得；家里一时没有人能照看的排在前面。每空出一张床，从队头起看，日子排得下就订给他",
    "First come, first served; whom nobody at home can look after stand before the others. When a bed is free, who stands first and "
    "whose days fit has it",
)  # fmt: skip
START = Field("start", W("哪天来", "First day"), "date", required=True)
NIGHTS = Field("nights", W(f"住几晚（最多 {NIGHTS_MOST}）", f"How many nights, at most {NIGHTS_MOST}"), "number", required=True)
URGENT = Field(
    "urgent", W("家里一时没有人能照看", "Nobody at home can look after them just now"), "yesno",
    hint=W("住院、出远门、照看的人病了等。排在前面", "Somebody in hospital, away or ill. Stands before the others"),
)  # fmt: skip
ANY_CENTRE = 0
CENTRE = Field("centre", W("想去哪个中心，或者街道里哪个有床去哪个", "Which centre, or whichever of a street has a bed"), "number")
RELATIONS = (
    ("child", W("儿女", "Child")), ("spouse", W("老伴", "Spouse")), ("kin", W("亲戚", "Relative")), ("self", W("本人自己回家", "Goes home alone")),
    ("other", W("受托的人", "Somebody entrusted")),
)  # fmt: skip
SAID_BY = (
    ("paper", W("家属在纸上签了名", "The family signed on paper")), ("phone", W("电话里问过家属", "The family was asked by phone")),
    ("here", W("家属当面说的", "The family said so here")),
)  # fmt: skip


def today(at: datetime) -> date:
    return at.astimezone(LOCAL).date()


def end_of(day: date, hour: time = NOON) -> datetime:
    return datetime.combine(day, hour, LOCAL)


# ---- rules


def days_fit(ask: Ask) -> Words | None:
    start, nights = date.fromisoformat(ask.facts["start"]), int(ask.facts["nights"])
    if not 0 <= (start - today(ask.at)).days <= AHEAD_MOST:
        return W(f"日子从今天起 {AHEAD_MOST} 天之内", f"The first day lies between today and {AHEAD_MOST} days from now")
    if not 1 <= nights <= NIGHTS_MOST:
        return W(f"住 1 到 {NIGHTS_MOST} 晚", f"A stay has 1 to {NIGHTS_MOST} nights")
    return None


def more_fit(ask: Ask) -> Words | None:
    if not 1 <= int(ask.facts["more"]) <= NIGHTS_MOST:
        return W(f"再住 1 到 {NIGHTS_MOST} 晚", f"1 to {NIGHTS_MOST} nights more")
    return None


def more_asked(ask: Ask) -> Words | None:
    return None if ask.case["facts"].get("more") else W("没有等答复的续住", "No longer stay was asked for")


def nothing_asked(ask: Ask) -> Words | None:
    return W("已经提了续住，等答复", "A longer stay was asked for already") if ask.case["facts"].get("more") else None


def paper_at_the_desk(ask: Ask) -> Words | None:
    """Who confirms for somebody without a phone says by what: two words stand on the record, never one person's alone."""
    if "speaker" not in ask.roles and not ask.facts.get("hand"):
        return W("写明家属凭什么确认的，比如纸上签名、电话里说的", "Say by what the family confirmed: a signature on paper, by phone")
    return None


# ---- effects


def applied(ask: Ask) -> Change:
    facts = {"start": ask.facts["start"], "nights": int(ask.facts["nights"]), "urgent": bool(ask.facts.get("urgent")),
        "centre": int(ask.facts.get("centre") or ANY_CENTRE)}
    return Change(set={"title": "短期托养"}, facts=facts)


def queued(ask: Ask) -> Change:
    return Change(facts={"since": ask.at.isoformat()})


def booked(ask: Ask) -> Change:
    start, until = date.fromisoformat(ask.facts["from"]), date.fromisoformat(ask.facts["until"])
    facts = {"bed": ask.facts["bed"], "at": ask.facts["centre"], "from": ask.facts["from"], "until": ask.facts["until"]}
    due = {"arrive": end_of(start, time(20, 0)), "leave": end_of(until)}
    return Change(facts=facts, starts=("arrive",), due=due)


def came(ask: Ask) -> Change:
    return Change(starts=("leave",), due={"leave": end_of(date.fromisoformat(ask.case["facts"]["until"]))})


def wants_more(ask: Ask) -> Change:
    return Change(facts={"more": int(ask.facts["more"])})


def agreed_more(_ask: Ask) -> Change:
    return Change(facts={"agreed": True})


def longer(ask: Ask) -> Change:
    until = date.fromisoformat(ask.facts["until"])
    return Change(
        facts={"until": ask.facts["until"], "more": None, "agreed": None}, stops=("leave",),
        starts=("leave",) if ask.state == "in" else (), due={"leave": end_of(until)},
    )  # fmt: skip


def not_longer(_ask: Ask) -> Change:
    return Change(facts={"more": None, "agreed": None})


def gone_up(ask: Ask) -> Change:
    up = ask.offices.free(ask.offices.above(ask.case["desk"], "block"), ask.case["walls"])
    return Change(marks={"escalated": True}, set={"ruler": up} if up else {})


UNTIL = Field("until", W("住到哪天", "Last day"), "date", required=True)
BOOKED = (
    Field("centre", W("哪个中心", "Which centre"), "number", required=True),
    Field("bed", W("几号床", "Which bed"), "number", required=True),
    Field("from", W("从哪天", "From"), "date", required=True), UNTIL,
)  # fmt: skip
OPENING = Step(
    "apply", W("申请短期托养", "Apply for a short stay"), ("speaker", "intake"), to="applied", starts=("accept",), tells=("desk",),
    fields=(
        Field("place", W("哪个街道、社区", "Which street or community"), "place", required=True), CENTRE, START, NIGHTS, URGENT, f.NAME, f.PHONE,
        Field("kin_name", W("家属怎么称呼", "Family's name"), "text", data="P2", max_length=40, keep_days=f.KEEP),
        Field("need", W("要怎么照看", "What care is needed"), "choice", required=True, options=f.NEEDS, data="P3", keep_days=f.KEEP),
        Field("night", W("夜里要人看着", "Needs somebody at night"), "yesno", data="P3", keep_days=f.KEEP),
    ),
    rules=(days_fit,), effect=applied, done=W("申请了短期托养", "A short stay was applied for"),
)  # fmt: skip
STEPS = (
    Step(
        "accept", W("同意收住", "Accept"), ("desk",), ("applied",), "waiting", key="A", stops=("accept",), effect=queued, tells=("speaker",),
        done=W("同意收住，正在排床", "Accepted; a bed is being found"),
    ),
    Step(
        "refuse", W("不能收住", "Not accept"), ("desk",), ("applied", "waiting"), "refused", key="X", stops=("*",), tells=("speaker",),
        fields=(f.words(W("为什么，可以去哪里", "Why, and where to go instead"), shown=True),), done=W("这里不能收住，看看说明", "Not possible here; read why"),
    ),
    Step(
        "book", W("订床", "Book a bed"), ("clock",), ("waiting",), "booked", fields=BOOKED, effect=booked, tells=("speaker",),
        done=W("床订好了，看看哪天、哪个中心", "A bed is booked: see the day and the centre"),
    ),
    Step(
        "withdraw", W("不住了", "Withdraw"), ("speaker", "desk"), ("applied", "waiting", "booked"), "withdrawn", stops=("*",), tells=("desk",),
        done=W("不住了，床让给下一位", "Withdrawn: the bed goes to the next"),
    ),
    Step(
        "arrive", W("来了，入住", "Arrived"), ("desk",), ("booked",), "in", key="H", near=True, stops=("arrive",), effect=came,
        tells=("speaker",),
        done=W("住下了", "They have arrived"),
    ),
    Step(
        "no_show", W("没有来，放开床", "Did not come"), ("desk",), ("booked",), "no_show", stops=("*",), tells=("speaker",),
        fields=(f.words(W("怎么联系过", "How they were called")),), done=W("没有来，床让给下一位", "Did not come: the bed goes to the next"),
    ),
    Step(
        "call", W("看姓名电话和照看的事", "Show name, phone and care"), ("desk",), OPEN, key="C", near=True,
        done=W("看了姓名、电话和要怎么照看", "Name, phone and care needed were looked at"),
    ),
    Step(
        "ask_more", W("想多住几晚", "Ask to stay longer"), ("speaker", "desk"), ("booked", "in"), rules=(nothing_asked, more_fit),
        effect=wants_more,
        fields=(Field("more", W("多住几晚", "How many nights more"), "number", required=True),), tells=("desk",), heard=True,
        done=W("想多住几晚", "A longer stay was asked for"),
    ),
    Step(
        "agree_more", W("同意续住", "Agree to a longer stay"), ("desk",), ("booked", "in"), rules=(more_asked,), effect=agreed_more,
        done=W("同意续住，看床排不排得开", "Agreed, if the bed is free"),
    ),
    Step(
        "extended", W("续住排好了", "The longer stay is booked"), ("clock",), ("booked", "in"), fields=(UNTIL,), rules=(more_asked,),
        effect=longer,
        tells=("speaker", "desk"), done=W("续住排好了，看看住到哪天", "You can stay longer: see until when"),
    ),
    Step(
        "not_extended", W("续住排不开", "No longer stay"), ("clock", "desk"), ("booked", "in"), rules=(more_asked,), effect=not_longer,
        tells=("speaker", "desk"), done=W("后面已经有人订了这张床，续住排不开", "The bed is booked by others after you: no longer stay"),
    ),
    Step(
        "hand_over", W("交给家属", "Hand over"), ("desk",), ("in",), "leaving", key="T", near=True, tells=("speaker",),
        fields=(
            Field("taker", W("谁来接的（姓名）", "Who takes over (name)"), "text", required=True, data="P2", max_length=40, keep_days=f.KEEP),
            Field("relation", W("是什么人", "Who they are"), "choice", required=True, options=RELATIONS, shown=False),
        ),
        done=W("交给家属了，请您确认接到人了", "Handed over: please confirm that you have them with you"),
    ),
    Step(
        "confirm", W("接到人了", "They are with us"), ("speaker", "desk"), ("leaving",), "home", near=True, stops=("*",),
        rules=(paper_at_the_desk,),
        fields=(Field("hand", W("凭什么确认（家属自己点的不选）", "By what (empty where the family taps)"), "choice", options=SAID_BY),), tells=("desk",),
        done=W("接到人了，平安到家", "With family, safely home"),
    ),
    Step(
        "not_with_us", W("还没接到", "Not with us"), ("speaker", "desk"), ("leaving",), "in", tells=("desk", "above"), heard=True,
        done=W("家属说还没接到人", "The family says they are not with them"),
    ),
    Step("note", W("内部备注", "Note"), ("staff",), OPEN, key="N", public=False, fields=(f.words(W("备注", "A note")),), done=W("备注", "Note")),
    Step("remind", W("到期提醒", "Reminder"), ("clock",), OPEN, folds=True, tells=("desk",), done=W("到日子了，提醒", "Its day has come; reminded")),
    Step(
        "go_up", W("自动上提一级", "Gone up a level"), ("clock",), OPEN, effect=gone_up, tells=("above", "desk"),
        done=W("超过一倍半时限，已报上一级", "Past one and a half times the limit; told to the level above"),
    ),
    *(s for s in common.looking(EVERY) if s.name in ("ask_look", "allow_look", "refuse_look", "look", "defer", common.TOLD)),
    *rights.steps(STATES),
    *telling.steps(STATES),
)  # fmt: skip
STAY = Procedure(
    "stay", 1, W("短期托养", "Short stay"), STATES, STEPS, CLOCKS, opening=OPENING, first="applied", privacy="confidential", counted=False,
    room="care:stay",
)  # fmt: skip
