"""How an answer is judged: the draw for a return visit, who may make it, where a judgement leads (DOMAIN.md §1)."""

from __future__ import annotations

from typing import Any

from minan.kernel import draws as lots
from minan.kernel.procedure import Ask, Change, Words
from minan.systems.matters import whose

W = Words
BY_STAFF = ("walkin", "station", "point", "hotline")  # channels by which people come who may have no phone
UNSOLVED = ("explained", "not_supported")


def draws(ask: Ask) -> str:
    """Right after an answer: its own hash decides. Who is visited anyway is not drawn."""
    return "draw" if not ask.marks.get("visit") and lots.number(ask.case["head"]) < lots.BELOW else ""


def drawn(ask: Ask) -> Change:
    head = ask.case["head"]
    return Change(marks={"visit": "drawn"}, note={"of": head, "draw": lots.number(head), "below": lots.BELOW})


def answered(ask: Ask) -> Change:
    """The answer with what follows: a return visit for who asked for it or has no phone, else a notice."""
    clock, case = ask.case["clocks"].get("answer", {}), ask.case
    facts: dict[str, Any] = {"answered_by": ask.person or ask.facts.get("handler", ""), "photos_allowed": None}
    change = Change(set={"outcome": ask.facts["outcome"]}, facts=facts, counts={"answered": 1})
    change.counts |= whose.dispatched(ask)
    change.counts["on_time"] = int("due_at" not in clock or ask.at <= clock["due_at"])
    contact = case["clocks"].get("contact", {})
    if contact.get("running"):
        change.counts |= {"contact_due": 1, "contacted": int(ask.at <= contact["due_at"])}
    why = ask.marks.get("visit") or ""
    if not why and case["channel"] in BY_STAFF and not case["anonymous"] and not ask.offices.reachable(case["code"]):
        why = "no_phone"
    if why:
        change.marks["visit"] = why
    if case["desk"] == (case["unit"] or case["desk"]):  # who handled it themselves are visited for by the desk above
        change.set["ruler"] = ask.offices.above(case["desk"], "block")
    change.starts = ("visit",) if why else ("notice",)
    return change


def another_hand(ask: Ask) -> Words | None:
    """Who handled a matter does not ask whether it was handled well (北京市接诉即办工作条例 art. 23); nor a relative of theirs,
    nor, where the desk handled it itself, a colleague while there is a desk above."""
    handler = ask.case["facts"].get("answered_by")
    if not (ask.person and handler):
        return None
    if ask.person == handler:
        return W("经办人不能自己回访，请换一个人", "Who answered it may not make the return visit; somebody else must")
    if ask.person in ask.offices.ties("", handler):
        return W("经办人的亲属不能回访，请换一个人", "A relative of who answered it may not make the return visit")
    if ask.unit and ask.unit == ask.case["unit"] and ask.case["ruler"] not in ("", ask.unit):
        return W("自己单位办的，由上一级回访", "It was handled in this unit: the desk above makes the return visit")
    return None


def not_own_answer(ask: Ask) -> Words | None:
    """Whoever answered does not review it, also where there is nobody above: at the top another person does."""
    if ask.person and ask.person == ask.case["facts"].get("answered_by"):
        return W("答复是您作的，由另一个人来复核、裁定", "You gave this answer: another person reviews and rules")
    return None


def another_does_it(ask: Ask) -> Words | None:
    """Ordered to be done by another person: not by the same one, where the unit has somebody else."""
    if ask.person and ask.person == ask.case["facts"].get("not_by") and ask.offices.others(ask.case["unit"], ask.person):
        return W("上级要求换一个人办，请同事来办", "It was ordered that another person does it; hand it to a colleague")
    return None


def visit_told(ask: Ask) -> Words | None:
    if ask.facts.get("reached") and ("solved" not in ask.facts or "satisfied" not in ask.facts):
        return W(
            "联系上了就要记下：解决没有、满不满意",
            "When reached, note whether it is solved and whether they are satisfied",
        )
    return None


def judged(ask: Ask) -> str:
    """Where a judgement leads: not solved → reopened; unhappy, or explained with its rule → a review above.

    Of what is handled together with others one speaker's word goes to a review of their own; a quorum reopens it for all.
    """
    if ask.facts.get("reached") is False:
        return ask.state
    if not ask.facts.get("solved"):
        return "under_review" if ask.case["outcome"] in UNSOLVED or ask.case.get("merged_into") else "reopened"
    return "visited" if ask.facts.get("satisfied") else "under_review"


def objection(ask: Ask) -> str:
    return "under_review" if judged(ask) == "visited" else judged(ask)


def _after(ask: Ask, change: Change) -> Change:
    target = judged(ask) if ask.step != "object" else objection(ask)
    good = ask.facts.get("solved") and ask.step != "object"
    change.facts["word"] = "" if ask.facts.get("reached") is False else "good" if good else "not"
    if target in ("reopened", "under_review"):
        change.set["ruler"] = ask.offices.above(ask.case["desk"], "block") or ask.case["desk"]
        change.starts = ("ruling",) if target == "reopened" else ("review",)
        if target == "reopened":
            change.marks["reopened"] = int(ask.marks.get("reopened", 0)) + 1
            change.counts["reopened"] = 1
    return change


def _counts(ask: Ask, how: str) -> dict[str, int]:
    """The rate "solved" counts only what was answered as solved and is so by the speaker's word (FEATURES.md row 51)."""
    solved = bool(ask.facts.get("solved")) and ask.case["outcome"] == "solved"
    return {how: 1, f"{how}_solved": int(solved), f"{how}_satisfied": int(bool(ask.facts.get("satisfied")))}


def rated(ask: Ask) -> Change:
    """What the speaker cast counts as rated; all else, as by a slip that passed through staff's hands, as taken down by staff."""
    counts = _counts(ask, "rated" if ask.cast in ("own", "issued") else "visited")
    return _after(ask, Change(counts=counts, marks={"visit": None}, note={"cast": ask.cast or "seen"}))


def visited(ask: Ask) -> Change:
    if not ask.facts.get("reached"):
        return Change(starts=("notice",), marks={"visit": None})
    return _after(ask, Change(counts=_counts(ask, "visited"), marks={"visit": None}))


def closes(ask: Ask) -> str:
    good = ask.facts.get("solved") and ask.facts.get("satisfied") and ask.facts.get("reached") is not False
    return "close" if good else ""


def objected(ask: Ask) -> Change:
    return _after(ask, Change(facts={"objected": True}))


def reopened(ask: Ask) -> Change:
    """An order from above. Who was handled together with others and is reopened alone goes on alone from here."""
    by = ask.case["facts"].get("answered_by") if ask.facts.get("another") else None
    return Change(
        set={"unit": ask.facts["unit"], "ruler": "", "outcome": "", "merged_into": ""}, facts={"not_by": by, "word": None},
        marks={"supervised": True, "visit": None},
    )  # fmt: skip


def upheld(ask: Ask) -> Change:
    return Change(set={"ruler": ""})


def unheard(ask: Ask) -> Change:
    return Change(counts={"unheard": 1})
