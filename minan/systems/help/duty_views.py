"""The duty desk's screen under /help/duty/: what rings now, with sound; on whose phone it rings besides; the monthly drill."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from minan.kernel import access, directory, facts, labels, outgoing, registry, ways
from minan.kernel.models import Case, User
from minan.kernel.pages.guard import face_of, person, staff
from minan.kernel.procedure import Field, Words
from minan.lib.uuid7 import uuid7
from minan.systems.help import drills, sealing, told, wire
from minan.systems.help.models import Ear

MOST, RECENT = 60, timedelta(days=7)
PHONE = Field("phone", Words("值班手机", "Duty phone"), "phone")


def _units(user: User) -> list[str]:
    return access.actor(user).units


def _calls(units: list[str]) -> tuple[list[dict[str, Any]], bool]:
    """(what rings at these units by the lane's word, whether the lane answers)."""
    try:
        answer = wire.ask({"op": "calls", "units": units}, 0.8)
    except wire.Away:
        return [], False
    return [
        told.shown(call)
        | {"seen": call["seen"], "unit": labels.office_name(call["unit"]), "after": told.seconds(call["now"])}
        for call in answer["calls"]
    ], True


@require_safe
@never_cache
@staff
def duty(request: HttpRequest) -> HttpResponse:
    """Everything open at this person's units, and what was lately."""
    user, now = person(request), timezone.now()
    units = _units(user)
    ringing, answers = _calls(units)
    seen = Case.objects.visible_to(user).filter(procedure="help")
    rows = [
        *seen.filter(closed_at=None).order_by("-opened_at")[:MOST],
        *seen.filter(closed_at__gt=now - RECENT).order_by("-closed_at")[:20],
    ]
    here = {
        "base": face_of(request), "ringing": [c for c in ringing if not c["call"]["drill"]], "answers": answers,
        "rows": [_row(c) for c in rows],
        "units": [(u, labels.office_name(u)) for u in units], "mine": {e.unit for e in Ear.objects.filter(user=user)},
        "push_key": outgoing.browser_key(),
        "drills": drills.of_units(units, now), "now": now,
    }  # fmt: skip
    return render(request, "help/duty.html", here)


def _row(case: Case) -> dict[str, Any]:
    return {
        "case": case, "state": registry.label("help", case.version, "states", case.state), "open": case.open,
        "place": directory.place_name(case.place), "drill": bool(case.marks.get("drill")), "needs_120": bool(case.marks.get("needs_120")),
    }  # fmt: skip


@require_safe
@never_cache
@staff
def calls(request: HttpRequest) -> HttpResponse:
    """What rings now, for the page's script where no event stream says so: the lane is asked, no record."""
    ringing, answers = _calls(_units(person(request)))
    rows = [
        {"press": c["call"]["press"], "seen": c["seen"], "words": c["words"], "after": c["after"], "unit": c["unit"],
         "place": c["call"]["place_name"], "stopped": c["call"]["stopped"],
         "urgent": bool(c["urgent"]), "drill": c["call"]["drill"], "turn": c["call"]["rung"]}
        for c in ringing
    ]  # fmt: skip
    return JsonResponse({"answers": answers, "calls": rows})


@require_POST
@staff
def me(request: HttpRequest) -> HttpResponse:
    """Put oneself on duty for a unit, with the phone it rings on; or off."""
    user, unit = person(request), request.POST.get("unit", "")
    if unit not in _units(user):
        messages.error(request, _("这不是您的单位"))
        return redirect("help:duty")
    if request.POST.get("do") == "off":
        Ear.objects.filter(user=user, unit=unit).delete()
        messages.success(request, _("不在您的手机上响了"))
        return redirect("help:duty")
    wrong = _put_on(user, unit, request.POST.get("phone", ""), request.POST.get("subscription", ""))
    messages.error(request, wrong) if wrong else messages.success(request, _("记下了，半分钟内起作用"))
    return redirect("help:duty")


def _put_on(user: User, unit: str, phone: str, subscription: str) -> str:
    """Why not, in words; "" where it is done."""
    held = {}
    try:
        if phone:
            held["phone"] = facts.CLEAN["phone"](PHONE, phone)
        if subscription:
            held["push"] = ways.push(subscription)
    except (facts.Bad, ways.Unfit) as bad:
        return labels.into(bad.words)
    if not held:
        return _("写一个手机号，或者允许这台手机的通知")
    row = Ear.objects.filter(user=user, unit=unit).first() or Ear(
        id=uuid7(), user=user, unit=unit, rank=Ear.objects.filter(unit=unit).count()
    )
    row.sealed, row.made_at = sealing.shut(held, f"ear:{row.id}"), timezone.now()
    row.save()
    wire.fresh()
    return ""


@require_POST
@staff
def drill(request: HttpRequest) -> HttpResponse:
    """The month's drill of a unit: the whole chain of one of its people, and nobody's phone rings."""
    unit = request.POST.get("unit", "")
    begun = drills.begin(unit) if unit in _units(person(request)) else False
    if begun:
        messages.success(request, _("演练开始了，不打扰任何人。十几秒后这里看结果"))
    else:
        messages.error(request, _("演练没有开始：这个单位还没有人登记，或者叫人的程序没有应答"))
    return redirect("help:duty")
