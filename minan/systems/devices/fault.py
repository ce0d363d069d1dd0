"""设备故障: a device is silent or wrong; somebody looks after it, by a clock. That it speaks again ends a silence nobody had looked at yet."""

from __future__ import annotations

from minan.kernel import childhood, rights
from minan.kernel.procedure import Ask, Change, Clock, Field, Procedure, State, Step, Words

W = Words
KEEP = 365
OPEN = ("silent", "looking", "ordered")
WHY = (
    ("silent", W("没有声音了", "It fell silent")),
    ("wrong", W("乱报警、数不对", "It cries wolf or reads wrong")),
    ("area", W("这一片的设备一起没有声音了", "Many of one place fell silent together")),
    ("dark", W("摄像机打不开", "The camera does not answer")),
)
STATES = (
    State("silent", W("有故障，待查看", "Out of order"), holder="desk"),
    State("looking", W("有人在查", "Being looked at"), holder="desk"),
    State("ordered", W("等厂家或配件", "Waiting for its maker or a part"), holder="desk"),
    State("mended", W("修好了", "Mended"), final=True, keep_days=KEEP),
    State("back", W("自己恢复了", "Back by itself"), final=True, keep_days=KEEP),
    State("retired", W("停用了", "Taken out of service"), final=True, keep_days=KEEP),
)
CLOCKS = (
    Clock("fault_find", W("有人去查", "Somebody looks"), owner="desk", at_due="remind", at_escalate="go_up"),
    Clock("fault_mend", W("修好或停用", "Mended or taken out"), owner="desk", at_due="remind", at_escalate="go_up"),
    rights.HOLD,
)


def words(label: Words, *, required: bool = True) -> Field:
    return Field("words", label, "long", required=required, scrubbed=True, shown=False, max_length=600)


def begun(ask: Ask) -> Change:
    facts, why = ask.facts, dict(WHY)[ask.facts["why"]]
    return Change(
        set={
            "title": f"{why.zh}：{facts['mounted']}"[:120], "place_words": facts["mounted"], "desk": facts["unit"],
            "urgency": "urgent" if facts.get("urgent") else "ordinary",
        },
        facts={"device": facts["device"], "why": facts["why"]},
    )  # fmt: skip


def speaks(ask: Ask) -> Change:
    return Change(facts={"speaks": True})


def not_over_yet(ask: Ask) -> Words | None:
    """A device that is still silent is not mended."""
    if ask.case["facts"]["why"] in ("silent", "dark") and not ask.case["facts"].get("speaks"):
        return W(
            "设备还没有声音。修好的标志是它自己报上来；修不了就停用",
            "It is still silent. It is mended when it speaks; else take it out of service",
        )
    return None


def gone_up(ask: Ask) -> Change:
    return Change(marks={"escalated": True})


OPENING = Step(
    "begin", W("设备故障", "A device is out of order"), ("clock",), to="silent", effect=begun, starts=("fault_find", "fault_mend"),
    tells=("desk",), public=False,
    fields=(
        Field("device", W("设备", "Device"), required=True, max_length=40, shown=False),
        Field("why", W("怎么了", "What is wrong"), "choice", required=True, options=WHY, shown=False),
        Field("unit", W("归谁管", "Whose it is"), "unit", required=True, shown=False),
        Field("place", W("地点", "Place"), "place", required=True),
        Field("mounted", W("装在哪里", "Where it is mounted"), required=True, max_length=120, shown=False),
        Field("urgent", W("人命攸关的设备", "A life depends on it"), "yesno", shown=False),
    ),
    done=W("设备有故障", "The device is out of order"),
)  # fmt: skip
STEPS = (
    Step(
        "look", W("我去查", "I will check"), ("desk",), ("silent",), "looking", key="T", near=True, stops=("fault_find",),
        fields=(words(W("谁去查（可以不写）", "Who goes (may be left empty)"), required=False),), done=W("有人去查", "Somebody looks"),
    ),
    Step(
        "order", W("等厂家或配件", "Wait for its maker"), ("desk",), ("silent", "looking"), "ordered", key="O", stops=("fault_find",),
        fields=(words(W("叫了谁，什么时候来", "Who was called, when they come")),), done=W("等厂家或配件", "Waits for its maker or a part"),
    ),
    Step(
        "mend", W("修好了", "Mended"), ("desk",), OPEN, "mended", key="S", rules=(not_over_yet,), stops=("*",),
        fields=(
            words(W("什么毛病，怎么修的", "What it was and what was done")),
            Field("photos", W("照片", "Photo"), "photos", shown=False),
        ),
        done=W("修好了", "Mended"),
    ),
    Step(
        "retire", W("停用这台设备", "Take it out of service"), ("desk",), OPEN, "retired", key="X", stops=("*",),
        fields=(words(W("为什么停用，这里以后靠什么", "Why, and what does its work from now on")),), done=W("停用了", "Taken out of service"),
    ),
    Step(
        "back", W("又有声音了", "It speaks again"), ("clock",), ("silent",), "back", stops=("*",), tells=("desk",), public=False,
        done=W("又有声音了，自己恢复", "It speaks again"),
    ),
    Step("speaks", W("又有声音了", "It speaks again"), ("clock",), ("looking", "ordered"), effect=speaks, tells=("desk",), public=False,
         done=W("又有声音了，等查的人确认", "It speaks again; whoever looks has to confirm")),
    Step("note", W("内部备注", "Note"), ("staff",), OPEN, key="N", public=False, fields=(words(W("备注", "A note")),), done=W("备注", "Note")),
    Step(
        "go_up", W("自动上提一级", "Gone up a level"), ("clock",), OPEN, effect=gone_up, tells=("above", "desk"),
        done=W("一直没有修，已报上一级", "Still not mended; told to the level above"),
    ),
    Step("remind", W("到期提醒", "Reminder"), ("clock",), OPEN, folds=True, tells=("holder", "desk"), done=W("超过时限", "Past its time")),
    childhood.keep_away(OPEN),  # it outlives the alarm that told of it
    *rights.steps(STATES),
)  # fmt: skip
PROCEDURE = Procedure(
    "fault", 1, W("设备故障", "Fault of a device"), STATES, STEPS, CLOCKS, opening=OPENING, first="silent", counted=False,
    titles=tuple(words for _, words in WHY),
)
