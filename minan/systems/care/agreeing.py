"""The agreement 平安约定: a person (or their guardian) asks for a daily sign of life, changes it, ends it; and whom they named to help.

What is a step here stands on a record for good; a sign, a pause, a missed morning is none (models.Watch, watching.py).
"""

from __future__ import annotations

from minan.kernel import childhood, common, rights, telling
from minan.kernel.procedure import Ask, Change, Child, Field, Procedure, State, Step, Words
from minan.systems.care import fields as f

W = Words
POINT = "point"  # the word of the units that take agreements in: the village's own point
ERASED = ("name", "phone", "address", "kin_name", "kin_phone", "guardian", "email", "push", "openid", rights.ACCOUNT)
HANDS_MOST = 3
CONSENT = Field(
    "agreed", W("我同意：每天到点没报平安，先提醒我，再告诉我写的家人，再请村里上门看看；我随时可以停", "I agree: when no sign came by the hour, first I am reminded, "
    "then whom I named is told, then the village comes to see; I may end it at any time"), "yesno", required=True,
)  # fmt: skip
HOUR = Field("hour", W("每天几点前报平安", "By which hour each day"), "choice", required=True, options=f.HOURS)
WAY = Field("way", W("怎么报平安", "How the sign is given"), "choice", required=True, options=f.WAYS)
# Who may be a guardian of a grown-up: Civil Code art. 28 and 33 (引用前请核对).
GROUNDS = (
    ("spouse", W("配偶", "Spouse")), ("child", W("子女、父母", "Child or parent")), ("kin", W("其他近亲属", "Other close relative")),
    ("named", W("居委会、村委会同意的，或者法院指定的", "Agreed to by the committee, or named by the court")), ("deed", W("本人书面约定的",
    "Named by themselves in writing")),
)  # fmt: skip

STATES = (
    State("on", W("约定着", "Agreed")),
    State("ended", W("已停，都擦掉了", "Ended, and erased"), final=True, keep_days=0),
)
EVERY = tuple(s.name for s in STATES)


def said_yes(ask: Ask) -> Words | None:
    return None if ask.facts.get("agreed") else W("没有点“同意”，就不约", "Without your yes there is no agreement")


def guardian_says_who(ask: Ask) -> Words | None:
    """DOMAIN.md, Red lines: only care that the person, or their guardian, asked for. What a guardian is: Civil Code art. 27–35 (引用前请核对)."""
    if ask.facts.get("asked_by") == "guardian" and not ask.facts.get("ground"):
        return W("监护人替约的，写明凭什么是监护人", "A guardian says by what they are the guardian")
    return None


def in_a_village(ask: Ask) -> Words | None:
    if ask.case["desk"] and ask.offices.works_at(ask.case["desk"], ask.case["place"]):
        return None
    return W("选到村、社区：要有人能上门", "Choose the village or community: somebody must be able to come")


def asked(ask: Ask) -> Change:
    facts = {name: ask.facts[name] for name in ("hour", "way")}
    return Change(set={"title": "平安约定"}, facts=facts)


def changed(ask: Ask) -> Change:
    return Change(facts={name: ask.facts[name] for name in ("hour", "way")})


def few_hands(ask: Ask) -> Words | None:
    if int(ask.case["facts"].get("hands", 0)) >= HANDS_MOST:
        return W(f"最多 {HANDS_MOST} 位帮手，先去掉一位", f"At most {HANDS_MOST} helpers: remove one first")
    return None


def hand_added(ask: Ask) -> Change:
    n = int(ask.case["facts"].get("named", 0)) + 1  # a number of its own for each that ever was, so that none is taken twice
    facts = {"hands": int(ask.case["facts"].get("hands", 0)) + 1, "named": n}
    child = Child("care_hand", {"who": ask.facts["who"]}, f"hand{n}", link="own")
    return Change(facts=facts, children=(child,))


def hand_gone(ask: Ask) -> Change:
    return Change(facts={"hands": max(0, int(ask.case["facts"].get("hands", 0)) - 1)})


def ended(_ask: Ask) -> Change:
    return Change(erases=ERASED, facts=dict.fromkeys(("hour", "way", "hands", "named")))


WHO = Field("who", W("是您的谁", "Who they are to you"), "choice", required=True, options=(
    ("child", W("儿女", "Child")), ("kin", W("亲戚", "Relative")), ("neighbour", W("邻居", "Neighbour")), ("friend", W("朋友", "Friend")),
))  # fmt: skip
OPENING = Step(
    "ask", W("约定报平安", "Agree on a daily sign"), ("speaker", "intake"), to="on", tells=("desk",),
    fields=(
        Field("asked_by", W("谁来约", "Who asks"), "choice", required=True, options=f.ASKERS),
        Field("ground", W("凭什么是监护人（自己约的不选）", "By what the guardian is the guardian"), "choice", options=GROUNDS),
        Field("guardian", W("监护人的姓名", "Name of the guardian"), "text", data="P2", max_length=40),
        f.NAME, f.PLACE, f.ADDRESS, f.PHONE, HOUR, WAY, f.KIN_NAME, f.KIN_PHONE, CONSENT,
    ),
    rules=(said_yes, guardian_says_who, in_a_village), effect=asked, done=W("约定了每天报平安", "A daily sign was agreed on"),
)  # fmt: skip
STEPS = (
    Step(
        "change", W("改时间、改办法", "Change hour or way"), ("speaker", "desk"), ("on",), fields=(HOUR, WAY),
        effect=changed, done=W("改了时间或办法", "Hour or way was changed"),
    ),
    Step(
        "kin", W("改告诉谁", "Change whom to tell"), ("speaker", "desk"), ("on",), fields=(f.KIN_NAME, f.KIN_PHONE),
        done=W("改了先告诉谁", "Whom to tell first was changed"),
    ),
    Step(
        "add_hand", W("加一位帮手", "Add a helper"), ("speaker", "desk"), ("on",), fields=(WHO,), rules=(few_hands,), effect=hand_added,
        done=W("加了一位帮手", "A helper was added"),
    ),
    Step("hand_left", W("帮手不帮了", "A helper left"), ("clock",), ("on",), effect=hand_gone, done=W("一位帮手不帮了", "A helper left")),
    Step(
        "end", W("停掉约定", "End it"), ("speaker", "desk", "clock"), ("on",), "ended", effect=ended, stops=("*",), tells=("desk",),
        done=W("停了，姓名、电话、住址都擦掉了", "Ended: name, phone and address are erased"),
    ),
    *(s for s in common.looking(EVERY) if s.name in ("ask_look", "allow_look", "refuse_look", "look", "defer", common.TOLD)),
    *rights.steps(STATES),
    *telling.steps(STATES),
)  # fmt: skip
CARE = Procedure(
    "daily_sign", 1, W("平安约定", "Daily sign"), STATES, STEPS, (common.DEFERRAL, rights.HOLD), opening=OPENING, first="on",
    privacy="confidential", desk=POINT, counted=False, room="care:own",
)  # fmt: skip

# ---- whom they named to look in


HAND_STATES = (
    State("helping", W("帮着看", "Helping"), holder="speaker"),
    State("left", W("不帮了", "Left"), final=True, keep_days=0),
)


def named(ask: Ask) -> Change:
    return Change(set={"title": "平安约定的帮手"}, facts={"who": ask.facts["who"]})


HAND_STEPS = (
    Step(
        "leave", W("不帮了", "Leave"), ("speaker", "desk", "clock"), ("helping",), "left", stops=("*",), parent="hand_left",
        done=W("不帮了，链接作废", "Left: the link holds no more"),
    ),
    *childhood.steps(("helping",), "left"),
    *(s for s in common.looking(("helping", "left")) if s.name in ("defer", common.TOLD)),
    *rights.steps(HAND_STATES),
)  # fmt: skip
HAND = Procedure(
    "care_hand", 1, W("平安约定的帮手", "Helper of a daily sign"), HAND_STATES, HAND_STEPS, (common.DEFERRAL, rights.HOLD),
    opening=Step("name", W("请帮手", "Ask a helper"), ("clock",), to="helping", fields=(WHO,), effect=named, done=W("请您帮着看",
        "You were asked to help")),
    first="helping", privacy="confidential", counted=False, guest=True, room="care:own",
)  # fmt: skip
