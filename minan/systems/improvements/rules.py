"""What a project must have before a step is taken; pure."""

from __future__ import annotations

from datetime import date
from typing import Any

from minan.kernel.directory import LOCAL
from minan.kernel.procedure import Ask, Words

W = Words
ACTIONS_MOST, LINKS_MOST, YUAN_MOST = 30, 200, 10**10


def actions(ask: Ask) -> list[dict[str, Any]]:
    return list(ask.case["facts"].get("actions") or [])


def links(ask: Ask) -> list[str]:
    return list(ask.case["facts"].get("links") or [])


def sees_origin(ask: Ask) -> Words | None:
    code = ask.facts.get("from_case")
    if not code or "clock" in ask.roles or ask.offices.seen(ask.unit, ask.person, code) is not None:
        return None
    return W("您看不到这个编号的事，或者它是保密的", "There is no such case before you, or it is confidential")


def sees_it(ask: Ask) -> Words | None:
    if ask.facts["code"] in links(ask):
        return W("已经挂上了", "It is linked already")
    if len(links(ask)) >= LINKS_MOST:
        return W(f"最多挂 {LINKS_MOST} 件", f"At most {LINKS_MOST} cases")
    if ask.offices.seen(ask.unit, ask.person, ask.facts["code"]) is None:
        return W("您看不到这个编号的事，或者它是保密的", "There is no such case before you, or it is confidential")
    return None


def doer_works_there(ask: Ask) -> Words | None:
    """Who is named for an action works in the project's place."""
    who = ask.facts.get("who")
    return W("这个单位不管这个地方", "This unit does not work in that place") if who and not ask.offices.works_at(who, ask.case["place"]) else None


def has_links(ask: Ask) -> Words | None:
    if links(ask) or ask.case.get("parent"):
        return None
    return W("还没有挂上当初说的事", "No case of those who spoke is linked yet")


def measure_first(ask: Ask) -> Words | None:
    return None if ask.case["facts"].get("measure") else W("先定怎么数", "Say first how it is counted")


def before_first(ask: Ask) -> Words | None:
    return None if ask.case["facts"].get("before") else W("先记改之前的数", "Count before first")


def numbers_fit(ask: Ask) -> Words | None:
    num, den = int(ask.facts["num"]), int(ask.facts["den"])
    if num < 0 or den < 0 or (den and num > den):
        return W("分子不能比分母大，也不能是负数", "The numerator cannot be larger than the denominator, nor negative")
    since, until = date.fromisoformat(ask.facts["since"]), date.fromisoformat(ask.facts["until"])
    if until < since:
        return W("“到哪天”在“从哪天”前面了", "The last day lies before the first")
    if until > ask.at.astimezone(LOCAL).date():
        return W("还没到的日子数不出来", "Days that have not come cannot be counted")
    before = ask.case["facts"].get("before")
    if before and ask.step == "after" and bool(int(before["den"])) != bool(den):
        return W("改前改后要用同一种数法：都有分母，或者都没有", "Count both in the same way: both with a denominator, or neither")
    return None


def later_than_before(ask: Ask) -> Words | None:
    before = ask.case["facts"].get("before") or {}
    if before and ask.facts["since"] <= before["until"]:
        return W("改之后的日子要在改之前的日子后面，不能重叠", "The days after must lie behind the days before, not over them")
    return None


def ahead(ask: Ask) -> Words | None:
    if date.fromisoformat(ask.facts["by"]) <= ask.at.astimezone(LOCAL).date():
        return W("日子要在明天以后", "The day lies ahead, from tomorrow on")
    return None


def few_actions(ask: Ask) -> Words | None:
    return W(f"最多 {ACTIONS_MOST} 条措施", f"At most {ACTIONS_MOST} actions") if len(actions(ask)) >= ACTIONS_MOST else None


def _open(ask: Ask, n: int) -> dict[str, Any] | None:
    return next((one for one in actions(ask) if one["n"] == n and one["state"] == "open"), None)


def has_action(ask: Ask) -> Words | None:
    return None if _open(ask, int(ask.facts["n"])) else W("没有这一条，或者已经完了", "There is no such action, or it has ended")


def own_action(ask: Ask) -> Words | None:
    """Who neither owns the project nor keeps it enters only what their own unit was to do."""
    if {"lead", "desk"} & ask.roles:
        return None
    one = _open(ask, int(ask.facts["n"]))
    return None if one and one["who"] == ask.unit else W("这一条不是您单位的", "This action is not your unit's")


def money_fits(ask: Ask) -> Words | None:
    return None if 0 < int(ask.facts["yuan"]) <= YUAN_MOST else W("写一个正的整数", "Write a positive whole number")


def after_first(ask: Ask) -> Words | None:
    if ask.case["facts"].get("after"):
        return None
    return W("没有改之后的数，不能说改好了", "Without a count after nobody can say it got better")


def nothing_open(ask: Ask) -> Words | None:
    left = [one["n"] for one in actions(ask) if one["state"] == "open"]
    if not left:
        return None
    said = "、".join(str(n) for n in left)
    return W(f"第 {said} 条措施还没完", f"Still open: action {said}")


def is_published(ask: Ask) -> Words | None:
    return None if ask.case["facts"].get("headline") else W("先公示：告诉大家的话就是公示的话", "Publish first: what is told are the published words")
