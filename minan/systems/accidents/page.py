"""The page of an accident and of each narrow case under it: who this is, what they may read, what they may do now."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from minan.kernel import directory, forms, inside, labels, possible, registry, sheet
from minan.kernel.access import SPEAKER, Actor
from minan.kernel.act import Refused, act
from minan.kernel.forms import StepForm
from minan.kernel.models import Case
from minan.kernel.pages import entering, listing
from minan.kernel.procedure import Step
from minan.systems.accidents import fields as f
from minan.systems.accidents import figures, seen
from minan.systems.accidents.seen import Reader

HIDDEN = frozenset({"defer", "hold", "lift", "wall", "hand_link", "correct", "ask_erase", "consent", "tell_me"})
FIRST = {
    "gathering": ("policy", "ask_driver", "losses", "reckon"),
    "reckoned": ("reckon",),
    "asked": ("issue", "confirm", "promise", "paid"),
    "promised": ("pay",),
    "there": ("paid",),
}


SHORT = 4  # more choices than this are a list to open


@dataclass(slots=True)
class Here:
    request: HttpRequest
    own: Case  # what this page is of
    top: Case  # the accident
    children: list[Case]
    actor: Actor
    reader: Reader
    now: datetime
    chosen: Step | None = None
    form: StepForm | None = None
    refused: Refused | None = None
    steps: list[Step] = field(default_factory=list)

    @property
    def by_link(self) -> bool:
        return self.actor.kind == "speaker"


def entered(request: HttpRequest, code: str) -> Here:
    """Http404 alike for what is missing and what is not theirs; SignIn where nobody is."""
    now = timezone.now()
    own, actor = entering.entered(request, code, ("accident", "road_party"), seen.OWN)
    top, children = _family(own)
    if actor is SPEAKER:
        ref = "a" if own.procedure == "accident" else str(own.facts["ref"])
        return Here(request, own, top, children, SPEAKER, Reader("party", ref), now)
    return Here(request, own, top, children, actor, seen.reader_of(own, top, actor), now)


def _family(own: Case) -> tuple[Case, list[Case]]:
    top = own if own.procedure == "accident" else Case.objects.filter(county=own.county, id=own.parent or own.id).first()
    if top is None or top.procedure != "accident":
        raise Http404
    return top, list(Case.objects.filter(county=top.county, parent=top.id).order_by("id"))


def choose(here: Here, name: str, data: Any = None) -> None:
    """Draw the form of the step asked for, with what was typed."""
    found = sheet.of(here.own, here.actor, here.now)
    allowed = here.by_link or here.reader.kind != "none"
    here.steps = [s for s in possible.steps(found, here.actor, here.now) if s.name not in HIDDEN] if allowed else []
    here.chosen = next((s for s in here.steps if s.name == name), None)
    if here.chosen is not None:
        here.form = forms.of_step(here.chosen, here.own, data=data)
        _fitted(here, here.form)


def _fitted(here: Here, form: StepForm) -> None:
    """Sides and insurers are chosen from the few there are."""
    parties = f.parties(here.top.facts)
    known = [(ref, labels.into(words)) for ref, words in f.PARTY if ref in parties]
    for name in ("who", "by", "rode"):
        if name in form.fields:
            form.fields[name] = _choice(form.fields[name], known)
    for spec in here.chosen.fields if here.chosen else ():
        if spec.type == "choice" and len(spec.options) > SHORT and spec.name not in ("who", "by", "rode"):
            form.fields[spec.name] = _choice(form.fields[spec.name], [(name, labels.into(words)) for name, words in spec.options])
        if spec.type == "date":  # the kernel's days lie ahead; what is entered here has happened
            form.fields[spec.name].widget.attrs.pop("min", None)
            if spec.name not in ("since", "until"):
                form.fields[spec.name].widget.attrs["max"] = timezone.localdate(here.now).isoformat()
    if "insurer" in form.fields:
        form.fields["insurer"] = _choice(form.fields["insurer"], insurers())


def _choice(old: Any, options: list[tuple[str, str]]) -> Any:
    return forms.select(options, old.label, required=old.required)


def insurers() -> list[tuple[str, str]]:
    return [(unit.id, labels.name_of(unit)) for unit in directory.city().units.values() if unit.word == "insurer"]


def take(here: Here, name: str) -> bool:
    """Through the one door. False: `here.refused` and `here.form` say why, with everything typed."""
    choose(here, name, here.request.POST)
    if here.chosen is None or here.form is None:
        raise Http404
    form = here.form
    try:
        done = act(here.own, name, by=here.actor, facts=form.facts() or {}, key=form.key, moves=form.moves, at=here.now)
    except Case.DoesNotExist:
        raise Http404 from None
    if not isinstance(done, Refused):
        return True
    here.refused = done
    form.tell(done)
    return False


# ---- what the template shows


def context(here: Here) -> dict[str, Any]:
    """Everything for accidents/file.html; at most twelve queries."""
    facts, reader, own = here.top.facts, here.reader, here.own
    told = seen.told(own, here.top, here.children, reader)
    if here.by_link:
        told.names[reader.ref] = _("您")
    near = FIRST.get(own.state, ())
    insurer = own.unit if reader.kind == "insurer" else ""
    return {
        "here": here,
        "case": own,
        "state": registry.label(own.procedure, own.version, "states", own.state),
        "title": registry.procedures()[own.procedure].label if own.procedure in registry.procedures() else own.title,
        "reader": reader,
        "told": told,
        "steps": sorted(
            ({"name": s.name, "label": labels.into(s.label), "main": s.name in near} for s in here.steps if s is not here.chosen),
            key=lambda row: not row["main"],
        ),
        "chosen": here.chosen,
        "form": here.form,
        "clock": listing.clock(own, here.now),
        "finding": facts.get("finding") if reader.sees("finding") else None,
        "duties": figures.duties(facts, told.names) if reader.sees("finding") else [],
        "vehicles": figures.vehicles(facts, told.names) if reader.sees("vehicles") else [],
        "covers": figures.covers(facts, insurer) if reader.sees("covers") else [],
        "advances": figures.advances(facts, told.names) if reader.sees("advances") else [],
        "reckoning": figures.shown(facts, told.names) if reader.sees("reckoning") else None,
        "wanted": own.facts.get("wanted") if own.procedure in ("road_party", "rescue") else None,
        "children": _children(here) if reader.sees("children") else [],
        "parties": [(figures.name_of(ref, told.names), labels.into(dict(f.PARTY)[ref])) for ref in f.parties(facts)]
        if reader.kind in ("keeper", "party")
        else [],
        "committee": labels.office_name(here.top.desk),
        "printable": printable(here),
        "beside": _beside(here),
    }


def _children(here: Here) -> list[dict[str, Any]]:
    rows = []
    for child in here.children:
        label = registry.procedures()[child.procedure].label if child.procedure in registry.procedures() else None
        state = registry.label(child.procedure, child.version, "states", child.state)
        who = child.facts.get("party", "") if child.procedure == "road_party" else labels.office_name(child.unit)
        rows.append({"case": child, "label": labels.into(label), "state": state, "who": who, "link": child.procedure == "road_party"})
    return rows


def _beside(here: Here) -> list[tuple[str, Any]]:
    """What else opens with the same secret: her side of the dispute, whatever system it is of."""
    if not here.by_link or here.own.procedure != "accident":
        return []
    others, open_here = [one.id for one in here.children if one.procedure not in seen.OWN], inside.codes(here.request)
    rows = Case.objects.filter(county=here.top.county, parent__in=others).order_by("id")
    found = [(part.code, registry.get(part.procedure)) for part in rows if part.code in open_here]
    return [(code, procedure.label) for code, procedure in found if procedure is not None]


def printable(here: Here) -> list[tuple[str, str]]:
    """The papers this reader may print now: (name in the address, title)."""
    out, facts = [], here.top.facts
    if here.reader.sees("reckoning") and facts.get("reckoning"):
        out.append(("reckoning", _("赔偿计算书")))
    if here.own.procedure == "rescue" and here.reader.kind in ("rescue", "keeper"):
        out.append(("rescue", _("救助基金垫付申请书") if here.own.facts["way"] == "fund" else _("抢救费用支付通知书")))
    if here.own.procedure == "road_party" and (here.own.facts.get("wanted") or here.own.facts.get("paid")):
        out.append(("advance", _("垫付医药费告知书")))
    if here.reader.sees("finding") and facts.get("finding"):
        out.append(("finding", _("事故认定摘要")))
    return out
