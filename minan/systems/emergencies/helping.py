"""Help at home 在家求助 while a mode is on: one case a need, to the village's desk, with clocks; talk both ways by text and voice.

A registration holds only what is needed to help: which household, how many, what they need, how to reach them. No name is asked.
What is said lies in the vault. Nobody may hold it beyond its date: there is no step by which it could be kept.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from minan.kernel import choosing, directory, rights
from minan.kernel.procedure import Ask, Change, Clock, Field, Procedure, State, Step, Words
from minan.systems.emergencies import modes

W = Words
KEEP = 180  # days at most, whatever happens to the mode; as a rule the mode's own date comes first
OPENED_HOURS = 12  # a shift: how long who opened a case reads it without opening it again
HEARD_MINUTES = 10
RETURN = "return"
NEEDS = (
    ("food", W("吃的用的", "Food and supplies")),
    ("medicine", W("药", "Medicine")),
    ("doctor", W("想找大夫", "A doctor")),
    ("child", W("有孩子要照看", "Somebody to look after a child")),
    ("animal", W("有牲口、宠物要照看", "Somebody to look after an animal")),
    (RETURN, W("刚回来，要报备、可能要帮忙", "Just returned, and may need help")),
)
OPEN = ("asked", "helping")
STATES = (
    State("asked", W("等村（社区）接", "Awaits the desk"), holder="desk"),
    State("helping", W("在帮", "Being helped"), holder="desk"),
    State("helped", W("帮到了", "Helped"), final=True, keep_days=KEEP),
    State("called_off", W("不用了", "Called off"), final=True, keep_days=KEEP),
    State("forgotten", W("到期删除", "Deleted on its date"), final=True, keep_days=KEEP),
)
CLOCKS = (
    Clock(
        "home_contact", W("联系求助的人家", "Reach the household"), owner="desk", at_due="remind", at_escalate="go_up"
    ),
    Clock("home_help", W("帮到", "Help them"), owner="desk", at_due="remind", at_escalate="go_up"),
)
WORDS = Field("words", W("要说的话", "What you want to say"), "long", paper=True, max_length=1000)
VOICE = (
    Field("voice_key", W("录音的钥匙", "Key of the voice note"), "text", paper=True, max_length=80),
    Field("seconds", W("几秒", "Seconds"), "number", shown=False),
)


# ---- rules


def mode_is_on(ask: Ask) -> Words | None:
    """Without a mode over the place nothing can be registered."""
    if modes.over(ask.facts.get("place") or ask.case["place"], ask.at) is None:
        return W("这里现在没有实行健康应急", "No health emergency is on there")
    return None


def in_a_village(ask: Ask) -> Words | None:
    if directory.within(ask.facts.get("place", ""), "village"):
        return None
    return W("选到村、社区", "Choose the village or community")


def listed_return(ask: Ask) -> Words | None:
    """A return is one line of the declaration's closed list, by its number; without such a list none is registered."""
    mode = modes.over(ask.facts.get("place", ""), ask.at)
    said, most = ask.facts.get("came"), len(mode.facts.get("returns") or []) if mode else 0
    if ask.facts["need"] == RETURN and not most:
        return W("公告没有要求登记返回", "The announcement asks for no returns")
    if ask.facts["need"] == RETURN and said is None:
        return W("选一项", "Choose one")
    if said is not None and (ask.facts["need"] != RETURN or not 1 <= said <= most):
        return W("只有报返回才选，从列出的几项里选一项", "Only for a return, and one of those listed")
    return None


def few_people(ask: Ask) -> Words | None:
    return None if 1 <= ask.facts["people"] <= 30 else W("写 1 到 30", "Write 1 to 30")


def opened_before(ask: Ask) -> Words | None:
    if reads(ask.case["facts"], ask.person, ask.at):
        return None
    return W("先按“打开看”", "Open it first")


# ---- effects


def village_desk(place: str) -> str:
    """The village's own desk where somebody works there, else the desk over it."""
    point = choosing.one(directory.POINT, directory.within(place, "village"))
    held = {post.unit for posts in directory.city().posts.values() for post in posts}
    return point if point in held else ""


def reads(facts: dict[str, dict[str, str]], person: str, now: datetime) -> bool:
    """Whether this member of staff opened the case within the shift and may read it."""
    until = (facts.get("opened") or {}).get(person, "")
    return bool(until) and datetime.fromisoformat(until) > now


def hears(facts: dict[str, dict[str, str]], person: str, n: int, now: datetime) -> bool:
    """Whether this member of staff pressed for this very voice note within the last minutes."""
    until = (facts.get("heard") or {}).get(f"{person}:{n}", "")
    return bool(until) and datetime.fromisoformat(until) > now


def registered(ask: Ask) -> Change:
    need, desk = dict(NEEDS)[ask.facts["need"]], village_desk(ask.facts["place"]) or ask.case["desk"]
    facts = {name: ask.facts[name] for name in ("need", "people", "came") if name in ask.facts}
    return Change(set={"desk": desk, "title": f"在家求助：{need.zh}"}, facts=facts)


def opened(ask: Ask) -> Change:
    until = ask.at + timedelta(hours=OPENED_HOURS)
    return Change(facts={"opened": (ask.case["facts"].get("opened") or {}) | {ask.person: until.isoformat()}})


def heard(ask: Ask) -> Change:
    until = ask.at + timedelta(minutes=HEARD_MINUTES)
    held = {k: v for k, v in (ask.case["facts"].get("heard") or {}).items() if datetime.fromisoformat(v) > ask.at}
    return Change(facts={"heard": held | {f"{ask.person}:{ask.facts['n']}": until.isoformat()}})


def reached(ask: Ask) -> Change:
    return Change(stops=("home_contact",))


def gone_up(ask: Ask) -> Change:
    return Change(marks={"escalated": True})


def forgotten(ask: Ask) -> Change:
    """In nobody's inbox any more: no desk holds it."""
    return Change(set={"desk": "", "unit": "", "ruler": "", "title": "", "text": ""}, marks={"escalated": None})


# ---- steps

OPENING = Step(
    "register",
    W("登记在家求助", "Ask for help at home"),
    ("speaker", "intake"),
    to="asked",
    effect=registered,
    rules=(in_a_village, mode_is_on, few_people, listed_return),
    starts=("home_contact", "home_help"),
    tells=("desk",),
    fields=(
        Field("need", W("需要什么", "What do you need"), "choice", required=True, options=NEEDS),
        Field("came", W("从哪里回来", "Where from"), "number", shown=False),
        Field("people", W("家里几口人", "How many are at home"), "number", required=True),
        Field("place", W("哪个村、社区", "Village or community"), "place", required=True),
        Field("address", W("几号楼、几单元、门牌", "House, door"), "text", required=True, data="P2", max_length=80),
        Field("phone", W("电话（方便联系您）", "Phone, so that we can reach you"), "phone", data="P2"),
        Field("words", W("还要说明的", "Anything else"), "long", paper=True, max_length=1000),
    ),
    done=W("登记了", "Registered"),
)
STEPS = (
    Step(
        "open_it",
        W("打开看", "Open it"),
        ("desk",),
        ("asked", "helping", "helped", "called_off"),
        key="O",
        near=True,
        effect=opened,
        done=W("村（社区）打开看了", "The desk opened it"),
    ),
    Step(
        "take_on",
        W("我来帮", "Take it on"),
        ("desk",),
        ("asked",),
        "helping",
        key="A",
        near=True,
        rules=(opened_before,),
        tells=("speaker",),
        stops=("home_contact",),
        done=W("有人接了，正在想办法", "Somebody took it on"),
    ),
    Step(
        "say",
        W("说话", "Say something"),
        ("speaker",),
        OPEN,
        fields=(WORDS,),
        tells=("desk",),
        done=W("您说了话", "You said something"),
    ),
    Step(
        "reply",
        W("回话", "Answer"),
        ("desk",),
        OPEN,
        key="R",
        rules=(opened_before,),
        effect=reached,
        fields=(WORDS,),
        tells=("speaker",),
        done=W("村（社区）回了话", "The desk answered"),
    ),
    Step(
        "note_kept",
        W("录音收好了", "The voice note is kept"),
        ("clock",),
        OPEN,
        fields=VOICE,
        public=False,
    ),
    Step(
        "listen",
        W("听录音", "Play a voice note"),
        ("desk",),
        ("asked", "helping", "helped", "called_off"),
        rules=(opened_before,),
        effect=heard,
        fields=(Field("n", W("第几步的录音", "Of which step"), "number", required=True, shown=False),),
        done=W("村（社区）听了录音", "The desk played a voice note"),
    ),
    Step(
        "help_done",
        W("帮到了", "Helped"),
        ("desk",),
        ("helping",),
        "helped",
        key="D",
        rules=(opened_before,),
        stops=("*",),
        tells=("speaker",),
        fields=(Field("words", W("怎么帮的", "What was done"), "long", required=True, paper=True, max_length=600),),
        done=W("帮到了", "Helped"),
    ),
    Step(
        "call_off",
        W("不用帮了", "No longer needed"),
        ("speaker",),
        OPEN,
        "called_off",
        stops=("*",),
        tells=("desk",),
        done=W("您说不用了", "You called it off"),
    ),
    Step("remind", W("到期提醒", "Reminder"), ("clock",), folds=True, tells=("holder", "above"), public=False),
    Step("go_up", W("自动上提一级", "Gone up a level"), ("clock",), effect=gone_up, tells=("above",), public=False),
    Step(
        "forget",
        W("到期删除", "Deleted on its date"),
        ("clock",),
        ("asked", "helping", "helped", "called_off"),
        "forgotten",
        effect=forgotten,
        stops=("*",),
        public=False,
    ),
    *(s for s in rights.steps(STATES) if s.name not in (rights.HOLD_STEP, rights.LIFT, rights.RELEASE)),
)

PROCEDURE = Procedure(
    "home_help",
    1,
    W("在家求助", "Help at home"),
    STATES,
    STEPS,
    CLOCKS,
    opening=OPENING,
    first="asked",
    privacy="confidential",
    counted=False,
    room="emergencies:room",
)
