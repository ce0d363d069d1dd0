"""The life of an event for residents 活动 (an open day, a talk, a show), and of a seat booked at it 报名. Pure.

The event is checked by a second person like a bulletin. A seat is a case of its own, with the booker's own link and code; the
name lies in the vault and goes seven days after. Who came is a number, never a list.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from minan.kernel import rights
from minan.kernel.procedure import Ask, Change, Clock, Field, Procedure, State, Step, Words
from minan.systems.bulletins import bulletin as b

W = Words
SEATS_MOST, PARTY_MOST, HOURS_MOST = 2000, 4, 24
ENDS = "gathering_ends"
_TIMES = tuple(f"{half // 2:02d}:{half % 2 * 30:02d}" for half in range(14, 44))
HOURS = tuple((at, W(f"{at} 开始", f"at {at}")) for at in _TIMES)
NAMES = ("booker", "phone", "account")


def starts_at(day: str, hour: str) -> datetime:
    """When it begins ("2030-11-25", "14:30")."""
    return datetime.combine(b.begin_of(day).date(), time.fromisoformat(hour), b.LOCAL)


def is_a_time(ask: Ask) -> Words | None:
    if starts_at(ask.facts["day"], ask.facts["hour"]) <= ask.at:
        return W("开始的时间已经过了", "It would have begun already")
    if not 1 <= ask.facts["lasts"] <= HOURS_MOST:
        return W(f"几个小时，1 到 {HOURS_MOST}", f"For 1 to {HOURS_MOST} hours")
    if not 1 <= ask.facts["seats"] <= SEATS_MOST:
        return W(f"座位 1 到 {SEATS_MOST} 个", f"From 1 to {SEATS_MOST} seats")
    return None


def announced(ask: Ask) -> Change:
    facts = ask.facts
    begins = starts_at(facts["day"], facts["hour"])
    ends = begins + timedelta(hours=facts["lasts"])
    said = {"at": begins.isoformat(), "ends": ends.isoformat(), "seats": facts["seats"], "author": ask.person, "by": ask.unit}
    said["pictures"] = [p["sha256"] for p in facts.get("photos") or []] or None
    words = {"title": facts["title"], "text": facts["text"], "place_words": facts["place_words"]}
    return Change(set=words, facts=said, starts=("gathering_check",))


def not_begun(ask: Ask) -> Words | None:
    if datetime.fromisoformat(ask.case["facts"]["at"]) <= ask.at:
        return W("已经开始了", "It has begun")
    return None


def opened(ask: Ask) -> Change:
    ends = datetime.fromisoformat(ask.case["facts"]["ends"])
    return Change(facts={"seen_by": ask.person}, starts=(ENDS,), due={ENDS: ends})


def counted(ask: Ask) -> Change:
    return Change(facts={"attended": ask.facts["attended"], "booked": ask.facts["booked"]})


GATHERING_STATES = (
    State("unchecked", W("待复核", "To be checked"), holder="desk"),
    State("bookable", W("可以报名", "Open for booking")),
    State("held", W("办过了", "Held"), final=True, keep_days=1095),
    State("called_off", W("取消了", "Called off"), final=True, keep_days=1095),
)
GATHERING_CLOCKS = (
    Clock(
        "gathering_check", W("第二个人复核活动", "A second person checks the event"), owner="desk", at_due="remind", at_escalate="go_up"
    ),
    Clock(ENDS, W("活动结束", "The event ends"), owner="desk", at_due="end", quiet=True),
)
ANNOUNCE = Step(
    "announce", W("办活动", "Announce an event"), ("intake",), to="unchecked", effect=announced, public=False, tells=("desk",),
    rules=(is_a_time, b.in_our_range, b.names_nobody),
    fields=(
        b.TITLE, b.TEXT, Field("place", W("给哪里的人", "For the people of which place"), "place", required=True),
        Field("place_words", W("在哪儿办", "Where it is held"), "text", required=True, max_length=60),
        Field("day", W("哪一天", "Which day"), "date", required=True),
        Field("hour", W("几点开始", "At what hour"), "choice", required=True, options=HOURS),
        Field("lasts", W("几个小时", "For how many hours"), "number", required=True),
        Field("seats", W("几个座位", "How many seats"), "number", required=True), b.PICTURE,
    ),
)  # fmt: skip
GATHERING = Procedure(
    "gathering", 1, W("活动", "Event for residents"), GATHERING_STATES,
    (
        Step(
            "check", W("复核通过，开放报名", "Checked: open for booking"), ("desk",), ("unchecked",), "bookable", key="A", near=True, public=False,
            rules=(b.another_person, not_begun), effect=opened, stops=("gathering_check",),
        ),
        Step(
            "call_off", W("取消活动", "Call it off"), ("desk", "above"), ("unchecked", "bookable"), "called_off", key="X", public=False,
            effect=lambda ask: Change(facts={"why": ask.facts["words"]}),
            fields=(Field("words", W("告诉报名的人为什么", "Tell who booked why"), "long", required=True, scrubbed=True, max_length=200),),
            stops=("*", ENDS),
        ),
        Step("end", W("活动结束", "The event ended"), ("clock",), ("bookable",), "held", stops=("*", ENDS), public=False),
        Step(
            "count", W("清点人数", "Count"), ("clock",), ("held",), effect=counted, public=False,
            fields=(
                Field("attended", W("来了几个人", "How many came"), "number", required=True, shown=False),
                Field("booked", W("报了几个人", "How many had booked"), "number", required=True, shown=False),
            ),
        ),
        Step("remind", W("到期提醒", "Reminder"), ("clock",), folds=True, tells=("holder",), public=False),
        Step("go_up", W("自动上提一级", "Gone up a level"), ("clock",), effect=b.gone_up, tells=("above",), public=False),
    ),
    GATHERING_CLOCKS, opening=ANNOUNCE, first="unchecked", counted=False,
)  # fmt: skip


# ---- a seat


def has_seats(ask: Ask) -> str:
    return "booked" if ask.facts.get("granted") else "waiting"


def asked(ask: Ask) -> Change:
    facts = ask.facts
    desk = {"desk": facts["desk"]} if facts.get("desk") else {}
    kept = {name: facts[name] for name in ("gathering", "people", "what")}
    return Change(set={"title": facts["what"], **desk}, facts=kept)


def few(ask: Ask) -> Words | None:
    if not 1 <= ask.facts["people"] <= PARTY_MOST:
        return W(f"一次 1 到 {PARTY_MOST} 个人", f"For 1 to {PARTY_MOST} people at a time")
    return None


def cancelled(ask: Ask) -> Change:
    return Change(erases=NAMES)


SEAT_STATES = (
    State("booked", W("报上了", "Booked")),
    State("waiting", W("候补", "On the waiting list")),
    State("over", W("活动过了", "The event is over")),
    State("cancelled", W("取消了报名", "Booking cancelled"), final=True, keep_days=7),
    State("forgotten", W("已擦除", "Erased"), final=True, keep_days=1),
)
BOOK = Step(
    "book", W("报名", "Book"), ("clock",), to_any=("booked", "waiting"), decide=has_seats, effect=asked, rules=(few,),
    done=W("您报了名", "You booked"),
    fields=(
        Field("people", W("几个人", "How many people"), "number", required=True),
        Field("booker", W("怎么称呼", "Your name"), "text", required=True, data="P2", keep_days=7, max_length=40),
        Field(
            "phone", W("手机", "Mobile"), "phone", data="P2",
            hint=W("活动取消、候补补上时发短信；七天后擦掉", "A text if it is called off or a seat comes free; erased after seven days"),
        ),
        Field("gathering", W("哪个活动", "Which event"), "text", required=True, max_length=15, shown=False),
        Field("what", W("活动名称", "Its name"), "text", required=True, max_length=60, shown=False),
        Field("granted", W("有座位", "A seat is there"), "yesno", shown=False),
        Field("place", W("地点", "Place"), "place", shown=False),
        Field("desk", W("哪个说事点的活动", "Whose event it is"), "unit", shown=False),
    ),
)  # fmt: skip
SEAT = Procedure(
    "seat", 1, W("活动报名", "Seat at an event"), SEAT_STATES,
    (
        Step(
            "cancel", W("不去了，取消", "Cancel"), ("speaker",), ("booked", "waiting"), "cancelled", effect=cancelled,
            stops=("*",), done=W("您取消了报名", "You cancelled"),
        ),
        Step(
            "move_up", W("候补补上了", "A seat came free"), ("clock",), ("waiting",), "booked", tells=("speaker",),
            done=W("有座位了，您补上了", "A seat came free: you are in"),
        ),
        Step(
            "called_off", W("活动取消", "The event was called off"), ("clock",), ("booked", "waiting"), "over", tells=("speaker",),
            starts=("seat_forget",), fields=(Field("words", W("为什么", "Why"), "long", max_length=200),),
            done=W("活动取消了", "The event was called off"),
        ),
        Step("over", W("活动过了", "The event is over"), ("clock",), ("booked", "waiting"), "over", starts=("seat_forget",), public=False),
        Step("forget", W("擦除", "Erase"), ("clock",), ("over",), "forgotten", stops=("seat_forget",), effect=cancelled, public=False),
        *rights.steps(SEAT_STATES),
    ),
    (Clock("seat_forget", W("擦除报名人", "The booker is erased"), owner="desk", at_due="forget", quiet=True), rights.HOLD),
    opening=BOOK, first="booked", counted=False, privacy="house",  # in nobody's inbox: who booked is nobody's business
)  # fmt: skip
