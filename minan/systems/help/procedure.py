"""One call for help 一键呼叫: what happened, second by second. The lane (lane.py) rings; this keeps the record and its clocks.

DOMAIN.md §4: a human answers within 60 s, is on the way within 3 min, there within 10; the numbers are the place's own (limits.toml).
The rungs of 30 s are the lane's, for no worker that sleeps half a second a turn keeps them; here they are steps by the clock.
"""

from __future__ import annotations

from minan.kernel import came_of, common, rights
from minan.kernel.procedure import Ask, Change, Child, Clock, Field, Procedure, State, Step, Words
from minan.systems.help import enrolment

W = Words
PASSES = 10  # for the doors, of one call
KEEP = 365  # days; the position goes after one day (handlers.py)
OPEN = ("ringing", "answered", "coming", "there")
ENDED = ("closed", "mistaken", "drilled")
STATES = (
    State("ringing", W("正在叫人", "Ringing"), holder="desk"),
    State("answered", W("有人接", "Somebody has it"), holder="desk"),
    State("coming", W("在路上", "On the way"), holder="desk"),
    State("there", W("到了", "There"), holder="desk"),
    State("closed", W("已结束", "Over"), final=True, keep_days=KEEP),
    State("mistaken", W("误按", "A false alarm"), final=True, keep_days=KEEP),
    State("drilled", W("演练完", "Drill over"), final=True, keep_days=KEEP),
)
CLOCKS = (
    Clock("human_answer", W("有人接", "A human answers"), owner="desk", at_due="no_answer", at_escalate="go_up"),
    Clock("help_way", W("上路", "On the way"), owner="desk", at_due="remind", at_escalate="go_up"),
    Clock("help_there", W("到场", "There"), owner="desk", at_due="remind", at_escalate="go_up"),
    common.DEFERRAL,
    rights.HOLD,
)
HOW = (
    ("app", W("手机", "Phone")), ("button", W("墙上的按钮", "Wall button")), ("pendant", W("挂件", "Pendant")),
    ("desk", W("值班的人代按", "Pressed by the desk")), ("care", W("关爱提醒", "Care")), ("drill", W("演练", "Drill")),
)  # fmt: skip
WHY_120 = (
    ("said", W("本人要求", "The caller says so")), ("ill", W("本人有病或受伤", "The caller is ill or hurt")),
    ("silent", W("回拨没有人接", "Nobody answered the ring-back")), ("seen", W("到场看到的", "As seen on the spot")),
)  # fmt: skip
RANG_BACK = (
    ("well", W("接了，人没事", "Answered: well")), ("ill", W("接了，不舒服或受伤", "Answered: ill or hurt")),
    ("silent", W("没有人接", "Nobody answered")),
)  # fmt: skip
DONE = (
    ("helped", W("当场帮好了", "Helped on the spot")), ("hospital", W("120 送医", "Taken to hospital")),
    ("family", W("家人接手", "The family took over")), ("police", W("交给民警", "Handed to the police")),
    ("nothing", W("没有事", "Nothing was wrong")),
)  # fmt: skip
KIN = tuple((f"family{n}", W(f"家人{n}", f"Family {n}")) for n in range(1, enrolment.FAMILY + 1))
WHO = (
    Field("family", W("哪位家人", "Which of the family"), "choice", options=KIN),
    Field("at_unit", W("哪个单位", "Which unit"), "unit"),
)
STAFF_WHO = Field("staff", W("哪一位", "Who of them"), "staff", shown=False)
AFTER = Field("after", W("按下后几秒", "Seconds after the press"), "number")
CHANNELS = (
    ("screen", W("值班屏", "Duty screen")), ("push", W("设备上的通知", "Notice on a device")), ("sms", W("短信", "Text message")),
    ("voice", W("电话", "Telephone")),
)  # fmt: skip
BY = Field("channel", W("哪个渠道", "By which channel"), "choice", options=CHANNELS)


def words(label: Words, *, required: bool = False, shown: bool = True) -> Field:
    return Field("words", label, "long", required=required, scrubbed=True, max_length=600, shown=shown)


# ---- rules and effects


def opened(ask: Ask) -> Change:
    facts = ask.facts
    marks = {"drill": True} if facts.get("how") == "drill" else {}
    kept = {"press": next(iter(facts.get("press") or ()), ""), "how": facts.get("how", "app"), "responders": []}
    return Change(set={"desk": facts.get("duty") or ask.case["desk"], "urgency": "emergency"}, facts=kept, marks=marks)


def _responders(ask: Ask, state: str) -> Change:
    """Each who goes stands in the list once, with how far they are."""
    rows = [dict(row) for row in ask.case["facts"].get("responders") or []]
    mine = next((row for row in rows if row["who"] == ask.person), None)
    if mine is None:
        mine = {"who": ask.person, "unit": ask.unit}
        rows.append(mine)
    mine[state] = ask.at.isoformat()
    return Change(facts={"responders": rows})


def answered(ask: Ask) -> Change:
    return _responders(ask, "answer")


def on_the_way(ask: Ask) -> Change:
    return _responders(ask, "way")


def arrived(ask: Ask) -> Change:
    return _responders(ask, "there")


def further(ask: Ask) -> str:
    """Several responders: who is only setting out takes nothing back of who is there already."""
    order = (*OPEN,)
    to = {
        "answer": "answered",
        "join": "answered",
        "on_the_way": "coming",
        "there": "there",
        "family_goes": "answered",
    }[ask.step]
    return to if order.index(to) > order.index(ask.state) else ask.state


def further_link(ask: Ask) -> str:
    return "answered" if ask.state == "ringing" else ask.state


def not_there_yet(ask: Ask) -> Words | None:
    mine = next((row for row in ask.case["facts"].get("responders") or [] if row["who"] == ask.person), {})
    return W("您已经到了", "You are there already") if mine.get("there") else None


def not_going_yet(ask: Ask) -> Words | None:
    if any(row["who"] == ask.person for row in ask.case["facts"].get("responders") or []):
        return W("您已经接了", "You have it already")
    return None


def handed(ask: Ask) -> Change:
    return Change(set={"unit": ask.facts["unit"]}, marks={"called": [*ask.marks.get("called", []), ask.facts["unit"]]})


def is_another(ask: Ask) -> Words | None:
    return W("就是这里", "That is this desk") if ask.facts["unit"] in (ask.case["desk"], ask.unit) else None


def unanswered(ask: Ask) -> Change:
    """The supervisor sees it from now on."""
    above = ask.offices.above(ask.case["desk"], "block")
    called = [u for u in (*ask.marks.get("called", []), above, ask.offices.above(above, "block") if above else "") if u]
    return Change(marks={"unanswered": True, "needs_120": True, "called": list(dict.fromkeys(called))})


def once_unanswered(ask: Ask) -> Words | None:
    return W("已经记过", "Noted already") if ask.marks.get("unanswered") else None


def rung_up(ask: Ask) -> Change:
    units = [u for u in ask.facts.get("units") or [] if u]
    return Change(marks={"called": list(dict.fromkeys([*ask.marks.get("called", []), *units]))} if units else {})


def rang_back(ask: Ask) -> Change:
    return Change(
        marks={"needs_120": None if ask.facts["result"] == "well" else True, "rang_back": ask.facts["result"]}
    )


def rang_120(ask: Ask) -> Change:
    return Change(marks={"needs_120": None, "rang_120": ask.at.isoformat()}, facts={"why_120": ask.facts["why"]})


def said_false(ask: Ask) -> Change:
    return Change(marks={"said_false": ask.at.isoformat()})


def passed(ask: Ask) -> Change:
    """The pass itself is nowhere in the records: its number, by which it is revoked when the call closes."""
    return Change(facts={"passes": [*(ask.case["facts"].get("passes") or []), ask.facts["number"]]})


def passes_left(ask: Ask) -> Words | None:
    """Every pass that was drawn is taken back at the end: so their numbers are few, and none falls off the list."""
    if len(ask.case["facts"].get("passes") or []) < PASSES:
        return None
    return W(
        f"这次呼叫已经取了 {PASSES} 张开门码，用取过的",
        f"{PASSES} passes were drawn for this call: use one of those",
    )


def not_a_drill(ask: Ask) -> Words | None:
    """A drill is no reason to read what somebody is ill with, nor to open a door."""
    return W("演练不看卡片、不开门", "A drill reads no card and opens no door") if ask.marks.get("drill") else None


def closed(ask: Ask) -> Change:
    return Change(set={"outcome": ask.facts.get("outcome", "nothing")}, marks={"needs_120": None})


def looked(ask: Ask) -> Change:
    return Change(opens="", note={"what": "card"})


def gone_up(ask: Ask) -> Change:
    return Change(marks={"escalated": True})


def forgot(ask: Ask) -> Change:
    return Change(erases=("where",), marks={"position_gone": True})


def improved(ask: Ask) -> Change:
    """A project about the thing, not about who called: nothing of the call goes along but that it came of one."""
    given = {"title": ask.facts["title"], "text": ask.facts["words"]}
    return Change(
        children=(Child("improvement", given, "improvement", set={"desk": ask.unit}),), marks={"improved": True}
    )


def not_improved_yet(ask: Ask) -> Words | None:
    return W("已经有一个改进项目", "There is one already") if ask.marks.get("improved") else None


# ---- the steps


OPENING = Step(
    "press", W("按下一键呼叫", "Press"), ("clock",), to="ringing", effect=opened, starts=("human_answer",), tells=("desk",), near=True,
    fields=(
        Field("place", W("哪个社区、村", "Which community or village"), "place"),
        Field("how", W("怎么按的", "How"), "choice", options=HOW),
        Field("duty", W("值班的地方", "The desk on duty"), "unit", shown=False),
        Field("press", W("这一按的编号", "Number of this press"), "fragments", max_length=32, shown=False),  # no text: that goes to the vault
        Field("where", W("按下时的位置", "Position at the press"), "text", data="P3", max_length=60, keep_days=1),
    ),
    done=W("按下了一键呼叫", "Help was called"),
)  # fmt: skip
BY_CLOCK = (
    Step(
        "again", W("又按了一次", "Pressed again"), ("clock",), OPEN, fields=(AFTER,), heard=True,
        done=W("又按了一次", "Pressed again"),
    ),
    Step(
        "rung", W("往下叫", "The next are rung"), ("clock",), OPEN, effect=rung_up, tells=("called",),
        fields=(
            WHO[0], AFTER, Field("n", W("第几轮", "Round"), "number", shown=False), Field("units", W("哪些单位", "Which units"), "units"),
        ),
        done=W("没有人说“我去”，往下叫", "Nobody said they would go: the next are rung"),
    ),
    Step(
        "rang", W("叫到了", "Reached"), ("clock",), OPEN, fields=(*WHO, BY, AFTER),
        done=W("叫到了", "A device has it"),
    ),
    Step(
        "channel_down", W("渠道不通", "A channel is dead"), ("clock",), OPEN, public=False,
        fields=(*WHO, BY, words(W("怎么不通", "How"), shown=False)),
        done=W("一个渠道不通，换下一个", "A channel is dead; the next one is tried"),
    ),
    Step(
        "no_answer", W("60 秒没有人接", "Nobody within 60 s"), ("clock",), ("ringing",), rules=(once_unanswered,), effect=unanswered,
        tells=("desk", "above", "called"), heard=True,
        done=W("一分钟没有人接：该打 120，已报上级", "Nobody for a minute: ring 120; the level above knows"),
    ),
    Step(
        "family_goes", W("家人说去", "The family goes"), ("clock",), OPEN, to_any=OPEN, decide=further, fields=(*WHO, AFTER),
        stops=("human_answer",),
        tells=("desk",), done=W("家人说“我去”", "The family said they would go"),
    ),
    Step(
        "cannot", W("去不了", "Cannot go"), ("clock",), OPEN, fields=(*WHO, STAFF_WHO, AFTER), done=W("一位说去不了", "One cannot go"),
    ),
    Step(
        "duty_goes", W("值班的人说去", "The desk goes"), ("clock",), OPEN, to_any=OPEN, decide=further_link, fields=(*WHO, STAFF_WHO, AFTER),
        stops=("human_answer",), starts=("help_way",), tells=("desk",), done=W("值班的人说“我去”", "The desk said they would go"),
    ),
    Step(
        "card_seen", W("看了卡片（用链接）", "Card read by the link"), ("clock",), OPEN, fields=(*WHO, STAFF_WHO, AFTER),
        done=W("来帮忙的人看了卡片", "Who helps read the card"),
    ),
    Step(
        "drill_over", W("演练完", "Drill over"), ("clock",), OPEN, "drilled", stops=("*",),
        fields=(
            Field("well", W("通的", "What answered"), "fragments", shown=False, max_length=80),
            Field("dead", W("不通的", "What did not"), "fragments", shown=False, max_length=80),
        ),
        tells=("desk",), done=W("演练完", "Drill over"),
    ),
    Step(
        "remind", W("到期提醒", "Reminder"), ("clock",), OPEN, tells=("holder", "desk"), done=W("过了时间", "Past its time"),
    ),
    Step(
        "go_up", W("自动上提一级", "Gone up a level"), ("clock",), OPEN, effect=gone_up, tells=("above", "desk"),
        done=W("过了一倍半时间，已报上一级", "Past one and a half times; told to the level above"),
    ),
    Step(
        "forget_position", W("擦掉位置", "The position is erased"), ("clock",), ENDED, effect=forgot, public=False,
        done=W("结束满一天，位置已经擦掉", "A day after its end: the position is erased"),
    ),
)  # fmt: skip


STAFF = ("desk", "lead", "staff")
BY_HAND = (
    Step(
        "answer", W("我去", "I am going"), STAFF, ("ringing",), "answered", key="A", near=True, effect=answered, stops=("human_answer",),
        starts=("help_way",), tells=("desk",), done=W("有人接了", "Somebody has it"),
    ),
    Step(
        "join", W("我也去", "I am going, too"), STAFF, OPEN[1:], key="J", rules=(not_going_yet,), effect=answered,
        done=W("又有人去", "One more is going"),
    ),
    Step(
        "on_the_way", W("上路了", "On the way"), STAFF, OPEN, to_any=OPEN, decide=further, key="W", near=True, effect=on_the_way,
        rules=(not_there_yet,), stops=("human_answer", "help_way"), starts=("help_there",), tells=("desk",), done=W("在路上", "On the way"),
    ),
    Step(
        "there", W("到了", "I am there"), STAFF, OPEN, to_any=OPEN, decide=further, key="T", near=True, effect=arrived,
        rules=(not_there_yet,),
        stops=("human_answer", "help_way", "help_there"), tells=("desk",), done=W("到了", "There"),
    ),
    Step(
        "hand_over", W("移交", "Hand over"), STAFF, OPEN, "ringing", key="H", effect=handed, rules=(common.works_there, is_another),
        stops=("help_way", "help_there"),
        starts=("human_answer",), tells=("lead",), heard=True,
        fields=(Field("unit", W("交给哪里", "To whom"), "unit", required=True), words(W("要交代的话", "What they must know"))),
        done=W("移交给别的单位，重新叫人", "Handed over; it rings there"),
    ),
    Step(
        "ring_back", W("回拨了", "Rang back"), STAFF, OPEN, key="B", near=True, effect=rang_back,
        fields=(Field("result", W("接了没有", "Was it answered"), "choice", required=True, options=RANG_BACK),),
        done=W("值班的人给您回拨了电话", "The desk rang back"),
    ),
    Step(
        "ring_120", W("打了 120", "Rang 120"), (*STAFF, "speaker"), OPEN, key="1", near=True, effect=rang_120,
        fields=(Field("why", W("为什么", "Why"), "choice", required=True, options=WHY_120),), tells=("desk", "called"),
        done=W("打了 120", "120 was rung"),
    ),
    Step(
        "card", W("看卡片", "Read the card"), STAFF, OPEN, key="C", near=True, rules=(not_a_drill,), effect=looked,
        done=W("来帮忙的人看了卡片", "Who helps read the card"),
    ),
    Step(
        "door_pass", W("开门码", "A pass for the doors"), STAFF, OPEN, key="D", rules=(not_a_drill, passes_left), effect=passed, public=False,
        fields=(Field("number", W("通行码编号", "Number of the pass"), "text", required=True, max_length=64, shown=False),),
        done=W("取了一张开门码", "A pass for the doors was drawn"),
    ),
    Step(
        "said_false", W("按错了", "It was a mistake"), ("speaker", "clock"), OPEN, effect=said_false, tells=("desk",), heard=True,
        done=W("您说是按错了，值班的人会核实一下", "You said it was a mistake; the desk makes sure"),
    ),
    Step(
        "false_alarm", W("核实是误按", "A false alarm, made sure"), STAFF, OPEN, "mistaken", key="X", stops=("*",), effect=closed,
        fields=(words(W("怎么核实的", "How it was made sure"), required=True),), done=W("核实是误按", "It was a false alarm"),
    ),
    Step(
        "close", W("结束", "Close"), STAFF, OPEN[1:], "closed", key="E", stops=("*",), effect=closed,
        fields=(
            Field("outcome", W("怎么了结的", "How it ended"), "choice", required=True, options=DONE),
            words(W("做了什么（家里人看得到）", "What was done; the family reads it"), required=True),
        ),
        done=W("结束了", "Over"),
    ),
    Step(
        "note", W("备注", "Note"), STAFF, (*OPEN, *ENDED), key="N", public=False,
        fields=(words(W("备注", "A note"), required=True, shown=False),),
        done=W("备注", "Note"),
    ),
    Step(
        "improve", W("立一个改进项目", "Begin an improvement"), ("desk", "above", "staff"), ("closed",), rules=(not_improved_yet,),
        effect=improved,
        fields=(
            Field("title", W("改进什么", "What to better"), "text", required=True, max_length=60, shown=False),
            words(W("为什么、想做到什么", "Why, and what for"), required=True, shown=False),
        ),
        public=False, done=W("由这次呼叫立了改进项目", "An improvement began with this call"),
    ),
)  # fmt: skip
STEPS = (
    *BY_CLOCK, *BY_HAND, came_of.step(ENDED),
    *(s for s in common.looking(tuple(s.name for s in STATES)) if s.name in ("defer", common.TOLD)),
    *rights.steps(STATES),
)  # fmt: skip
PROCEDURE = Procedure(
    "help", 1, W("一键呼叫", "Help"), STATES, STEPS, CLOCKS, opening=OPENING, first="ringing", privacy="confidential", counted=False,
    room="help:call",
)  # fmt: skip
MORE = (enrolment.ENROLMENT,)
