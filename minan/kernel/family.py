"""Cases that belong together: a step opens children with itself, and a child's step takes one on its parent; all or nothing.

Every case is guarded by the number of its last event, so who looked at a parent before its child moved writes nothing
(rows.py): a lead that answers while a co-handler is being asked, or the other way round, finds that somebody was faster.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from minan.kernel import attachments, hiding, opening, registry, rows, vault
from minan.kernel import facts as fact_checks
from minan.kernel.access import CLOCK, Actor
from minan.kernel.clocks import Clocks
from minan.kernel.directory import PostRow
from minan.kernel.draft import Draft
from minan.kernel.facts import Facts
from minan.kernel.models import Case, Event, Speaker
from minan.kernel.procedure import Child, Procedure, Step, Words
from minan.kernel.refusal import UNFIT, Refused
from minan.lib import codes
from minan.lib.uuid7 import uuid7_at

CHILDREN_MOST = 20  # open at once under one case
NO_PARTNER = Words("本市没有装这个程序，这一步走不了", "This city has not installed that procedure")
TOO_MANY = Words(f"一件事下面最多同时有 {CHILDREN_MOST} 件", f"At most {CHILDREN_MOST} cases under one at a time")
CLOSED = ("confidential", "sealed")
NOT_NOW = Words("现在这一步走不了", "This step is not possible now")


def may(step: Step, roles: Mapping[str, PostRow | None]) -> str:
    """The first role of these by which the step may be taken; "" where there is none."""
    return next((r for r in step.who if r in roles), "")


def broken(step: Step, ask: Any) -> Refused | None:
    """The first rule of the step that refuses."""
    for rule in step.rules:
        words = rule(ask)
        if words:
            return Refused(words, 422, rule.__name__)
    return None


def _link(code: str, key: str) -> str:
    """The secret of a link for somebody outside: 128 bits from the child's code and the key of the event that made it; nothing
    stored tells it."""
    made = hmac.new(settings.SECRET_KEY.encode(), f"minan.child:{code}:{key}".encode(), hashlib.sha256)
    return vault.secret_of(made.digest()[:16])


def link_of(child: Case) -> str:
    """The secret of a child's link, for who asked to hand over; "" where it has none, or the server's key was changed since."""
    first = Event.objects.filter(county=child.county, case_id=child.id, n=1).values_list("key", flat=True).first()
    secret = _link(child.code, first or "")
    known = Speaker.objects.filter(county=child.county, case_id=child.id).values_list("secret", flat=True).first()
    return secret if child.parent and known == vault.secret_mark(secret) else ""


def kin(
    draft: Draft, by: str, post: PostRow | None, who: Actor, key: str, at: datetime, like: Mapping[str, Any] | None = None
) -> list[Draft] | Refused:
    """The drafts of the children this act opens, of theirs, and of the parent it moves. `like`: who follows the case at the top."""
    out: list[Draft] = []
    if draft.children:
        held = Case.objects.filter(county=draft.case["county"], parent=draft.case["id"], closed_at=None).count()
        if held + len(draft.children) > CHILDREN_MOST:
            return Refused(TOO_MANY, 422, "children")
        like = like or opening.marks_of_row(draft)
        for child in draft.children:
            mark = hashlib.sha256(child.ref.encode()).hexdigest()[:8]
            born = _born(draft, child, like, by, post, who, f"{key}:{mark}", at)
            if isinstance(born, Refused):
                return born
            below = kin(born, by, post, who, f"{key}:{mark}", at, like) if born.children else []
            if isinstance(below, Refused):
                return below
            out += [born, *below]
    if draft.ups and draft.case["parent"]:
        raised = _raised(draft, key, at)
        if isinstance(raised, Refused):
            return raised
        out += [raised] if raised is not None else []
    return out


def inherited(procedure: Procedure, above: Case | Draft | None) -> str:
    """How closed a case is that comes from another one: as that, but where its own are never about a person."""
    if above is None or procedure.plain:
        return ""
    return str(above.case["privacy"] if isinstance(above, Draft) else above.privacy)


def _born(
    parent: Draft, child: Child, like: Mapping[str, Any], by: str, post: PostRow | None, who: Actor, key: str, at: datetime
) -> Draft | Refused:
    procedure, above = registry.get(child.procedure), parent.case
    if procedure is None:
        return Refused(NO_PARTNER, 422, "children")
    step, privacy = procedure.opening, procedure.privacy or inherited(procedure, parent)
    given = {**child.facts, **{name: parent.sealed[of] for name, of in child.carries.items() if of in parent.sealed}}
    checked = fact_checks.clean(step, given, closed=privacy in CLOSED)
    if checked.errors:
        return Refused(UNFIT, 422, "facts", checked.errors)
    case = opening.fresh(procedure, above["place"], above["desk"], above["channel"], at, None)
    case |= {
        "county": above["county"], "code": codes.new(above["code"][:2]), "edition": above["edition"], "parent": above["id"],
        "privacy": privacy, "anonymous": above["anonymous"], "facts": {"ref": child.ref},
    }  # fmt: skip
    if above["anonymous"]:
        case["id"] = uuid7_at(at.timestamp())
    case |= dict(child.set)
    draft = Draft(procedure, case, Clocks([]), None, {})
    draft.clocks.new_id = draft.new_id
    roles = frozenset({"clock", "intake"})
    refused = broken(step, draft.ask(step, checked.open, roles, post, who, at))
    if refused is not None:
        return refused
    secret = _link(case["code"], key) if child.link == "own" else vault.secret()
    same = like if child.link == "same" else {}
    mark = same.get("secret") or opening.mark_of(case | {"anonymous": False}, secret)
    capability, issued = same.get("capability") or mark, same.get("issued") or ("staff" if child.link == "own" else "server")
    note = {"secret": mark, "cap": capability, "cap_by": issued, "channel": case["channel"], "of": above["code"]}
    attachments.store(checked.pictures)
    draft.take(step, draft.ask(step, checked.open, roles, post, who, at), checked, by, key, note, walls=tuple(above["walls"]))
    opening.speaker(
        draft, mark, capability, issued, owner=same.get("owner", ""), lang=same.get("lang") or "zh-hans", account={}
    )
    return draft


def _raised(draft: Draft, key: str, at: datetime) -> Draft | Refused | None:
    """The parent with the steps its child takes on it; None where its procedure does not know them, or its state does not let them,
    and a refusal where one of them must."""
    parent = Case.objects.filter(county=draft.case["county"], id=draft.case["parent"]).first()
    procedure = registry.get(parent.procedure) if parent is not None else None
    if parent is None or procedure is None:
        return None
    above, taken = Draft.of(procedure, parent), False
    for n, (name, facts, must) in enumerate(draft.ups):
        step = procedure.step(name)
        if step is None or step not in procedure.steps_from(above.case["state"]):
            if must:
                return Refused(NOT_NOW, 422, "parent")
            continue
        at = max(at, parent.changed_at)
        ask = above.ask(step, facts, frozenset({"clock"}), None, CLOCK, at)
        refused = broken(step, ask)
        if refused is not None and must:
            return refused
        if refused is None:
            above.take(step, ask, Facts(open=facts), "clock", f"{key}:up{n}")
            taken = True
            ask = above.ask(step, facts, frozenset({"clock"}), None, CLOCK, at)
            following = procedure.step(step.then(ask)) if step.then else None
            if following is not None:
                ask = above.ask(following, {}, frozenset({"clock"}), None, CLOCK, at)
                above.take(following, ask, Facts(), "clock", f"{key}:up{n}:{following.name}")
    return above if taken else None


def _one(draft: Draft) -> bool:
    return rows.commit(draft.write()) and (draft.hidden is None or hiding.finish(draft))


def commit(drafts: list[Draft]) -> bool:
    """Write all of them or none, parents first; False: somebody was faster on one of them."""
    if len(drafts) == 1 and drafts[0].hidden is None:
        with transaction.atomic() if connection.in_atomic_block else nullcontext():
            return rows.commit(drafts[0].write())
    with transaction.atomic():
        for draft in sorted(drafts, key=lambda d: d.case["id"]):
            if not _one(draft):
                transaction.set_rollback(True)
                return False
    return True
