"""An order as the one who ordered reads it, and as the shop does; each may do what is theirs, and nobody else finds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest
from django.utils import timezone

from minan.kernel import forms, inside, labels, registry, sheet, speakers, vault
from minan.kernel.access import CLOCK, SPEAKER
from minan.kernel.act import Refused, act
from minan.kernel.forms import StepForm
from minan.kernel.models import Case, Event
from minan.kernel.procedure import Step, Words
from minan.kernel.scrub import scrub
from minan.lib import codes
from minan.systems.services import listing, order, slots
from minan.systems.services.models import Job

OWN = ("cancel", "rate", "complain")
SHOPS = ("shop_takes", "shop_begins", "shop_finishes", "shop_declines")
FREES = ("cancel", "shop_declines")
SHOWN_MOST = 60


@dataclass(slots=True)
class Here:
    """Who ordered, before their order; or the shop, before one of its orders."""

    request: HttpRequest
    case: Case
    now: datetime
    shop: Case | None = None  # where the shop reads
    steps: list[Step] = field(default_factory=list)
    chosen: Step | None = None
    form: StepForm | None = None
    refused: Refused | None = None


def entered(request: HttpRequest, code: str) -> Here:
    """For who ordered. Http404 for everybody else, and for what is not there."""
    case = inside.case(request, codes.parse(code) or "-")
    if case is None or case.procedure != "service_order":
        raise Http404
    steps = [step for step in sheet.steps_for(case, SPEAKER, {"speaker": None}) if step.name in OWN]
    there = registry.get("matter") is not None and not case.facts.get("complained")
    return Here(request, case, timezone.now(), steps=[s for s in steps if s.name != "complain" or there])


def at_shop(request: HttpRequest, code: str, ordered: str) -> Here:
    """For the shop that came in by its link, one of its own orders."""
    mine = inside.case(request, codes.parse(code) or "-")
    if mine is None or mine.procedure != listing.NAME:
        raise Http404
    case = Case.objects.filter(code=codes.parse(ordered) or "-", procedure="service_order").first()
    if case is None or not Job.objects.filter(shop=mine.id, case_id=case.id).exists():
        raise Http404
    procedure = registry.get(case.procedure)
    there = {s.name: s for s in procedure.steps_from(case.state)} if procedure else {}
    steps = [there[name] for name in SHOPS if name in there]
    return Here(request, case, timezone.now(), mine, steps)


def choose(here: Here, name: str, data: Any = None) -> None:
    here.chosen = next((step for step in here.steps if step.name == name), None)
    if here.chosen is not None:
        here.form = forms.of_step(here.chosen, here.case, data=data)
        here.form.specs = tuple(spec for spec in here.form.specs if spec.name != "shop")


def take(here: Here, name: str) -> bool:
    """Through the one door; what hangs on it (the slot, the shop's count) in the same transaction."""
    choose(here, name, here.request.POST)
    if here.chosen is None or here.form is None:
        raise Http404
    facts = here.form.facts() or {}
    if here.shop is not None:
        facts |= {"shop": here.shop.code}
    with transaction.atomic():
        by, at = SPEAKER if here.shop is None else CLOCK, max(here.now, here.case.changed_at)
        said = None if here.shop is None else {"by": "shop", "shop": here.shop.code}
        done = act(here.case, name, by=by, facts=facts, key=here.form.key, moves=here.form.moves, at=at, beside=said)
        if not isinstance(done, Refused):
            _after(here, name, facts, done)
            return True
    here.refused = done
    here.form.tell(done)
    return False


def _after(here: Here, name: str, facts: dict[str, Any], done: Event) -> None:
    """The slot is free again, or the job is over; a rating is counted with the shop, once."""
    if name in FREES or name == "shop_finishes":
        slots.release(here.case, held=name not in FREES)
    if name == "rate":
        found = Case.objects.filter(code=here.case.facts["shop"], procedure=listing.NAME).first()
        if found is not None:
            told = {"good": facts.get("good", ""), "words": scrub(str(facts.get("words", "")))[:300]}
            act(found, "rated", by=CLOCK, facts=told, key=f"rated:{here.case.code}", at=max(done.at, found.changed_at))


# ---- what the pages show


def _first(case: Case) -> str:
    return Event.objects.filter(county=case.county, case_id=case.id, n=1).values_list("hash", flat=True).first() or ""


def told(here: Here) -> dict[str, Any]:
    """What was ordered, and to whom it goes: all for who ordered; for the shop while it runs, the address once it took it."""
    try:
        if here.shop is None:
            return speakers.known(here.case, who="speaker", why="own")
        if here.case.state not in order.RUNNING:
            return {}
        fields = ("order.what",) if here.case.state == "placed" else ("order.what", "name", "phone", "address")
        return speakers.known(here.case, who="system:shop", why="order", event=_first(here.case), fields=fields)
    except vault.Sealed:
        return {"shut": True}


def _told_of(here: Here) -> Mapping[str, Words]:
    """The steps this reader is told of, with their words: every public one for who ordered, only what is the shop's for the shop."""
    if here.shop is not None:
        return order.LOG_FOR_SHOP
    procedure = registry.get(here.case.procedure)
    steps = (procedure.opening, *procedure.steps) if procedure else ()
    return {step.name: step.done for step in steps if step.public and step.done}


def state_of(case: Case, shop: Case | None) -> str:
    """How the order stands for its reader; a shop is not told whether it was rated."""
    if shop is not None:
        return labels.into(order.STATES_FOR_SHOP[case.state])
    return labels.into(registry.label(case.procedure, case.version, "states", case.state))


def context(here: Here) -> dict[str, Any]:
    """For services/order.html and services/job.html."""
    case, known = here.case, told(here)
    at = case.facts.get("slot")
    events = Event.objects.filter(county=case.county, case_id=case.id).order_by("n")
    told_of = _told_of(here)
    found = Case.objects.filter(code=case.facts.get("shop", ""), procedure=listing.NAME).first()
    return {
        "here": here,
        "case": case,
        "what": known.get("order.what", ""),
        "known": known,
        "state": state_of(case, here.shop),
        "running": case.state in order.RUNNING,
        "how": labels.into(dict(order.HOW).get(case.facts.get("how", ""))),
        "slot": datetime.fromisoformat(at) if at else None,
        "log": [(labels.into(told_of[e.step]), e.at) for e in events if e.step in told_of],
        "shop": found,
        "shop_name": found.facts.get("name", "") if found else "",
        "shop_phone": found.facts.get("shop_phone", "") if found else "",
        "buttons": [
            (s.name, labels.into(s.label), bool([f for f in s.fields if f.name != "shop"]))
            for s in here.steps
            if s is not here.chosen
        ],
        "form": here.form,
        "chosen": here.chosen,
    }


def jobs(mine: Case) -> list[dict[str, Any]]:
    """The orders of a shop, running ones first, newest first. Two queries; nobody's name, no address."""
    rows = list(Job.objects.filter(shop=mine.id).order_by("-running", "-id")[:SHOWN_MOST])
    found = {case.id: case for case in Case.objects.filter(id__in=[row.case_id for row in rows])}
    out = []
    for row in rows:
        case = found.get(row.case_id)
        if case is not None:
            out.append(
                {
                    "case": case,
                    "state": state_of(case, mine),
                    "how": labels.into(dict(order.HOW).get(case.facts.get("how", ""))),
                    "slot": row.starts_at,
                    "running": row.running,
                }
            )
    return out
