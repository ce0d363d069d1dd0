"""The page of an agreement: for the person it is about, for a helper they named, for the point that would come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone

from minan.kernel import access, labels
from minan.kernel.access import SPEAKER, Actor
from minan.kernel.models import Case, Event
from minan.kernel.pages import entering
from minan.kernel.procedure import Words
from minan.systems.care import agreeing, watching
from minan.systems.care import fields as f
from minan.systems.care.models import Watch

W = Words
OWN, HAND, STAFF = "own", "hand", "staff"
PAUSES = (1, 3, 7, 14, 31)
# What the person reads of the visit of today, by its step; (step, state it led to) where the step has two ends.
TOLD = {
    "miss": W("提醒了您", "You were reminded"),
    "pass_over kin": W("告诉了您写的家人", "Whom you named was told"),
    "pass_over visit": W("请社区上门看看", "The community was asked to come"),
    "call": W("上门的人看了您的姓名、住址、电话", "Who comes looked at your name, address and phone"),
    "go_now": W("有人出门来看您了", "Somebody is on the way to you"),
    "found": W("看到您了", "You were found"),
    "call_help": W("帮您呼救了", "Help was called for you"),
    "danger": W("报了危险", "Danger was reported"),
    "remind": W("催了上门的人", "Who should come was reminded"),
    "go_up": W("告诉了上一级", "The level above was told"),
    "sign": W("报了平安", "A sign came"),
}


@dataclass(slots=True)
class Here:
    request: HttpRequest
    kind: str
    own: Case  # the agreement, or the helper's own narrow case
    agreement: Case
    watch: Watch | None
    actor: Actor
    now: datetime

    @property
    def running(self) -> bool:
        return self.watch is not None and self.own.open

    @property
    def paused(self) -> bool:
        return self.watch is not None and watching.paused(self.watch, watching.today(self.now))


def entered(request: HttpRequest, code: str) -> Here:
    """Http404 alike for what is missing and what is not theirs; SignIn where nobody is."""
    now = timezone.now()
    own, actor = entering.entered(request, code, ("daily_sign", "care_hand"), ("daily_sign",))
    if actor is SPEAKER:
        hand = own.procedure == "care_hand"
        agreement = Case.objects.filter(county=own.county, id=own.parent).first() if hand else own
        if agreement is None:
            raise Http404
        return Here(request, HAND if hand else OWN, own, agreement, watching.of(agreement), SPEAKER, now)
    if "desk" not in access.roles_of(actor, own.as_view()):
        raise Http404
    return Here(request, STAFF, own, own, watching.of(own), actor, now)


def how_of(here: Here) -> str:
    return {OWN: "own", HAND: "hand", STAFF: "staff"}[here.kind]


def told(visit: Case) -> list[tuple[datetime, str]]:
    """Who was told and when, of today's visit: the person it is about reads it all."""
    rows = Event.objects.filter(county=visit.county, case_id=visit.id).order_by("n").values_list("step", "state", "at")
    out = []
    for step, state, at in rows:
        words = TOLD.get(f"{step} {state}") or TOLD.get(step)
        if words is not None:
            out.append((at, labels.into(words)))
    return out


def context(here: Here) -> dict[str, Any]:
    """Everything for the page; at most twelve queries."""
    watch, own = here.watch, here.own
    visit = watching.visit_of(watch) if watch is not None and here.kind == OWN else None
    route = "kernel:desk_step" if here.kind == STAFF else "web:step"
    steps = ("change", "kin", "add_hand") if here.running and here.kind in (OWN, STAFF) else ()
    labels_of = {s.name: labels.into(s.label) for s in agreeing.CARE.steps}
    return {
        "here": here, "case": own, "watch": watch,
        "told": told(visit) if visit is not None else [],
        "visiting": visit is not None and visit.open,
        "way": labels.into(dict(f.WAYS).get(watch.way)) if watch is not None else "",
        "pauses": PAUSES,
        "steps": [(labels_of[name], reverse(route, args=[own.code, name])) for name in steps],
        "office": labels.office_name(here.agreement.desk),
        "home": watch is not None and watch.way == f.HOME,
        "paper": watch is not None and watch.way == f.PAPER,
    }  # fmt: skip


def hands(agreement: Case) -> list[Case]:
    rows = Case.objects.filter(county=agreement.county, parent=agreement.id, procedure="care_hand", closed_at=None)
    return list(rows.order_by("id"))
