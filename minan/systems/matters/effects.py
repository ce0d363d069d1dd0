"""Pure effects of a matter's steps: facts in, what changes out. DOMAIN.md §1 is their source."""

from __future__ import annotations

from typing import Any

from minan.kernel import common
from minan.kernel.procedure import Ask, Change
from minan.systems.matters import fields as f
from minan.systems.matters import hands, spoken, whose

SHUT, GONE = "［保密］", "已转纪检"
STAYS = ("hold", "glass", "glass_waits", "glass_to", "deferred")  # what must be answered for even after a matter was passed on


def said(ask: Ask) -> Change:
    """Of a confidential matter the words lie in the vault alone."""
    facts, change = ask.facts, Change(walls=common.walls_of(ask))
    kind: Any = ask.offices.kind(facts.get("kind", "")) if facts.get("kind") else None
    text = "" if ask.case["privacy"] else facts.get("text", "")
    shut = SHUT if ask.case["privacy"] else spoken.title(ask) if not text else ""
    change.set = {
        "text": text, "title": f.title_of(text) or shut, "kind": kind.code if kind else "",
        "urgency": kind.urgency if kind else "ordinary", "size": kind.size if kind else "ordinary",
        "place_words": facts.get("place_words", "")[:200],
    }  # fmt: skip
    if not facts.get("place"):
        change.marks["place_unknown"] = True
    if facts.get("visit"):
        change.marks["visit"] = "asked"
    if facts.get("answers"):
        change.facts["answers"] = facts["answers"]
    change.marks |= _unasked(ask, kind.code if kind else "", facts.get("answers") or {})
    return spoken.noted(ask, change, "text")


def _unasked(ask: Ask, kind: str, answers: Any) -> dict[str, Any]:
    """How many questions that must be asked of this kind are open: a mark on the list, never a bar to being accepted."""
    return {"unasked": (ask.offices.unasked(kind, answers) or None) if kind and not ask.case["privacy"] else None}


def filled(ask: Ask) -> Change:
    """What was asked afterwards, laid over what the speaker answered."""
    answers = (ask.case["facts"].get("answers") or {}) | ask.facts["answers"]
    return Change(facts={"answers": answers}, marks=_unasked(ask, ask.case["kind"], answers))


def passed_on(ask: Ask) -> Change:
    """All that stays with the desk is that something was passed on, and when; handlers.py hands the words over."""
    bare = dict.fromkeys(("text", "place_words", "kind", "unit", "ruler", "outcome"), "")
    marks = {name: None for name in ask.marks if name not in STAYS}
    return Change(
        set=bare | {"title": GONE, "privacy": "passed", "public": False, "lon": None, "lat": None}, marks=marks,
        facts={name: None for name in ask.case["facts"] if name not in STAYS},
    )  # fmt: skip


def archived(ask: Ask) -> Change:
    """A message of the past: nothing waits for its place or for a visit."""
    change = said(ask)
    change.marks = {}
    change.facts.pop(spoken.WAITING, None)
    return change


def accepted(ask: Ask) -> Change:
    facts, change = ask.facts, Change()
    kind: Any = ask.offices.kind(facts.get("kind") or ask.case["kind"])
    if facts.get("kind") and facts["kind"] != ask.case["kind"]:
        change.set |= {"kind": kind.code, "urgency": kind.urgency, "size": kind.size}
    for name in ("urgency", "size"):
        if facts.get(name):
            change.set[name] = facts[name]
    if facts.get("place"):
        change.set["place"] = facts["place"]
        change.marks["place_unknown"] = None
    change.set["public"] = bool(kind is not None and kind.public)
    change.marks |= _unasked(ask, facts.get("kind") or ask.case["kind"], ask.case["facts"].get("answers") or {})
    return change


def located(ask: Ask) -> Change:
    place = ask.facts["place"]
    change = Change(
        set={"place": place, "place_words": ask.facts.get("place_words") or ask.case["place_words"]},
        marks={"place_unknown": None},
    )
    if ask.state == "said":
        change.set["desk"] = ask.offices.desk_of(place)
    return change


def reclassified(ask: Ask) -> Change:
    change = Change()
    if ask.facts.get("kind"):
        kind: Any = ask.offices.kind(ask.facts["kind"])
        change.set |= {"kind": kind.code, "public": ask.case["public"] and kind.public}
        change.marks |= _unasked(ask, kind.code, ask.case["facts"].get("answers") or {})
    for name in ("urgency", "size"):
        if ask.facts.get(name):
            change.set[name] = ask.facts[name]
    return change


def assigned(ask: Ask) -> Change:
    unit = ask.facts["unit"]
    return hands.helped(ask, whose.handed(ask, Change(set={"unit": unit, "ruler": ""})), unit)


def handled_here(ask: Ask) -> Change:
    return Change(set={"unit": ask.case["desk"]})


def contacted(ask: Ask) -> Change:
    clock = ask.case["clocks"].get("contact", {})
    if not clock.get("running"):
        return Change()
    return Change(counts={"contact_due": 1, "contacted": int(ask.at <= clock["due_at"])})


def begins(ask: Ask) -> str:
    """The first contact after signing is where the work begins."""
    return "handle" if ask.state == "signed" else ""


def sent_back(ask: Ask) -> Change:
    """The first return is decided by the desk; the second by the desk above, and that ruling stands."""
    returned = [*ask.case["facts"].get("returned", []), ask.case["unit"]]
    first = len(returned) == 1
    ruler = ask.case["desk"] if first else ask.offices.above(ask.case["desk"], "block") or ask.case["desk"]
    return Change(set={"ruler": ruler}, facts={"returned": returned}, counts={"sent_back": 1})


def ruled(ask: Ask) -> Change:
    stands = len(ask.case["facts"].get("returned", [])) > 1 or ask.facts["unit"] in ask.case["facts"].get(
        "returned", []
    )
    return Change(
        set={"unit": ask.facts["unit"], "ruler": ""}, facts={"ruled": True} if stands else {}, note={"stands": stands}
    )


def waits(ask: Ask) -> Change:
    return Change(marks={"waiting": True})


def supplied(ask: Ask) -> Change:
    return Change(marks={"waiting": None})


