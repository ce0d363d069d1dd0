"""The page of a dispute for whoever may open it: a side by its link, the mediator, who inspects, the committee, the court."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from django import forms as django_forms
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from minan.kernel import access, directory, forms, labels, possible, registry, sheet, vault
from minan.kernel.access import SPEAKER, Actor
from minan.kernel.act import Refused, act
from minan.kernel.forms import StepForm
from minan.kernel.models import Case, User
from minan.kernel.pages import entering, listing
from minan.kernel.procedure import Step
from minan.systems.disputes import fields, filing, offered, papers, sealing, village
from minan.systems.disputes.papers import Reader

ROOM = frozenset({"speak"})
PARTY = dict(fields.PARTY)
OURS = ("dispute", "side", "confirmation")


@dataclass(slots=True)
class Here:
    """One reader before one dispute."""

    request: HttpRequest
    dispute: Case
    sides: list[Case]
    actor: Actor
    reader: Reader
    own: Case  # what this page is of: the dispute, a side's own case, or the court's
    now: datetime
    on: Case | None = None  # the side a member of staff acts on
    chosen: Step | None = None
    form: StepForm | None = None
    refused: Refused | None = None
    steps: list[Step] = field(default_factory=list)

    @property
    def is_side(self) -> bool:
        return self.reader.kind == "side"

    @property
    def by_link(self) -> bool:
        """A side by its link; False for an organisation that acts through its desk."""
        return self.is_side and self.actor.kind == "speaker"

    @property
    def target(self) -> Case:
        return self.on or self.own


def family_of(case: Case) -> tuple[Case, list[Case]]:
    """(the dispute, its sides in order) of any of its cases."""
    top = (
        case
        if case.procedure == "dispute"
        else Case.objects.filter(county=case.county, id=case.parent or case.id).first()
    )
    if top is None or top.procedure != "dispute":
        raise Http404
    sides = Case.objects.filter(county=top.county, parent=top.id, procedure="side")
    return top, sorted(sides, key=lambda side: str(side.facts.get("ref")))


def entered(request: HttpRequest, code: str) -> Here:
    """Who this is to the case with this code. Http404 alike for what is missing and what is not theirs; SignIn where nobody is."""
    now = timezone.now()
    own, actor = entering.entered(request, code, ("side", "dispute"), OURS)
    dispute, sides = family_of(own)
    if actor is SPEAKER:
        mine = own if own.procedure == "side" else sides[0]  # who applied with an account follows the dispute itself
        return Here(request, dispute, sides, SPEAKER, papers.side_reader(dispute, mine), mine, now)
    person = str(request.user.pk)
    if own.procedure == "confirmation":
        court = "lead" in access.roles_of(actor, own.as_view())
        return Here(request, dispute, [], actor, Reader("court" if court else "none", person=person), own, now)
    if papers.reader_unit(own) and "lead" in access.roles_of(actor, own.as_view()):
        return Here(request, dispute, sides, actor, papers.side_reader(dispute, own, person), own, now)
    on = own if own.procedure == "side" else next((s for s in sides if s.facts.get("ref") == _on(request)), None)
    return Here(request, dispute, sides, actor, papers.reader_of(dispute, person, now), dispute, now, on)


def _on(request: HttpRequest) -> str:
    return str(request.POST.get("on") or request.GET.get("on") or "")


def steps(here: Here) -> list[Step]:
    """What this reader may do now on what the page is of."""
    if here.is_side:
        return offered.by_side(here.own, here.dispute, "speaker" if here.by_link else "own")
    if here.on is not None:
        seen = sheet.of(here.on, here.actor, here.now)
        mine = {s.name for s in offered.by_side(here.on, here.dispute, "lead")}
        free = here.reader.kind == "mediator" or not here.dispute.facts.get(
            "mediator"
        )  # else the mediator alone acts for a side
        return [s for s in seen.steps if s.name in mine] if free and seen.roles & {"lead", "desk"} else []
    seen = sheet.of(here.own, here.actor, here.now)
    return [s for s in possible.steps(seen, here.actor, here.now) if s.name not in offered.HIDDEN]


def choose(here: Here, name: str, data: Any = None) -> None:
    """Draw the form of the step asked for, with what was typed."""
    here.steps = steps(here)
    here.chosen = next((s for s in here.steps if s.name == name), None)
    if here.chosen is not None:
        here.form = forms.of_step(here.chosen, here.target, data=data)
        _fitted(here, here.form)


def _fitted(here: Here, form: StepForm) -> None:
    """Which paper was read is not asked but known; instalments and mediators are chosen from the few there are."""
    facts, made = here.dispute.facts, form.fields
    for name in ("k", *(("hand",) if here.is_side else ()), *(() if here.by_link else ("code",))):
        if name in made:
            made[name].widget = django_forms.HiddenInput()
    if "code" in made and here.by_link and here.chosen is not None and here.chosen.name == "sign":
        made["code"].required = True
        made["code"].help_text = _("没有的，先按“要签字的验证码”，发到您的手机，10 分钟内有效")
    if "k" in made and here.chosen is not None:
        form.initial["k"] = (facts.get(offered.READS.get(here.chosen.name, "draft")) or {}).get("k", "")
    if "row" in made:
        rows = offered.rows(facts, here.chosen.name if here.chosen else "", str(here.target.facts.get("ref", "")))
        made["row"] = _choice(made["row"], [(str(n + 1), row_words(n, row)) for n, row in rows])
    sealing.fitted(here, form)
    if "cite" in made:
        cites = village.options(village.of_place(here.dispute.place), here.now)
        made["cite"] = _choice(made["cite"], cites)
        form.specs = tuple(spec for spec in form.specs if spec.name != "cite" or cites)
    for name in ("payer", "claimant"):
        if name in made:
            there = [(ref, labels.into(words)) for ref, words in fields.PARTY if ref in fields.sides(facts)]
            made[name] = _choice(made[name], there)
    if "mediator" in made:
        made["mediator"] = _choice(made["mediator"], mediators(here.dispute.unit))


def _choice(old: Any, options: list[tuple[str, str]]) -> Any:
    return forms.select(options, old.label, required=old.required)


def row_words(n: int, row: Mapping[str, Any]) -> str:
    return f"{n + 1}. {row['due']} {row['sum'] or row['what']}"


def mediators(unit: str) -> list[tuple[str, str]]:
    """Who may be named: the people of this committee."""
    there = [pk for pk, posts in directory.city().posts.items() if any(p.unit == unit for p in posts)]
    return [(str(user.pk), labels.name_of(user)) for user in User.objects.filter(pk__in=there).order_by("pk")]


def take(here: Here, name: str) -> bool:
    """Through the one door. False: `here.refused` and `here.form` say why, with everything typed."""
    choose(here, name, here.request.POST)
    if here.chosen is None or here.form is None:
        raise Http404
    target, form = here.target, here.form
    try:
        done = act(target, name, by=here.actor, facts=form.facts() or {}, key=form.key, moves=form.moves, at=here.now)
    except Case.DoesNotExist:
        raise Http404 from None
    if not isinstance(done, Refused):
        return True
    here.refused = done
    form.tell(done)
    here.dispute, here.sides = family_of(here.own)
    return False


def sees(here: Here) -> bool:
    """Whether a member of staff still sees what they acted on: who stood aside does not."""
    user: Any = here.request.user
    return Case.objects.visible_to(user).filter(id=here.own.id).exists()


# ---- what the template shows


def context(here: Here) -> dict[str, Any]:
    """Everything for disputes/room.html; at most twelve queries."""
    file = papers.of(here.dispute, here.sides, here.reader)
    case = here.own if here.own.procedure == "confirmation" else here.dispute
    state = registry.label(case.procedure, case.version, "states", case.state)
    facts = here.dispute.facts
    mediator = User.objects.filter(pk=facts["mediator"]).first() if facts.get("mediator") else None
    said, names = [paper for paper in file.papers if paper.step in ROOM], _names(here, file)
    return {
        "here": here,
        "title": labels.into(dict(fields.SORTS)[facts.get("sort") or fields.OTHER]),
        "session": _session(here),
        "case": case,
        "state": state,
        "file": file,
        "said": said,
        "steps": _buttons(here),
        "chosen": here.chosen,
        "form": here.form,
        "groups": _groups(here, [paper for paper in file.papers if paper.step not in ROOM]),
        "mediator": labels.name_of(mediator),
        "names": names,
        "plan": _plan(here, file),
        "signed": _signed(here, file),
        "clock": listing.clock(case, here.now),
        "now": here.now,
        "committee": labels.office_name(here.dispute.desk),
        "can_speak": any(s.name == "speak" for s in here.steps),
        "facts": facts,
        "reader": here.reader,
        "ending": _ending(here),
        "agreement": _for_court(here),
        "sides": here.sides,
        "sealed": sealing.shown(here, {one["ref"]: one["name"] for one in names}),
        "inspecting": here.reader.kind == "inspector",
        "danger": any(s.name == "danger" for s in here.steps),
        "seed": uuid4().hex,
        "prints": filing.links(here),
        "made": filing.made(here),
    }


def _names(here: Here, file: papers.File) -> list[dict[str, Any]]:
    """Both sides as this reader knows them, with how far each has come."""
    out = []
    for side in here.sides:
        ref = str(side.facts["ref"])
        state = registry.label(side.procedure, side.version, "states", side.state)
        you = here.is_side and ref == here.reader.ref
        name = file.names.get(ref) or labels.into(PARTY[ref])
        out.append(
            {
                "ref": ref,
                "name": name,
                "state": state,
                "you": you,
                "part": " ".join(filter(None, (labels.into(PARTY[ref]), (here.dispute.facts.get("parts") or {}).get(ref)))),
                "case": side,
                "on": here.on is not None and here.on.id == side.id,
            }
        )
    return out


def who(here: Here, file: papers.File, ref: str) -> str:
    if here.is_side and ref == here.reader.ref:
        return _("您")
    return file.names.get(ref) or (labels.into(PARTY[ref]) if ref in PARTY else _("调解员"))


SCOPES = {papers.JOINT: "joint", papers.ONE: "one", papers.HEAD: "one", papers.STAFF: "one", papers.OWN: "own"}


def _groups(here: Here, found: list[papers.Paper]) -> list[dict[str, Any]]:
    """Papers by who reads them, newest first; a heading says so in words."""
    titles = {
        "joint": _("各方都看得到的"),
        "own": _("只有您自己看得到的"),
        "one": _("只有您和调解员看得到的") if here.is_side else _("只有一方和调解员看得到的"),
    }
    out = []
    for name, title in titles.items():
        rows = [paper for paper in reversed(found) if SCOPES[paper.scope] == name]
        if rows:
            out.append({"name": name, "title": title, "rows": rows})
    return out


def _buttons(here: Here) -> list[dict[str, Any]]:
    near, rows = offered.first(here), []
    for step in here.steps:
        if step.name not in ROOM and step is not here.chosen:
            rows.append(
                {
                    "name": step.name,
                    "label": labels.into(step.label),
                    "main": step.name in near,
                    "direct": not step.fields,
                }
            )
    return sorted(rows, key=lambda row: not row["main"])


def _plan(here: Here, file: papers.File) -> list[dict[str, Any]]:
    today = timezone.localdate(here.now).isoformat()
    if here.reader.outside:
        return []
    return [
        row
        | {
            "n": n + 1,
            "by_whom": who(here, file, row["payer"]),
            "to_whom": who(here, file, row["to"]) if row.get("to") else "",
            "late": not row.get("done") and row["due"] < today,
            "done_at": datetime.fromisoformat(row["done"]) if row.get("done") else None,
            "said": bool(row.get("paid")),
        }
        for n, row in enumerate(here.dispute.facts.get("plan") or [])
    ]


def _signed(here: Here, file: papers.File) -> list[dict[str, Any]]:
    """Who has signed the agreement, and how."""
    row = here.dispute.facts.get("draft") or {}
    if not row or here.dispute.facts.get("oral") or here.reader.outside:
        return []
    how = {"code": _("短信验证码"), "paper": _("纸上签，调解员登记"), "staff": _("账号")}
    out = []
    for ref in (*fields.sides(here.dispute.facts), "m"):
        mark = row["signed"].get(ref)
        at = datetime.fromisoformat(mark["at"]) if mark else None
        out.append({"who": who(here, file, ref), "at": at, "how": how.get(mark["how"], "") if mark else ""})
    return out


def _ending(here: Here) -> str:
    """Where to turn, in writing, once it ended without an agreement or was not performed."""

    broken = here.dispute.state in ("breached", "elsewhere")
    return labels.into(fields.WAYS if here.dispute.state == "ended" else fields.BROKEN if broken else None)


def _session(here: Here) -> dict[str, Any] | None:
    """When and how they meet next; None where that is over."""
    row = (here.dispute.facts.get("session") or {}) if here.dispute.state in ("choosing", "mediating", "signing") else {}
    at = datetime.fromisoformat(row["when"]) if row else None
    return {"at": at, "link": row["where"] == "link"} if at and at > here.now and here.dispute.open else None


def _for_court(here: Here) -> list[tuple[str, str]]:
    if here.reader.kind != "court":
        return []
    try:
        return papers.agreement_for_court(here.dispute, here.own, here.reader.person)
    except vault.Sealed:
        return []
