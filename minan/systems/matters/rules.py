"""Pure rules of a matter: facts in, "" or the reason shown out. DOMAIN.md §1 is their source."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from minan.kernel.procedure import Ask, Words

OBJECT_DAYS = 30
PETITIONS = "petition"  # the word of the unit that takes in petitions
REPORTS = "discipline"  # the word of the unit that takes in reports against officials


def placed(ask: Ask) -> Words | None:
    if ask.marks.get("place_unknown") and not ask.facts.get("place"):
        return Words("先定位：还不知道事情在哪个乡镇", "Place it first: nobody knows yet in which township it is")
    return None


def confidential_is_placed(ask: Ask) -> Words | None:
    """The words on the place are sealed too: somebody must know whose it is without reading them."""
    if ask.case["privacy"] and not ask.facts.get("place"):
        return Words(
            "保密的事请选一下在哪个县、哪个乡镇：地点的字也锁起来了，不选就不知道交给谁",
            "Choose the township of a confidential matter: the words on the place are sealed too, and nobody would know whose it is",
        )
    return None


def has_questions(ask: Ask) -> Words | None:
    if not ask.offices.questions(ask.case["kind"]):
        return Words("这类事没有要补问的", "This kind has no questions of its own")
    if ask.case["privacy"]:
        return Words("保密的事当面问，不记在这里", "Of a confidential matter they are asked in person, not written here")
    return None


def knows_kind(ask: Ask) -> Words | None:
    if not (ask.facts.get("kind") or ask.case["kind"]):
        return Words(
            "先选种类：不知道是哪类事，就不知道归谁办", "Choose a kind first: without it nobody knows whose duty it is"
        )
    return None


def is_own_lead(ask: Ask) -> Words | None:
    office = ask.offices.office(ask.case["desk"])
    if office is None or not office.lead:
        return Words("这个单位不能自己主办，请交办", "This desk may not handle matters itself; assign it")
    return None


def returns_once(ask: Ask) -> Words | None:
    """Each unit may send a matter back once; after a ruling it stays (信访工作条例 art. 23; DOMAIN.md §1)."""
    facts = ask.case["facts"]
    if facts.get("ruled"):
        return Words("已经裁定过，不能再退", "A ruling stands; it cannot be sent back again")
    if ask.case["unit"] in facts.get("returned", []):
        return Words("每个单位只能退一次，这里已经退过", "Each unit may send a matter back once, and this one has")
    return None


def not_waiting(ask: Ask) -> Words | None:
    if ask.marks.get("waiting"):
        return Words("正在等说事人补充", "It already waits for the speaker's answer")
    if ask.marks.get("parked") or ask.marks.get("paused"):
        return Words("挂账或者挂起中，先恢复办理", "It is parked or paused; resume it first")
    return None


def is_waiting(ask: Ask) -> Words | None:
    return None if ask.marks.get("waiting") else Words("现在没有要您补充的", "Nothing is being asked of you now")




def may_object(ask: Ask) -> Words | None:
    closed = ask.case["closed_at"]
    if closed is not None and ask.at - closed > timedelta(days=OBJECT_DAYS):
        return Words(
            f"办结已超过 {OBJECT_DAYS} 天，请重新说一件事",
            f"It was closed more than {OBJECT_DAYS} days ago; please say it anew",
        )
    if ask.case["facts"].get("objected"):
        return Words("已经提过一次异议，裁定以后不能再提", "You objected once; after the ruling it stands")
    return None




def no_report(ask: Ask) -> Words | None:
    """A report against an official is never handled by a desk (信访工作条例 art. 30; DOMAIN.md §1)."""
    kind: Any = ask.offices.kind(ask.facts.get("kind") or ask.case["kind"])
    if kind is not None and kind.turn_to == REPORTS and ask.offices.takes(kind.turn_to):
        return Words("这是检举控告，请用“转纪检”，不在这里办", "This is a report against an official: pass it on; it is not handled here")
    if kind is not None and kind.turn_to == PETITIONS and ask.offices.takes(kind.turn_to):
        return Words("这是信访件，请用“转信访”，不在这里办", "This is a petition: turn it into one; it is not handled here")
    return None


def somebody_takes_reports(ask: Ask) -> Words | None:
    if ask.offices.takes(REPORTS):
        return None
    return Words("本市还没有接上纪检的密封收件处，请告诉说事人拨打 12388", "No discipline post takes reports here yet; tell them to call 12388")
