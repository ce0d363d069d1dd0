"""The life of a bulletin 公告: an ordinary one is checked by a second person of the desk before anybody reads it; an emergency one
is out in seconds by the duty person alone, and a second person confirms or withdraws it afterwards, against a clock. Pure.

A campaign 宣传 is an ordinary bulletin with a topic, its days and a picture. What is wrong is corrected: an emergency at once, an
ordinary one when a second person has looked at the correction; withdrawing takes one person, for that is the safe side.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from minan.kernel.identify import sure
from minan.kernel.procedure import Ask, Change, Clock, Field, Procedure, State, Step, Words
from minan.systems.bulletins import words as w

W = Words
LOCAL = ZoneInfo("Asia/Shanghai")
KEEP = 1095
HOURS_MOST, DAYS_MOST, DAYS_ELSE, PLACES_MOST = 24, 90, 7, 40
RUNS = "bulletin_runs"


def end_of(day: str) -> datetime:
    """The last moment of a day in the city."""
    return datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(), LOCAL)


def begin_of(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(), LOCAL)


def is_emergency(ask: Ask) -> bool:
    return str(ask.facts.get("sort") or ask.case["facts"].get("sort")) == w.EMERGENCY


def last_day(ask: Ask) -> str:
    """The last day it is shown: as written, else a week from the first."""
    first = begin_of(str(ask.facts.get("since") or ask.at.astimezone(LOCAL).date().isoformat()))
    return str(ask.facts.get("until") or (first + timedelta(days=DAYS_ELSE)).date().isoformat())


def places_of(facts: Any, own: str) -> list[str]:
    """The places a bulletin is for, as codes: the one chosen, and those written after it."""
    return list(dict.fromkeys([own, *str(facts.get("more") or "").split()]))


# ---- rules


def fits_its_sort(ask: Ask) -> Words | None:
    """An emergency says hours; everything else has a last day, near enough."""
    hours, until = ask.facts.get("hours"), last_day(ask)
    if is_emergency(ask):
        if not isinstance(hours, int) or not 1 <= hours <= HOURS_MOST:
            return W(f"紧急公告写明几个小时，1 到 {HOURS_MOST}", f"An emergency notice says for how many hours, 1 to {HOURS_MOST}")
        return None
    first = begin_of(str(ask.facts.get("since") or ask.at.astimezone(LOCAL).date().isoformat()))
    if not ask.at < end_of(str(until)) <= first + timedelta(days=DAYS_MOST + 1) or end_of(str(until)) <= first:
        return W(
            f"最后一天不早于今天和第一天，最多 {DAYS_MOST} 天",
            f"The last day is not before today or the first; at most {DAYS_MOST} days",
        )
    return None


def in_our_range(ask: Ask) -> Words | None:
    """A desk speaks for its own places alone."""
    places = places_of(ask.facts, str(ask.facts.get("place") or ask.case["place"]))
    if len(places) > PLACES_MOST:
        return W(f"最多 {PLACES_MOST} 个地方，再多就选上一级", f"At most {PLACES_MOST} places; for more choose the level above")
    if any(not ask.offices.works_at(ask.unit, place) for place in places):
        return W("只能发给本单位管的地方", "Only for places this unit works in")
    return None


def of_the_desk(ask: Ask) -> Words | None:
    """An emergency goes out by the duty desk of points, stations and centres; a department asks the desk of the place."""
    if is_emergency(ask) and ask.unit != ask.case["desk"]:
        return W(
            "紧急公告由说事点、说事站、中心的值班人发；请打电话给他们",
            "Emergency notices go out from the duty desk of a point, station or centre: call them",
        )
    return None


def names_nobody(ask: Ask) -> Words | None:
    """A public wall bears no ID number, plate, bank card or mobile number; an office's phone may stand there."""
    text = f"{ask.facts.get('title') or ''}\n{ask.facts.get('text') or ''}"
    marks = [text[m.start : m.end] for m in sure(text) if m.sort != "phone" or text[m.start : m.end].lstrip("+86 ").startswith("1")]
    if marks:
        return W(
            f"公告里不写个人的手机号、证件号、车牌、卡号：{marks[0][:4]}…",
            f"A bulletin bears no personal phone, ID, plate or card number: {marks[0][:4]}…",
        )
    return None


def another_person(ask: Ask) -> Words | None:
    """Four eyes: whoever wrote it, or wrote the correction, does not check it."""
    fix = ask.case["facts"].get("fix") or {}
    if ask.person in (ask.case["facts"].get("author"), fix.get("by") if ask.step == "check_correction" else None):
        return W("是您自己写的，请本单位另一位同事复核", "You wrote it yourself: a colleague of this desk checks it")
    return None


def not_over(ask: Ask) -> Words | None:
    until = ask.case["facts"].get("until")
    if until and end_of(until) <= ask.at:
        return W("写的最后一天已经过了，请退回改日子", "Its last day has passed: send it back for another day")
    return None


def not_looked_at(ask: Ask) -> Words | None:
    if not is_emergency(ask) or ask.case["facts"].get("seen_by"):
        return W("没有等着事后复核的", "Nothing waits for a look afterwards")
    return None


def has_fix(ask: Ask) -> Words | None:
    return None if ask.case["facts"].get("fix") else W("没有等着复核的更正", "No correction waits to be checked")


# ---- effects


def _said(ask: Ask) -> dict[str, Any]:
    facts = ask.facts
    names = ("sort", "topic", "since", "until", "hours")
    said: dict[str, Any] = {name: facts.get(name) for name in names if name in facts}
    said["places"] = places_of(facts, str(facts.get("place") or ask.case["place"]))
    said["pictures"] = [p["sha256"] for p in facts.get("photos") or []] or ask.case["facts"].get("pictures")
    return said | {"author": ask.person, "by": ask.unit}


def written(ask: Ask) -> Change:
    """An emergency runs from now; the rest waits for a second person."""
    change = Change(set={"title": ask.facts["title"], "text": ask.facts["text"]}, facts=_said(ask))
    if is_emergency(ask):
        ends = ask.at + timedelta(hours=ask.facts["hours"])
        change.set["urgency"] = "emergency"
        change.facts |= {"at": ask.at.isoformat(), "ends": ends.isoformat()}
        change.starts, change.due = ("bulletin_review", RUNS), {RUNS: ends}
    else:
        change.facts["until"] = last_day(ask)
        change.starts = ("bulletin_check",)
    return change


def rewritten(ask: Ask) -> Change:
    kept = {name: ask.facts.get(name) or ask.case["facts"].get(name) for name in ("until", "topic")}
    pictures = [p["sha256"] for p in ask.facts.get("photos") or []] or ask.case["facts"].get("pictures")
    return Change(set={"title": ask.facts["title"], "text": ask.facts["text"]}, facts=kept | {"author": ask.person, "pictures": pictures})


def where_to(ask: Ask) -> str:
    return "published" if is_emergency(ask) else "unchecked"


def published(ask: Ask) -> Change:
    facts = ask.case["facts"]
    begins = max(ask.at, begin_of(facts["since"])) if facts.get("since") else ask.at
    ends = end_of(facts["until"])
    return Change(facts={"seen_by": ask.person, "at": begins.isoformat(), "ends": ends.isoformat()}, starts=(RUNS,), due={RUNS: ends})


def confirmed(ask: Ask) -> Change:
    return Change(facts={"seen_by": ask.person})


def corrected(ask: Ask) -> Change:
    said = {"title": ask.facts["title"], "text": ask.facts["text"]}
    if is_emergency(ask):
        again = ("bulletin_review",) if ask.case["facts"].get("seen_by") else ()
        return Change(set=said, facts={"author": ask.person, "seen_by": None, "fixed_at": ask.at.isoformat()}, starts=again)
    return Change(facts={"fix": said | {"by": ask.person}}, starts=("bulletin_check",))


def fixed(ask: Ask) -> Change:
    fix = ask.case["facts"]["fix"]
    said = {"title": fix["title"], "text": fix["text"]}
    return Change(set=said, facts={"fix": None, "fixed_at": ask.at.isoformat(), "author": fix["by"]})


def unfixed(ask: Ask) -> Change:
    return Change(facts={"fix": None})


def reached(ask: Ask) -> Change:
    return Change(facts={"reached": {name: ask.facts[name] for name in ("hours", "opened")}})


def gone_up(ask: Ask) -> Change:
    return Change(marks={"escalated": True})


TITLE = Field("title", W("标题", "Title"), "text", required=True, max_length=30)
TEXT = Field(
    "text", W("写什么", "Text"), "long", required=True, max_length=400,
    hint=W("大屏上要看得清：三句话以内最好", "It is read on a screen by a door: three sentences at best"),
)  # fmt: skip
UNTIL = Field("until", W("显示到哪一天", "Last day"), "date", hint=W("不写就是一周", "Left empty: a week"))
TOPIC = Field("topic", W("哪方面", "Topic"), "choice", options=w.TOPICS)
PICTURE = Field("photos", W("配图", "Picture"), "photos", hint=W("第一张上屏；不要有人脸、姓名", "The first is shown; no faces or names"))
WHY = Field("words", W("为什么", "Why"), "long", required=True, shown=False, scrubbed=True, max_length=400)
STATES = (
    State("unchecked", W("待复核", "To be checked"), holder="desk"),
    State("sent_back", W("退回修改", "Sent back"), holder="desk"),
    State("published", W("已发布", "Published")),
    State("withdrawn", W("已撤下", "Withdrawn"), final=True, keep_days=KEEP),
    State("expired", W("到期", "Expired"), final=True, keep_days=KEEP),
)
CLOCKS = (
    Clock("bulletin_check", W("第二个人复核", "A second person checks"), owner="desk", at_due="remind", at_escalate="go_up"),
    Clock("bulletin_review", W("紧急公告事后复核", "Looked at afterwards"), owner="desk", at_due="remind", at_escalate="go_up"),
    Clock(RUNS, W("显示到", "Shown until"), owner="desk", at_due="expire", quiet=True),
)
OPENING = Step(
    "write", W("写公告", "Write a bulletin"), ("intake",), to_any=("unchecked", "published"), decide=where_to, effect=written, public=False,
    rules=(fits_its_sort, in_our_range, of_the_desk, names_nobody), tells=("desk",),
    fields=(
        Field("sort", W("哪一种", "Sort"), "choice", required=True, options=w.SORTS), TOPIC, TITLE, TEXT,
        Field("place", W("给哪里看", "For which place"), "place", required=True),
        Field("more", W("还有哪些地方（代码，空格分开）", "Further places (codes, apart by spaces)"), "text", max_length=700, shown=False),
        Field("since", W("从哪一天起", "From which day"), "date"), UNTIL,
        Field("hours", W("显示几个小时（紧急，最多 24）", "For how many hours (emergency, at most 24)"), "number"), PICTURE,
    ),
)  # fmt: skip
STEPS = (
    Step(
        "check", W("复核通过，发布", "Checked: publish"), ("desk",), ("unchecked",), "published", key="A", near=True, public=False,
        rules=(another_person, not_over), effect=published, stops=("bulletin_check",), tells=("desk",),
    ),
    Step(
        "send_back", W("退回修改", "Send back"), ("desk",), ("unchecked",), "sent_back", key="B", fields=(WHY,), public=False,
        rules=(another_person,), stops=("bulletin_check",), tells=("desk",), heard=True,
    ),
    Step(
        "rewrite", W("改好再送", "Rewrite"), ("desk",), ("sent_back",), "unchecked", key="E", public=False, rules=(names_nobody,),
        fields=(TITLE, TEXT, TOPIC, UNTIL, PICTURE), effect=rewritten, starts=("bulletin_check",), tells=("desk",),
    ),
    Step(
        "confirm", W("事后复核：发得对", "Looked at: rightly sent"), ("desk",), ("published",), key="C", near=True, public=False,
        rules=(not_looked_at, another_person), effect=confirmed, stops=("bulletin_review",),
    ),
    Step(
        "correct", W("更正", "Correct"), ("desk",), ("published",), key="E", public=False, fields=(TITLE, TEXT), rules=(names_nobody,),
        effect=corrected, tells=("desk",),
    ),
    Step(
        "check_correction", W("更正复核通过", "The correction is checked"), ("desk",), ("published",), public=False, near=True,
        rules=(has_fix, another_person), effect=fixed, stops=("bulletin_check",),
    ),
    Step(
        "drop_correction", W("不更正了", "Drop the correction"), ("desk",), ("published",), public=False, rules=(has_fix,), effect=unfixed,
        stops=("bulletin_check",),
    ),
    Step(
        "withdraw", W("撤下", "Withdraw"), ("desk", "above"), ("unchecked", "sent_back", "published"), "withdrawn", key="X",
        fields=(WHY,), stops=("*", RUNS), tells=("desk",), public=False,
    ),
    Step(
        "reached", W("看到的有多少", "Reach"), ("clock",), ("withdrawn", "expired"), effect=reached, public=False,
        fields=(
            Field("hours", W("屏上放了几小时", "Hours on screens"), "number", required=True, shown=False),
            Field("opened", W("打开几次", "Times opened"), "number", required=True, shown=False),
        ),
    ),
    Step("expire", W("到期", "Expired"), ("clock",), ("published",), "expired", stops=("*", RUNS), public=False),
    Step("remind", W("到期提醒", "Reminder"), ("clock",), folds=True, tells=("holder",), public=False),
    Step("go_up", W("自动上提一级", "Gone up a level"), ("clock",), effect=gone_up, tells=("above",), public=False),
)  # fmt: skip
PROCEDURE = Procedure(
    "bulletin", 1, W("公告", "Bulletin"), STATES, STEPS, CLOCKS, opening=OPENING, first="unchecked", counted=False
)
