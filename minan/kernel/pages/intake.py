"""Taking in what somebody says at a counter or a worker finds, and settling it on the spot, on one screen."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from minan.kernel import access, directory, forms, keepsake, labels, oneform, promises, registry, vault
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.forms import StepForm
from minan.kernel.models import Case, Event
from minan.kernel.pages import identifying
from minan.kernel.pages.guard import face_of, person, staff
from minan.kernel.procedure import Procedure, Step

FOLLOW = "/m/"  # where a speaker follows a matter; the secret stands behind #, which no server and no log sees


def _procedure(request: HttpRequest) -> Procedure:
    """The procedure asked for, or the first one by which staff take down what a speaker says. Http404 where there is none."""
    said = (p for p in registry.procedures().values() if p.taken_down)
    mine = sorted(said, key=lambda p: bool(p.privacy))
    named = [p for p in mine if p.name == request.GET.get("of")] if "of" in request.GET else mine
    if not named or access.intake_post(access.actor(person(request))) is None:
        raise Http404
    return named[0]


def settling(procedure: Procedure, unit: str) -> Step | None:
    """The step by which a desk settles what was just said: it takes others along; None where this unit may not lead."""
    office = directory.office(unit)
    if office is None or not office.lead:
        return None
    return next((s for s in procedure.steps_from(procedure.first) if s.takes and "desk" in s.who), None)


def secret_for(request: HttpRequest, key: str) -> str:
    """The speaker's secret for this form: pressing twice prints the same receipt."""
    return oneform.secret("receipt", person(request).pk, key)


def taken_in(
    request: HttpRequest, procedure: Procedure, form: StepForm, settle: Step | None
) -> Opened | Refused | None:
    """Open the case and, with `settle`, settle it: both or neither. None: a picture was unfit, and the form says so."""
    facts, who = form.facts(), access.actor(person(request))
    if facts is None:
        return None
    channel = "patrol" if access.has_role(person(request), "worker") else "walkin"
    key = oneform.event_key(person(request).pk, form.key)
    with transaction.atomic():
        opened = open_case(
            procedure.name, by=who, facts=facts, channel=channel, key=key, secret=secret_for(request, form.key)
        )
        if isinstance(opened, Refused) or settle is None:
            return opened
        if not access.roles_of(who, opened.case.as_view()):
            return opened  # about their own unit, or a report: it went above or to the discipline post, and is not theirs to settle
        done = act(opened.case, settle.name, by=who, facts=facts, key=f"{key}:settled")
        if isinstance(done, Refused):
            transaction.set_rollback(True)
            return done
        return opened


@require_http_methods(["GET", "HEAD", "POST"])
@staff
def new(request: HttpRequest) -> HttpResponse:
    """The one screen; after it the receipt, to be printed or photographed."""
    procedure, unit = _procedure(request), next(iter(access.units_of(person(request))), "")
    settle = settling(procedure, unit)
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = forms.of_opening(
        procedure.opening, settle, unit, find=request.GET.get("find", "")[:40], data=data, files=files
    )
    context = {
        "base": face_of(request),
        "form": form,
        "settle": settle,
        "only": _only(settle, procedure),
        "unit": labels.office_name(unit),
    }
    if data is None:
        return render(request, "kernel/new.html", context)
    done = taken_in(request, procedure, form, settle if data.get("do") == "settle" else None)
    if isinstance(done, Opened):
        return render(request, "kernel/receipt.html", receipt(request, done.case.id, form))
    if done is not None:
        form.tell(done)
        _help(form)
    return render(request, "kernel/new.html", context, status=done.status if done is not None else 422)


@require_safe
@staff
def questions(request: HttpRequest) -> HttpResponse:
    """The questions of a kind as a piece of the form, for the kind just chosen on it; at most two queries."""
    form = forms.asked_of(_procedure(request).opening, str(request.GET.get("kind", ""))[:40], request.GET)
    return render(request, "kernel/new_questions.html", {"form": form})


def _help(form: StepForm) -> None:
    """No kind chosen: the likeliest is, so that a second press may do."""
    if not form.data.get("kind") and forms.propose_kind(form, str(form.data.get("text", ""))):
        form.add_error("kind", _("先替您选了一类，对的话再按一次"))


def _only(settle: Step | None, procedure: Procedure) -> set[str]:
    """The questions that only settling asks."""
    return {f.name for f in settle.fields} - {f.name for f in procedure.opening.fields} if settle else set()


def receipt(request: HttpRequest, case_id: Any, form: StepForm) -> dict[str, Any]:
    """What is handed over: code, secret, a symbol that opens the matter, and the promise; no phone is needed."""
    case, secret = Case.objects.get(id=case_id), secret_for(request, form.key)
    first = Event.objects.get(county=case.county, case_id=case.id, n=1)
    link = request.build_absolute_uri(f"{FOLLOW}{case.code}/#{secret}")
    state = labels.into(registry.label(case.procedure, case.version, "states", case.state))
    due = {"due": case.due_at, "label": registry.label(case.procedure, case.version, "clocks", case.light)} if case.due_at else None
    mine = {
        "next": due,
        "promise": promises.of(first, case.code), "mark": promises.short(first), "keepsake": keepsake.shown(keepsake.fingerprint()),
        "base": face_of(request), "case": case, "secret": vault.shown(secret), "link": link, "state": state,
        "place": directory.place_name(case.place, full=True), "kind": labels.kind_name(case.kind),
        "desk": labels.office_name(case.desk), "again": reverse("kernel:new"),
    }  # fmt: skip
    return mine | identifying.of_new(case)
