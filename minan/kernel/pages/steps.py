"""Taking a step from a page: a form, the one door, and back to the case; what goes wrong is told with every word kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from minan.kernel import access, forms, labels, possible, sheet
from minan.kernel.act import Refused, act
from minan.kernel.forms import StepForm
from minan.kernel.models import Case, Event
from minan.kernel.pages import desk, listing, pane, phone, straight
from minan.kernel.pages.guard import case_of, person, staff
from minan.kernel.procedure import Step

Page = Callable[..., HttpResponse]
FACES: dict[str, Page] = {"desk": desk.page, "tasks": phone.page}


@require_http_methods(["GET", "HEAD", "POST"])
@staff
def take(request: HttpRequest, code: str, step: str, face: str) -> HttpResponse:
    """Take one step; a refusal shows the page again with its reason (403, 409, 422) and what was typed."""
    case = case_of(request, code)
    wanted = pane.step_of(case, step)
    if wanted is None or request.method != "POST":
        return redirect(f"{reverse(f'kernel:{face}_case', args=[code])}?step={step}" if wanted else _home(face))
    form = forms.of_step(wanted, case, unit=_unit(request), data=request.POST, files=request.FILES)
    refused = tried(request, case, wanted, form, timezone.now())
    if refused is None:
        return redirect(after(request, case, face))
    return FACES[face](
        request, Case.objects.get(id=case.id), _again(request, case, wanted, form, refused), refused.status
    )


def _unit(request: HttpRequest) -> str:
    return next(iter(access.units_of(person(request))), "")


def _home(face: str) -> str:
    return reverse(f"kernel:{face}")


def tried(request: HttpRequest, case: Case, step: Step, form: StepForm, now: datetime) -> Refused | None:
    """Take the step with what the form carries; None: taken, and said so. Raises Http404 where the case is no longer theirs."""
    facts = form.facts()
    if facts is None:
        return Refused(forms.UNREAD, 422)
    try:
        done = act(
            case, step.name, by=access.actor(person(request)), facts=facts, key=form.key, moves=form.moves, at=now
        )
    except Case.DoesNotExist:
        raise Http404 from None
    if isinstance(done, Refused):
        form.tell(done)
        return done
    if step.name == pane.CALL:
        # from the event on, not from the press: the same form sent again opens nothing anew
        pane.open_number(request, case, now if case.anonymous else done.at, done.hash)
    messages.success(request, _("记下了：%(step)s") % {"step": labels.into(step.label)})
    return None


def _again(request: HttpRequest, case: Case, step: Step, form: StepForm, refused: Refused) -> pane.Chosen:
    """The form with everything typed; where somebody was faster, with the counter as it is now."""
    if refused.status == 409:
        now = Case.objects.get(id=case.id)
        form = forms.of_step(step, now, unit=_unit(request), data=_data(form, now), files=None)
    return pane.Chosen(step, form, pane.told(step, case), refused)


def _data(form: StepForm, case: Case) -> dict[str, Any]:
    return {name: form.data.get(name, "") for name in form.data} | {"moves": str(case.moves)}


def after(request: HttpRequest, case: Case, face: str) -> str:
    """Where to go on: the same case with the same filters, or the list where it is no longer this person's to see."""
    keep = listing.kept(request.GET)
    there = Case.objects.visible_to(person(request)).filter(id=case.id).exists()
    url = reverse(f"kernel:{face}_case", args=[case.code]) if there else _home(face)
    return url + (f"?{keep}" if keep and face == "desk" else "#open" if there and face == "tasks" else "")


@require_POST
@staff
def straight_through(request: HttpRequest, code: str) -> HttpResponse:
    """The one key: each step in turn by the same hand; where one is refused, the page says which were taken and why it stopped."""
    case = case_of(request, code)
    actor, now = access.actor(person(request)), timezone.now()
    line = straight.of(case, possible.steps(sheet.of(case, actor, now), actor, now))
    form = StepForm((), place=case.place, values={}, data=request.POST)
    if line is None or _pressed(case, form):
        return redirect(_gone(request, case, form))
    for n, step in enumerate(line.steps):
        facts = {f.name: line.unit for f in step.fields if f.type == "unit" and f.required}
        done = act(
            case,
            step.name,
            by=actor,
            facts=facts,
            key=f"{form.key}:{step.name}",
            moves=None if n else form.moves,
            at=now,
        )
        if isinstance(done, Refused):
            return _stopped(request, case, line, n, done)
    messages.success(
        request,
        _("%(steps)s给了 %(unit)s") % {"steps": straight.names(line.steps), "unit": labels.office_name(line.unit)},
    )
    return redirect(after(request, case, "desk"))


def _pressed(case: Case, form: StepForm) -> bool:
    """True where this very form was sent before: a double click."""
    return Event.objects.filter(county=case.county, case_id=case.id, key__startswith=f"{form.key}:").exists()


def _gone(request: HttpRequest, case: Case, form: StepForm) -> str:
    if not _pressed(case, form):
        messages.warning(request, _("这件事不能一键交办了，请看它现在的样子。"))
    return after(request, case, "desk")


def _stopped(request: HttpRequest, case: Case, line: straight.Straight, n: int, refused: Refused) -> HttpResponse:
    taken = _("已%(steps)s，但") % {"steps": straight.names(line.steps[:n])} if n else ""
    words = _("%(taken)s没能%(step)s：%(reason)s")
    messages.error(
        request,
        words % {"taken": taken, "step": labels.into(line.steps[n].label), "reason": labels.into(refused.reason)},
    )
    fresh = Case.objects.get(id=case.id)
    step = line.steps[n]
    form = forms.of_step(step, fresh, unit=_unit(request))
    return desk.page(request, fresh, pane.Chosen(step, form, pane.told(step, fresh), refused), refused.status)
