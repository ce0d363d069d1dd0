"""Which acts make sense now, so that a page offers no button that can only be refused. Nothing is decided here: the door does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from minan.kernel import registry
from minan.kernel.models import Case
from minan.kernel.procedure import Step
from minan.systems.disputes import fields as f
from minan.systems.disputes import plan, sealed

Row = Mapping[str, Any]
LINK = "hand_link"  # has a button of its own
HIDDEN = frozenset({"defer", "hold", "lift", "wall"})  # on the desk's page, not in the room
READS = {
    "read_record": "record",
    "accept": "offer",
    "sign": "draft",
}  # act of a side → the fact that says which paper is the newest
ASIDE = frozenset({"correct", "ask_erase", "consent", "tell_me"})  # a side's own, on the page of their rights
COMMITTEES = ("talk", "hand_link", "contact")  # the committee's, on the case of a side
SPEAKERS_ONLY = ("speak", "whisper", "ask_code")  # words are a side's own: the mediator does not speak for them


def rows(facts: Row, step: str, ref: str) -> list[tuple[int, Row]]:
    """The open instalments a step is about: one's own to perform, the other's to confirm, all for the mediator's receipt."""
    found = [(n, facts["plan"][n]) for n in plan.open_rows(facts)]
    if step == "paid":
        return [(n, row) for n, row in found if row["payer"] == ref and not row.get("paid")]
    return [(n, row) for n, row in found if plan.payee(row) == ref] if step == "received" else found


def _fits(step: str, ref: str, facts: Row) -> bool:
    record, offer, draft = facts.get("record") or {}, facts.get("offer") or {}, facts.get("draft") or {}
    return {
        **{name.name: sealed.fits(name.name, ref, facts) for name in sealed.BY_SIDE},
        "read_record": bool(record) and ref not in record.get("ok", []),
        "accept": bool(offer) and ref not in offer.get("ok", []),
        "sign": bool(draft) and ref not in draft.get("signed", {}),
        "ask_code": bool(draft) and ref not in draft.get("signed", {}),
        "more_time": not facts.get("extended") and ref not in (facts.get("longer") or []),
        "ask_change": bool(facts.get("mediator")),
        "paid": bool(rows(facts, "paid", ref)),
        "received": bool(rows(facts, "received", ref)),
        "complain": bool(rows(facts, "received", ref)),
        "want_court": not facts.get("oral") and not facts.get("court") and ref not in (facts.get("confirm") or []),
    }.get(step, True)


def by_side(side: Case, dispute: Case, role: str) -> list[Step]:
    """The acts of a side that the dispute would take now: by its link ("speaker"), by its own desk where it is an organisation
    ("own"), or by the mediator's hand ("lead")."""
    procedure, above = registry.get(side.procedure), registry.get(dispute.procedure)
    if procedure is None or above is None or not dispute.open:
        return []
    taken = {step.name for step in above.steps_from(dispute.state)}
    ref, out = str(side.facts.get("ref", "")), []
    for step in procedure.steps_from(side.state):
        if (
            ("lead" if role == "own" else role) not in step.who
            or (role == "own" and step.name in COMMITTEES)
            or step.name == LINK
            or step.name in ASIDE
            or (role == "lead" and step.name in SPEAKERS_ONLY)
        ):
            continue
        if step.parent and step.parent not in taken:
            continue
        if step.name == "ask_code" and dispute.state != "signing":
            continue
        if _fits(step.name, ref, dispute.facts):
            out.append(step)
    return out


def dispute_needs_look(here: Any) -> bool:
    """Who reads nothing yet inspects first: before it is accepted, and whenever they head the committee or the judicial office."""
    return any(step.name == "inspect" for step in here.steps)


def first(here: Any) -> tuple[str, ...]:
    """What matters most now: drawn as the main buttons."""
    facts, state = here.dispute.facts, here.dispute.state
    if here.is_side:
        return {
            "asking": ("agree",),
            "mediating": ("agree", "ask_offer_code", "seal_offer", "read_record", "accept", "propose"),
            "signing": ("ask_code", "sign") if here.by_link else ("sign",),
        }.get(state, ("received", "paid", "agree"))
    if here.own.procedure == "confirmation":
        return ("take", "rule")
    if here.reader.kind == "none" and dispute_needs_look(here):
        return ("inspect", "accept", "appoint", "take_on", "seal")
    court = set(facts.get("confirm") or []) == set(f.sides(facts))
    return {
        "applied": ("accept",),
        "choosing": ("appoint", "take_on"),
        "mediating": ("record", "draft"),
        "signing": ("countersign", "seal"),
        "agreed": ("file_court",) if court else ("receipt",),
        "breached": ("receipt", "urge_on"),
    }.get(state, ())
