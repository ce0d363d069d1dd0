"""告警: a device raised it; somebody says at once that they look, what it was, and what was done (DOMAIN.md §4).

One case a device and alarm while it is open; what sounds again folds into it (hearing.py). The limits, answered and settled, by
the alarm's urgency and size: city/<name>/limits.toml, clocks alarm_answer and alarm_settle.
"""

from __future__ import annotations

from minan.kernel import rights
from minan.kernel.procedure import Ask, Change, Child, Clock, Field, Procedure, State, Step, Words
from minan.systems.devices.kinds import ALARM_OPTIONS, ALARMS

W = Words
KEEP = 365
OPEN = ("raised", "going", "real")
STATES = (
    State("raised", W("告警，待确认", "Raised"), holder="desk"),
    State("going", W("有人去看了", "Somebody is on the way"), holder="desk"),
    State("real", W("属实，处置中", "Real, being dealt with"), holder="desk"),
    State("settled", W("处置完了", "Settled"), final=True, keep_days=KEEP),
    State("false_alarm", W("误报", "False alarm"), final=True, keep_days=KEEP),
    State("passed", W("转为说事办理", "Passed on as a matter"), final=True, keep_days=KEEP),
)
CLOCKS = (
    Clock("alarm_answer", W("有人应答", "Somebody answers"), owner="desk", at_due="unanswered", at_escalate="go_up"),
    Clock("alarm_settle", W("处置完", "Settled"), owner="desk", at_due="remind", at_escalate="go_up"),
    Clock("danger", W("危险复核", "Review of danger"), owner="desk", at_due="remind", at_escalate="go_up"),
    rights.HOLD,
)
CAUSES = (
    ("test", W("试验、演练", "A test or a drill")),
    ("daily", W("做饭、抽烟、施工这样的日常", "Cooking, smoking, building work")),
    ("animal", W("动物、树枝、天气", "Animals, branches, weather")),
    ("fault", W("设备自己的毛病", "The device itself")),
    ("other", W("别的", "Something else")),
)
CALLED = (
    ("119", W("119 消防", "119 fire")),
    ("120", W("120 急救", "120 ambulance")),
    ("110", W("110 报警", "110 police")),
)


def words(label: Words, *, required: bool = True) -> Field:
    return Field("words", label, "long", required=required, scrubbed=True, shown=False, max_length=600)


def photos(label: Words) -> Field:
    return Field("photos", label, "photos", shown=False)


def raised(ask: Ask) -> Change:
    facts, alarm = ask.facts, ALARMS[ask.facts["alarm"]]
    first = facts.get("skew")
    return Change(
        set={
            "title": f"{alarm.label.zh}：{facts['mounted']}"[:120],
            "text": alarm.say.zh,
            "place_words": facts["mounted"],
            "urgency": alarm.urgency,
            "size": alarm.size,
            "desk": facts["unit"],
        },
        facts={"device": facts["device"], "alarm": facts["alarm"], "times": 1, "sounding": True, "skew": first or None},
    )


def again(ask: Ask) -> Change:
    return Change(facts={"times": ask.facts["times"], "sounding": True})


def cleared(ask: Ask) -> Change:
    return Change(facts={"sounding": False})


def has_proof(ask: Ask) -> Words | None:
    """A photo from the place where its kind asks for one; who cannot take one says why."""
    if ALARMS[ask.case["facts"]["alarm"]].proof and not ask.facts.get("photos") and not ask.facts.get("no_photo"):
        return W(
            "这类告警要一张现场照片；拍不了的，写明为什么", "This kind asks for a photo from the place; if there can be none, say why"
        )
    return None


def is_silent_now(ask: Ask) -> Words | None:
    """What still sounds is not settled; who shut it off by hand says so in the words."""
    if ask.case["facts"].get("sounding") and not ask.facts.get("by_hand"):
        return W(
            "设备还在报警。复位了再办结；现场确认安全、只是复不了位的，勾上面那一项",
            "It still sounds. Reset it first; or tick that the place is safe and it cannot be reset",
        )
    return None


def false(ask: Ask) -> Change:
    """A device that cried wolf by itself is a fault of its own."""
    case, broken = ask.case, ask.facts["cause"] == "fault"
    given = {
        "device": case["facts"]["device"],
        "unit": case["desk"],
        "place": case["place"],
        "mounted": case["place_words"],
        "why": "wrong",
    }
    return Change(
        children=(Child("fault", given, "fault", {"desk": case["desk"]}),) if broken else (), facts={"cause": ask.facts["cause"]}
    )


def passed(ask: Ask) -> Change:
    case = ask.case
    text = f"{case['title']}。{ask.facts['words']}"
    desk = ask.offices.desk_of(case["place"]) or case["desk"]
    return Change(
        children=(Child("matter", {"text": text, "place": case["place"]}, "matter", {"desk": desk, "urgency": case["urgency"]}),)
    )


def endangered(ask: Ask) -> Change:
    called = [u for u in (ask.offices.nearest("police", ask.case["place"]),) if u]
    return Change(marks={"danger": True, "called": called}, note={"called": ask.facts["called"]})


def is_danger(ask: Ask) -> Words | None:
    return None if ask.marks.get("danger") else W("没有待复核的危险报告", "No report of danger awaits review")


def over(ask: Ask) -> Change:
    return Change(marks={"danger": None, "called": None})


def late(ask: Ask) -> Change:
    return Change(marks={"unanswered": True})


def gone_up(ask: Ask) -> Change:
    above = ask.offices.above(ask.case["desk"], "block")
    up = [*ask.marks.get("up", []), above] if above else ask.marks.get("up", [])
    return Change(marks={"escalated": True, "up": list(dict.fromkeys(up))})


def heard_at_last(ask: Ask) -> Change:
    return Change(marks={"unanswered": None})


OPENING = Step(
    "raise",
    W("告警", "Raise an alarm"),
    ("clock",),
    to="raised",
    effect=raised,
    starts=("alarm_answer", "alarm_settle"),
    tells=("desk",),
    public=False,
    near=True,
    fields=(
        Field("device", W("设备", "Device"), required=True, max_length=40, shown=False),
        Field("alarm", W("什么告警", "Which alarm"), "choice", required=True, options=ALARM_OPTIONS, shown=False),
        Field("unit", W("归谁管", "Whose it is"), "unit", required=True, shown=False),
        Field("place", W("地点", "Place"), "place", required=True),
        Field("mounted", W("装在哪里", "Where it is mounted"), required=True, max_length=120, shown=False),
        Field("skew", W("设备的钟差几秒", "Seconds its clock is wrong"), "number", shown=False),
    ),
    done=W("设备告警", "The device raised it"),
)
STEPS = (
    Step(
        "take",
        W("我去看", "I am going"),
        ("desk",),
        ("raised",),
        "going",
        key="T",
        near=True,
        stops=("alarm_answer",),
        effect=heard_at_last,
        tells=("above",),
        fields=(words(W("谁去，怎么去（可以不写）", "Who goes (may be left empty)"), required=False),),
        done=W("有人去看了", "Somebody went to look"),
    ),
    Step(
        "confirm",
        W("属实", "It is real"),
        ("desk",),
        ("raised", "going"),
        "real",
        key="R",
        near=True,
        stops=("alarm_answer",),
        effect=heard_at_last,
        tells=("above",),
        fields=(words(W("看到什么", "What is seen")), photos(W("现场照片", "Photo from the place"))),
        done=W("属实", "It was real"),
    ),
    Step(
        "settle",
        W("处置完了", "Settled"),
        ("desk",),
        ("going", "real"),
        "settled",
        key="S",
        rules=(has_proof, is_silent_now),
        stops=("*",),
        fields=(
            words(W("怎么处置的", "What was done")),
            photos(W("现场照片", "Photo from the place")),
            Field("no_photo", W("为什么没有照片", "Why there is no photo"), max_length=120, scrubbed=True, shown=False),
            Field("by_hand", W("现场安全，设备复不了位", "The place is safe, the device cannot be reset"), "yesno", shown=False),
        ),
        done=W("处置完了", "Settled"),
    ),
    Step(
        "false",
        W("误报", "False alarm"),
        ("desk",),
        ("raised", "going"),
        "false_alarm",
        key="F",
        effect=false,
        stops=("*",),
        fields=(
            Field("cause", W("怎么回事", "What it was"), "choice", required=True, options=CAUSES, shown=False),
            words(W("怎么确认是误报的", "How this is known")),
        ),
        done=W("误报", "A false alarm"),
    ),
    Step(
        "pass_on",
        W("转为说事", "Pass on as a matter"),
        ("desk",),
        ("going", "real"),
        "passed",
        key="M",
        effect=passed,
        stops=("*",),
        fields=(words(W("要谁办什么", "What has to be done")),),
        tells=("above",),
        done=W("转为说事办理", "Passed on as a matter"),
    ),
    Step(
        "danger",
        W("有危险，已经叫人", "Danger: help was called"),
        ("staff",),
        OPEN,
        key="D",
        near=True,
        effect=endangered,
        starts=("danger",),
        tells=("desk", "above"),
        fields=(
            Field("called", W("叫了谁", "Who was called"), "choice", required=True, options=CALLED, shown=False),
            words(W("谁有危险，在哪里", "Who is in danger, where")),
        ),
        done=W("有危险，叫了 110、119 或 120", "Danger: 110, 119 or 120 was called"),
    ),
    Step(
        "review_danger",
        W("复核危险报告", "Review the danger"),
        ("desk", "above"),
        OPEN,
        rules=(is_danger,),
        effect=over,
        stops=("danger",),
        fields=(words(W("怎么样了", "How it went")),),
        done=W("危险报告复核过了", "The report of danger was reviewed"),
    ),
    Step(
        "note",
        W("内部备注", "Note"),
        ("staff",),
        OPEN,
        key="N",
        public=False,
        fields=(words(W("备注", "A note")),),
        done=W("备注", "Note"),
    ),
    Step(
        "again",
        W("又响了", "It sounds again"),
        ("clock",),
        OPEN,
        effect=again,
        tells=("desk",),
        public=False,
        fields=(Field("times", W("一共几次", "How often"), "number", required=True, shown=False),),
        done=W("又响了", "It sounded again"),
    ),
    Step(
        "cleared",
        W("设备复位", "The device reset"),
        ("clock",),
        OPEN,
        effect=cleared,
        public=False,
        done=W("设备复位，不响了", "The device stopped"),
    ),
    Step(
        "unanswered",
        W("没人应答", "Nobody answered"),
        ("clock",),
        ("raised",),
        effect=late,
        tells=("desk", "above"),
        done=W("没人应答，已报上一级", "Nobody answered; told to the level above"),
    ),
    Step(
        "remind",
        W("到期提醒", "Reminder"),
        ("clock",),
        OPEN,
        folds=True,
        tells=("holder", "desk"),
        done=W("超过时限", "Past its time"),
    ),
    Step(
        "go_up",
        W("自动上提一级", "Gone up a level"),
        ("clock",),
        OPEN,
        effect=gone_up,
        tells=("above", "desk"),
        done=W("一直没有办，已报上一级", "Still not done; told to the level above"),
    ),
    *rights.steps(STATES),
)
PROCEDURE = Procedure(
    "alarm", 1, W("设备告警", "Alarm of a device"), STATES, STEPS, CLOCKS, opening=OPENING, first="raised", counted=False,
    titles=tuple(alarm.label for alarm in ALARMS.values()),
)
