"""What the pages of a box show: how each box stands, how an opening went, what may be done next."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from minan.channels.box import custody
from minan.channels.box.models import Box, Opening, Slip
from minan.kernel import access, forms, labels, possible, registry, sheet
from minan.kernel.act import Refused
from minan.kernel.forms import StepForm
from minan.kernel.models import Case, User
from minan.kernel.procedure import Step

OFFERED = (
    "witness",
    "count",
    "receive",
    "rule_gap",
    "hand",
    "note",
)  # the order of the forms; what comes first stands open
MAIN = ("witness", "count", "receive", "rule_gap")  # what the page is about when it can be done
HIDDEN = ("picture",)


def boxes(user: User) -> list[dict[str, Any]]:
    """A row a box: its last opening with its state. Three queries."""
    last = Opening.objects.filter(box=OuterRef("pk")).order_by("-at", "-id")
    mine = custody.boxes_of(user).annotate(last=Subquery(last.values("case_id")[:1]))
    found = list(mine.order_by("unit", "name")[: custody.LISTED])
    cases = {c.id: c for c in Case.objects.visible_to(user).filter(id__in=[box.last for box in found if box.last])}
    printed = Slip.objects.filter(book__box__in=found).values("book__box").annotate(n=Count("id"))
    slips = {row["book__box"]: row["n"] for row in printed}
    return [_row(box, cases.get(box.last), slips.get(box.id, 0)) for box in found]


def _row(box: Box, case: Case | None, slips: int) -> dict[str, Any]:
    out: dict[str, Any] = {"box": box, "unit": labels.office_name(box.unit), "slips": slips, "case": case}
    if case is not None:
        out |= {"state": state(case), "gap": gaps(case), "url": reverse("box:opening", args=[case.code])}
        out["busy"] = case.open and case.state in ("begun", "opened")
    return out


def state(case: Case) -> str:
    return labels.into(registry.label(case.procedure, case.version, "states", case.state))


def gaps(case: Case) -> list[str]:
    """What is wrong with its custody just now, in words."""
    procedure = registry.get(case.procedure)
    step = procedure.step("missing") if procedure else None
    options = dict(step.fields[0].options) if step else {}
    return [labels.into(options.get(one)) or str(one) for one in case.marks.get("gap", [])]


def _told(line: sheet.Line, procedure: Any) -> str:
    """The facts of one event as people read them."""
    step = procedure.step(line.event.step) if procedure else None
    options = {f.label.zh: dict(f.options) for f in step.fields} if step else {}
    hidden = {f.label.zh for f in step.fields if f.name in HIDDEN or f.type == "place"} if step else set()
    out = [labels.numbered(line.note["number"])] if line.note.get("number") else []
    for label, kind, value in line.facts:
        if label["zh"] in hidden or value == "":
            continue
        said = (
            labels.into(options[label["zh"]][value]) if value in options.get(label["zh"], {}) else _value(kind, value)
        )
        out.append(said if kind == "long" else _("%(label)s：%(value)s") % {"label": labels.into(label), "value": said})
    return "\n".join(out)


def _value(kind: str, value: Any) -> str:
    if kind == "staff":
        return labels.name_of(User.objects.filter(pk=int(value)).first()) or str(value)
    return {"matter": _("成了一件事"), "void": _("空白单，作废"), "plain": _("没有号的纸，成了一件事")}.get(
        value, str(value)
    )


def opening(
    user: User, case: Case, row: Opening, now: datetime, tried: tuple[Step, StepForm, Refused] | None = None
) -> dict[str, Any]:
    """The page of an opening."""
    who = access.actor(user)
    whole = sheet.of(case, who, now)
    steps = sorted(
        (s for s in possible.steps(whole, who, now) if s.name in OFFERED), key=lambda s: OFFERED.index(s.name)
    )
    unit = next(iter(who.units), "")
    offered: list[dict[str, Any]] = [
        {
            "step": s,
            "form": tried[1] if tried and tried[0] is s else forms.of_step(s, case, unit=unit),
            "open": bool(tried and tried[0] is s),
        }
        for s in steps
    ]
    for one in offered[:1]:
        one["main"] = one["step"].name in MAIN
    procedure = registry.get(case.procedure)
    items = [
        {
            "label": line.label,
            "by": {"zh": line.by, "en": line.by_en} if line.by else "",
            "at": line.event.at,
            "words": _told(line, procedure),
        }
        for line in reversed(whole.lines)
    ]
    first = whole.first
    clocks = [c for c in whole.clocks if c.row.done_at is None]
    stands = custody.standing(case, row)
    reads = custody.may_read(user, case)
    return {
        "case": case, "box": row.box, "unit": labels.office_name(row.box.unit), "state": state(case), "final": not case.open,
        "gaps": gaps(case), "offered": offered, "items": items, "clock": _light(first) if first else None,
        "clocks": [_light(c) for c in clocks], "stands": stands, "reads": reads, "can_type": reads and case.state == "held",
        "waiting": case.state == "begun" and case.facts.get("opened_by") == str(user.pk),
        "refused": tried[2] if tried else None, "counted": case.facts.get("counted"), "ruler": labels.office_name(case.ruler),
    }  # fmt: skip


def _light(line: sheet.ClockLine) -> dict[str, Any]:
    return {"label": line.label, "light": line.light, "due_at": line.row.due_at}
