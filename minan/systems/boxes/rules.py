"""Pure rules of an opening of a speaking box: two people, a new seal, every slip accounted for."""

from __future__ import annotations

from minan.kernel.procedure import Ask, Words

W = Words
SLIPS_MOST = 500  # in one box; more is a slip of the finger


def another_person(ask: Ask) -> Words | None:
    """The second person is another one: whoever opened cannot bear witness to themselves."""
    if ask.person and ask.person == ask.case["facts"].get("opened_by"):
        return W(
            "开箱要两个人在场：请另一位同事用自己的账号确认",
            "Two people open a box: a colleague confirms with their own account",
        )
    return None


def one_of_the_two(ask: Ask) -> Words | None:
    """Only who stood at the box says how many slips were in it."""
    there = {ask.case["facts"].get("opened_by"), ask.case["facts"].get("seen_by")}
    if ask.person not in there:
        return W("由在场的两个人清点", "One of the two who stood there counts")
    return None


def can_be_counted(ask: Ask) -> Words | None:
    if not 0 <= ask.facts["counted"] <= SLIPS_MOST:
        return W(f"张数在 0 到 {SLIPS_MOST} 之间", f"The number lies between 0 and {SLIPS_MOST}")
    return None


def fresh_seal(ask: Ask) -> Words | None:
    if ask.facts["seal"].strip() == ask.case["facts"].get("seal_found"):
        return W(
            "新封签和拆下的是同一个号：请换一条新封签",
            "This is the number of the seal that was taken off: put on a new one",
        )
    return None


def holds_it(ask: Ask) -> Words | None:
    """Who has the slips hands them on, and nobody else."""
    if ask.person != ask.case["facts"].get("holder"):
        return W("单子不在您手里，交不了", "You do not have the slips")
    if ask.facts["to"] == ask.person:
        return W("单子已经在您手里", "You have the slips already")
    return None


def is_handed_to(ask: Ask) -> Words | None:
    if ask.person != ask.case["facts"].get("to"):
        return W("这一批是交给另一位同事的", "This batch was handed to somebody else")
    return None


def adds_up(ask: Ask) -> Words | None:
    """The end: every slip that was counted is accounted for, or the level above has ruled on those that are not."""
    if ask.marks.get("gap"):
        return W(
            "保管断档还没查清，等上一级裁定", "A gap in custody is not cleared up yet; the level above rules on it"
        )
    if ask.facts.get("accounted") != ask.case["facts"].get("counted") and not ask.case["facts"].get("excused"):
        return W("录入的张数和清点的张数对不上", "The slips taken in are not as many as were counted")
    return None


def is_a_gap(ask: Ask) -> Words | None:
    return None if ask.marks.get("gap") else W("现在没有断档要裁定", "There is no gap to rule on")


def stood_apart(ask: Ask) -> Words | None:
    """Nobody rules on their own opening."""
    if ask.person in (ask.case["facts"].get("opened_by"), ask.case["facts"].get("seen_by")):
        return W("开箱的人不能裁定自己这一次", "Who opened the box does not rule on it")
    return None
