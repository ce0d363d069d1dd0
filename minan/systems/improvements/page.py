"""The page of a project for its desk and owner, and what everybody may read of the published ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone

from minan.kernel import access, came_of, directory, forms, labels, possible, registry, sheet
from minan.kernel.act import Refused, act
from minan.kernel.models import Case, User
from minan.kernel.pages import entering, listing
from minan.kernel.procedure import Words
from minan.lib import codes
from minan.systems.improvements import measure

W = Words
HIDDEN = frozenset({"note"})
PAST = ("since", "until")
STATES = {"open": W("在做", "Open"), "done": W("做完", "Done"), "off": W("不做了", "Dropped")}
VERDICTS = {
    "better": W("变好了", "Better"), "worse": W("变差了", "Worse"), "unclear": W("数还太少，看不出变没变", "Too few to tell"),
}  # fmt: skip
PUBLIC_MOST, MINE_MOST = 100, 100


@dataclass(slots=True)
class Here(entering.Here):
    why: list[str] = field(default_factory=list)


def entered(request: HttpRequest, user: User, code: str) -> Here:
    """Http404 alike for what is missing and what is not theirs."""
    try:
        case = Case.objects.seen_by(user, codes.parse(code) or "-")
    except Case.DoesNotExist:
        raise Http404 from None
    if case.procedure != "improvement":
        raise Http404
    return Here(request, case, access.actor(user), timezone.now())


def choose(here: Here, name: str, data: Any = None, files: Any = None) -> None:
    found = sheet.of(here.case, here.actor, here.now)
    here.steps = [s for s in possible.steps(found, here.actor, here.now) if s.name not in HIDDEN]
    here.why = [labels.into(words) for words in possible.held_up(found, here.actor, here.now)]
    here.chosen = next((s for s in here.steps if s.name == name), None)
    if here.chosen is None:
        return
    here.form = forms.of_step(here.chosen, here.case, unit=next(iter(here.actor.units), ""), data=data, files=files)
    here.form.initial.pop("unit", None)
    for spec in here.chosen.fields:
        if spec.type == "date" and spec.name in PAST:  # what was counted lies behind
            here.form.fields[spec.name].widget.attrs.pop("min", None)
            here.form.fields[spec.name].widget.attrs["max"] = timezone.localdate(here.now).isoformat()
    if "n" in here.form.fields:
        rows = [(str(a["n"]), f"{a['n']}. {a['what']}") for a in here.case.facts.get("actions") or [] if a["state"] == "open"]
        here.form.fields["n"] = forms.select(rows, here.form.fields["n"].label)


def take(here: Here, name: str) -> bool:
    """Through the one door. False: `here.refused` and `here.form` say why, with everything typed."""
    choose(here, name, here.request.POST, here.request.FILES)
    if here.chosen is None or here.form is None:
        raise Http404
    facts = here.form.facts()
    if facts is None:
        here.refused = Refused(W("照片没有读出来，请再选一次", "The photos could not be read; choose them again"), 422)
        return False
    try:
        done = act(here.case, name, by=here.actor, facts=facts, key=here.form.key, moves=here.form.moves, at=max(here.now,
            here.case.changed_at))
    except Case.DoesNotExist:
        raise Http404 from None
    if not isinstance(done, Refused):
        return True
    here.refused = done
    here.form.tell(done)
    return False


def near(facts: dict[str, Any]) -> str:
    """What comes next, so that one button of many stands out."""
    if not facts.get("measure"):
        return "measure"
    if not facts.get("before"):
        return "before"
    rows = facts.get("actions") or []
    if not rows:
        return "act"
    if any(one["state"] == "open" for one in rows):
        return "act_done"
    if not facts.get("after"):
        return "after"
    return "close" if facts.get("headline") else "publish"


def figures(facts: dict[str, Any]) -> dict[str, Any]:
    """Measure, before, after and what one may conclude."""
    before, after, said = facts.get("before"), facts.get("after"), facts.get("measure") or {}
    out: dict[str, Any] = {"measure": said, "before": measure.shown(before), "after": measure.shown(after), "verdict": "",
        "verdict_words": ""}
    if before and after:
        out["verdict"] = measure.verdict(measure.Count.of(before), measure.Count.of(after), said.get("better", "less"))
        out["verdict_words"] = labels.into(VERDICTS[out["verdict"]])
    return out


def actions(facts: dict[str, Any]) -> list[dict[str, Any]]:
    return [a | {"unit": labels.office_name(a["who"]), "label": labels.into(STATES[a["state"]])} for a in facts.get("actions") or []]


def linked(case: Case, user: User) -> list[dict[str, Any]]:
    """The linked cases and the parent this reader may see, each with how it stands; the others are a number only."""
    seen = Case.objects.visible_to(user)
    rows = list(seen.filter(code__in=case.facts.get("links") or []).order_by("id"))
    rows += list(seen.filter(county=case.county, id=case.parent)) if case.parent else []
    found = {row.id: row for row in rows}
    return [
        {
            "case": one, "url": reverse("kernel:desk_case", args=[one.code]), "told": case.code in (one.facts.get(came_of.TOLD) or []),
            "sort": labels.into(p.label) if (p := registry.get(one.procedure)) else one.procedure, "can": came_of.can_be_told(one),
            "state": labels.into(registry.label(one.procedure, one.version, "states", one.state)),
        }
        for one in found.values()
    ]  # fmt: skip


def context(here: Here, user: User) -> dict[str, Any]:
    """Everything for improvements/project.html; at most twelve queries."""
    case, facts = here.case, here.case.facts
    rows = linked(case, user)
    costs = facts.get("costs") or []
    return {
        "here": here, "case": case, "facts": facts, "state": registry.label(case.procedure, case.version, "states", case.state),
        "clock": listing.clock(case, here.now), "owner": labels.office_name(case.unit), "place": labels.place_short(case.place),
        "actions": actions(facts), "costs": costs, "cost": sum(c["yuan"] for c in costs), "links": rows,
        "unseen": len(facts.get("links") or []) + bool(case.parent) - len(rows), "why": here.why,
        "steps": [(labels.into(s.label), s.name, s.name == near(facts)) for s in here.steps if s is not here.chosen],
        "chosen": here.chosen, "form": here.form,
        "figures": figures(facts),
    }  # fmt: skip


def mine(user: User, now: datetime) -> list[dict[str, Any]]:
    found = Case.objects.visible_to(user).filter(procedure="improvement").order_by("-id")[:MINE_MOST]
    return [
        {
            "case": c, "url": reverse("improvements:project", args=[c.code]), "state": registry.label(c.procedure, c.version, "states",
            c.state),
            "clock": listing.clock(c, now), "owner": labels.office_name(c.unit), "place": labels.place_short(c.place),
            "open": len([a for a in c.facts.get("actions") or [] if a["state"] == "open"]), "all": len(c.facts.get("actions") or []),
            "told": c.facts.get("told", 0),
        }
        | figures(c.facts)
        for c in found
    ]  # fmt: skip


def public() -> list[dict[str, Any]]:
    """What everybody may read: the published words, the township, the counts. No code, no unit's person, no case behind it."""
    found = Case.objects.filter(procedure="improvement", marks__published=True, privacy="").order_by("-id")[:PUBLIC_MOST]
    return [
        {
            "title": c.facts["headline"], "words": c.facts["public"], "place": labels.place_short(directory.within(c.place,
            "town") or c.place),
            "state": registry.label(c.procedure, c.version, "states", c.state), "open": c.open,
            "actions": [a for a in actions(c.facts) if a["state"] != "off"],
            "cost": sum(one["yuan"] for one in c.facts.get("costs") or []), "told": c.facts.get("told", 0),
        }
        | figures(c.facts)
        for c in found
        if not c.walls and c.facts.get("headline")
    ]  # fmt: skip
