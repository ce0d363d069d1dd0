"""Who sees to it that a matter is done: urging, the reminder by the clock, going up, orders, the list, danger (DOMAIN.md §1)."""

from __future__ import annotations

from datetime import date, datetime, time

from minan.kernel.directory import LOCAL
from minan.kernel.procedure import Ask, Change, Clock, Field, Step, Words
from minan.systems.matters import fields as f

W = Words
CLOSES = time(17, 30)
ORDER_DAYS, LIST_DAYS = 30, 180
DUTY_POSTS = {"police": "police", "ambulance": "rescue", "women": "women", "children": "women"}
LISTERS = ("county", "city")  # whose head may list a matter 挂牌
BY_WHEN = Field(
    "by",
    W("哪天前书面回复", "A reply in writing by"),
    "date",
    hint=W("不填就按时限表", "Left empty, the table of limits says"),
)
LIST_UNTIL = Field("by", W("哪天前办结摘牌", "To be done and taken off by"), "date", required=True)

CLOCKS = (
    Clock("order", W("回复督办", "Reply to the order"), at_due="remind"),
    Clock("weekly", W("挂牌周报", "Weekly report"), at_due="remind"),
    Clock("listed", W("挂牌到期", "Listed until"), at_due="remind"),
    Clock("raised", W("上提后处置", "To be dealt with above"), owner="up", at_due="go_up", while_late=True),
    Clock("danger", W("危险复核", "Review of danger"), owner="desk", at_due="remind", at_escalate="go_up"),
)


def _today(ask: Ask) -> date:
    today: date = ask.at.astimezone(LOCAL).date()
    return today


def _by(ask: Ask) -> datetime:
    return datetime.combine(date.fromisoformat(ask.facts["by"]), CLOSES, LOCAL)


def _ahead(ask: Ask, most: int) -> Words | None:
    if ask.facts.get("by") and not 1 <= (date.fromisoformat(ask.facts["by"]) - _today(ask)).days <= most:
        return W(f"日期要在明天到 {most} 天之内", f"The day must lie between tomorrow and {most} days from now")
    return None


# ---- rules


def urged_today(ask: Ask) -> Words | None:
    if "speaker" in ask.roles and ask.case["facts"].get("urged_on") == _today(ask).isoformat():
        return W(
            "今天已经催过了，催办记在经过里；明天可以再催",
            "You urged it today, and it stands on the record; you may again tomorrow",
        )
    return None


def order_fits(ask: Ask) -> Words | None:
    return _ahead(ask, ORDER_DAYS)


def order_open(ask: Ask) -> Words | None:
    return None if ask.marks.get("ordered") else W("没有等回复的督办", "No order awaits a reply")


def may_list(ask: Ask) -> Words | None:
    """Only a county's or the city's head lists; what is confidential or has a wall is shown to nobody who does not hold it."""
    office = ask.offices.office(ask.unit)
    if office is None or office.level not in LISTERS:
        return W("只有县（市、区）、市一级可以挂牌", "Only the county or the city may list a matter")
    if ask.case["privacy"] or ask.case["walls"]:
        return W("保密的、设了回避的事不能挂牌", "What is confidential, or kept from somebody, is not listed")
    if ask.marks.get("listed"):
        return W("已经挂牌", "It is listed already")
    return _ahead(ask, LIST_DAYS)


def is_listed(ask: Ask) -> Words | None:
    return None if ask.marks.get("listed") else W("没有挂牌", "It is not listed")


def by_who_listed(ask: Ask) -> Words | None:
    listed = ask.case["facts"].get("listed_by", "")
    if ask.marks.get("listed") and ask.unit != listed:
        office = ask.offices.office(listed)
        name = office.name if office else listed
        return W(f"谁挂牌谁摘牌：由{name}摘", f"Who listed it takes it off: {office.name_en if office else listed}")
    return is_listed(ask)


def higher_still(ask: Ask) -> Words | None:
    """At the top it goes nowhere: it stands on that level's list every morning until it is done."""
    clock = ask.case["clocks"].get("raised", {})
    if clock.get("running") and clock["due_at"] <= ask.at and not _next_level(ask):
        return W("已经在最上一级，每天列入它的催办单", "It is at the top already, on its list of every morning")
    return None


def another_person(ask: Ask) -> Words | None:
    if ask.person and ask.person == ask.case["facts"].get("danger_by"):
        return W("要由另一个人复核", "Another person must review it")
    return None if ask.marks.get("danger") else W("没有待复核的危险报告", "No report of danger awaits review")


# ---- effects


def urged(ask: Ask) -> Change:
    return Change(marks={"urged": int(ask.marks.get("urged", 0)) + 1}, facts={"urged_on": _today(ask).isoformat()})


def supervised(ask: Ask) -> Change:
    """An order on the record; a reply is due by the day it names, else by the table of limits."""
    due = {"order": _by(ask)} if ask.facts.get("by") else {}
    return Change(marks={"supervised": True, "ordered": True}, facts={"ordered_by": ask.unit}, due=due)


def replied(ask: Ask) -> Change:
    return Change(marks={"ordered": None})


def listed(ask: Ask) -> Change:
    return Change(
        marks={"listed": ask.facts["by"]}, due={"listed": _by(ask)},
        facts={"listed_by": ask.unit, "listed_on": _today(ask).isoformat(), "reports": 0},
    )  # fmt: skip


def reported(ask: Ask) -> Change:
    return Change(facts={"reports": int(ask.case["facts"].get("reports", 0)) + 1})


def unlisted(_ask: Ask) -> Change:
    return Change(marks={"listed": None})


def gone_up(ask: Ask) -> Change:
    """One level up the block, in whose inbox it now lies and who has a time of its own; at the top it stays, told every day.

    Rung by the clock of the level it went to, it goes on from there; rung by another late clock meanwhile, it waits for that level.
    """
    case, up = ask.case, list(ask.marks.get("up") or [])
    clock = case["clocks"].get("raised", {})
    if clock.get("running") and clock["due_at"] > ask.at:
        return Change(marks={"escalated": True})
    to = _next_level(ask)
    marks: dict[str, object] = {"escalated": True}
    if not to or not ask.offices.above(to, "block"):
        marks["top"] = True
    if not to:
        return Change(marks=marks)
    marks["up"] = [*(u for u in up if u != to), to]
    return Change(marks=marks, stops=("raised",) if clock.get("running") else (), starts=("raised",), note={"to": to})


def _next_level(ask: Ask) -> str:
    """The unit it goes up to: above the level whose time ran out, else above who has it in hand; "" at the top."""
    case, up = ask.case, ask.marks.get("up") or []
    start = up[-1] if up and case["clocks"].get("raised", {}).get("running") else _holder(ask)
    to = str(ask.offices.free(ask.offices.above(start, "block"), case["walls"]))
    if case["privacy"] and to != ask.offices.free(ask.offices.above(case["desk"], "block"), case["walls"]):
        return ""  # a confidential matter comes before nobody new
    return to


def _holder(ask: Ask) -> str:
    """Who has it in hand: whoever rules while a ruling is awaited, else the lead, else the desk."""
    case = ask.case
    if ask.state in ("sent_back", "reopened", "under_review") and case["ruler"]:
        return str(case["ruler"])
    return str((case["unit"] if ask.state in f.OPEN_TASK else "") or case["desk"])


def in_danger(ask: Ask) -> Change:
    called = list(ask.marks.get("called", []))
    unit = ask.offices.free(
        ask.offices.nearest(DUTY_POSTS[ask.facts["to"]], ask.case["place"]), ask.case["walls"], "line"
    )
    if unit and unit not in called:
        called.append(unit)
    return Change(marks={"danger": True, "called": called}, facts={"danger_by": ask.person})


def danger_reviewed(_ask: Ask) -> Change:
    return Change(marks={"danger": None, "called": None})


# ---- steps

WATCH = (
    Step(
        "urge", W("催一催", "Urge"), ("speaker", "desk", "caller"), key="U", number="催办", rules=(urged_today,), effect=urged,
        fields=(f.words(W("想说的话", "What you want to say"), required=False),), tells=("lead", "desk"), heard=True, done=W("催办", "Urged"),
    ),
    Step(
        "supervise", W("督办", "Supervise"), ("above",), key="D", number="督办", rules=(order_fits,), effect=supervised, stops=("order",),
        starts=("order",), fields=(f.words(W("要求", "What is ordered")), BY_WHEN), tells=("lead", "desk"), heard=True,
        done=W("督办", "Supervision order"),
    ),
    Step(
        "reply_order", W("回复督办", "Reply to the order"), ("lead", "desk"), rules=(order_open,), effect=replied, stops=("order",),
        fields=(f.words(W("办到哪一步、几时办完", "How far it is, and when it will be done")),), tells=("fact:ordered_by",), heard=True,
        done=W("回复了督办", "The order was replied to"),
    ),
    Step(
        "list_it", W("挂牌督办", "List it"), ("above",), number="挂牌", rules=(may_list,), effect=listed, stops=("weekly", "listed"),
        starts=("weekly", "listed"), fields=(f.words(W("为什么挂牌、谁包案", "Why it is listed, and who answers for it")), LIST_UNTIL),
        tells=("lead", "desk", "speaker"), heard=True, done=W("挂牌督办", "Listed for supervision"),
    ),
    Step(
        "report_listed", W("挂牌周报", "Weekly report"), ("lead", "desk"), rules=(is_listed,), effect=reported, stops=("weekly",),
        starts=("weekly",), fields=(f.words(W("这一周办了什么、下一周办什么", "What was done this week, what comes next")),), tells=("fact:listed_by",),
        heard=True, done=W("挂牌周报", "Weekly report on a listed matter"),
    ),
    Step(
        "unlist", W("摘牌", "Take off the list"), ("above",), rules=(by_who_listed,), effect=unlisted, stops=("weekly", "listed"),
        fields=(f.words(W("为什么可以摘牌", "Why it may come off")),), tells=("lead", "desk", "speaker"), done=W("摘牌", "Taken off the list"),
    ),
    Step(
        "remind", W("到期提醒", "Reminder"), ("clock",), folds=True, tells=("holder",), done=W("超过时限，自动催办", "Past its time; reminded"),
    ),
    Step(
        "slip", W("没有按期", "Not in time"), ("clock",), folds=True, tells=("holder", "speaker"),
        done=W("没有按答应的日子办好，已自动催办", "Not done by the promised day; the unit was reminded"),
    ),
    Step(
        "recounted", W("重算日期", "Counted again"), ("clock",), tells=("speaker", "lead"), slips=True,
        done=W("规则或放假安排有变，日期重新算过", "Rules or rest days have changed; the date was counted again"),
    ),
    Step(
        "go_up", W("自动上提一级", "Gone up a level"), ("clock",), rules=(higher_still,), effect=gone_up, tells=("above",),
        done=W("超过一倍半时限，已报上一级", "Past one and a half times the limit; told to the level above"),
    ),
    Step(
        "danger", W("有危险", "Danger"), ("staff",), key="!", effect=in_danger, starts=("danger",), tells=("called",), public=False,
        near=True,
        fields=(
            Field("to", W("马上叫谁", "Call whom"), "choice", required=True, options=f.DUTY_POSTS, shown=False),
            f.words(W("谁有危险、在哪里、最需要什么", "Who is in danger, where, what is needed most"), shown=False),
        ),
        done=W("报了危险", "Danger was reported"),
    ),
    Step(
        "review_danger", W("复核危险", "Review danger"), ("desk", "above"), rules=(another_person,), effect=danger_reviewed,
        fields=(f.words(W("复核结果", "What the review found"), shown=False),), stops=("danger",), public=False,
        done=W("复核了危险报告", "The report of danger was reviewed"),
    ),
)  # fmt: skip
