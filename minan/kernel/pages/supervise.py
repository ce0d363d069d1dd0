"""The supervisor's pages: first the sentence, then the picture, then the tables; one tap to a numbered order 督办单."""

from __future__ import annotations

from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from minan.kernel import access, labels, sheet
from minan.kernel.access import Actor
from minan.kernel.act import Refused, act
from minan.kernel.models import Case, Event, Inbox
from minan.kernel.pages import listing, supervise_rows
from minan.kernel.pages.guard import View, case_of, person
from minan.kernel.pages.notes_of import note_of
from minan.kernel.pages.numbers import AT_STOPS, BESIDE, STOPS
from minan.kernel.pages.overview import SERIES, Overview, Scope, scopes
from minan.kernel.procedure import Step
from minan.lib.uuid7 import uuid7

PAGE = 50
ROLES = ("supervisor",)


def supervising(view: View) -> View:
    """Supervisors and administrators with a post; who has not signed in is asked to, everybody else finds nothing here."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not access.has_role(request.user, *ROLES) or not scopes(person(request)):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def _scope(request: HttpRequest) -> tuple[Scope, list[Scope]]:
    """The scope asked for with ?unit=, else the first; and all of them."""
    found = scopes(person(request))
    return next((s for s in found if s.office.id == request.GET.get("unit")), found[0]), found


@require_safe
@supervising
def overview(request: HttpRequest) -> HttpResponse:
    """The whole picture of one unit's place."""
    scope, others = _scope(request)
    seen = Overview(scope)
    table = request.GET.get("by", "")
    context = supervise_rows.context(seen, access.actor(person(request)), table)
    return render(
        request, "kernel/supervise.html", context | {"scope": scope, "others": others if len(others) > 1 else []}
    )


@require_safe
@supervising
def cases(request: HttpRequest) -> HttpResponse:
    """The open matters behind a number that the inbox's own filters cannot name: ?lead= ?at= ?stop= ?light=red."""
    scope, _others = _scope(request)
    ask = {name: request.GET[name] for name in ("unit", "lead", "at", "stop", "light") if request.GET.get(name)}
    now = timezone.now()
    found = _listed(scope, ask, request.GET.get("cursor", ""))
    shown = found[:PAGE]
    rows = [listing.row(case, now, supervise_rows.case_url(case)) for case in shown]
    context = {
        "rows": rows, "keep": urlencode(ask), "next": str(shown[-1].id) if len(found) > PAGE else "", "title": _title(ask),
        "back": "?" + urlencode(ask) if request.GET.get("cursor") else "", "scope": scope,
    }  # fmt: skip
    return render(request, "kernel/supervise_cases.html", context)


def _listed(scope: Scope, ask: dict[str, str], cursor: str) -> list[Case]:
    """One page, newest first, and one more where there is a next. Two queries."""
    rows = scope.open()
    if ask.get("stop") in STOPS:
        rows = rows.filter(state__in=STOPS[ask["stop"]][0])
    if ask.get("stop") == BESIDE:
        rows = rows.exclude(state__in=AT_STOPS)
    if ask.get("light") == "red":
        rows = rows.filter(due_at__lt=timezone.now())
    if ask.get("at"):
        rows = rows.filter(case_id__in=Inbox.objects.filter(unit=ask["at"], open=True, mine=True).values("case_id"))
    if ask.get("lead"):
        held = Inbox.objects.filter(unit=ask["lead"], open=True).values("case_id")
        rows = rows.filter(case_id__in=Case.objects.filter(id__in=held, unit=ask["lead"]).values("id"))
    try:
        rows = rows.filter(case_id__lt=UUID(cursor)) if cursor else rows
    except ValueError:
        raise Http404 from None
    keys = list(rows.order_by("-case_id").values_list("county", "case_id")[: PAGE + 1])
    found = {c.id: c for c in Case.objects.filter(county__in={c for c, _id in keys}, id__in=[i for _c, i in keys])}
    return [found[i] for _c, i in keys if i in found]


def _title(ask: dict[str, str]) -> str:
    names = [labels.office_name(ask.get("at") or ask.get("lead") or "")]
    names += [str(supervise_rows.STOP_NAMES[ask["stop"]])] if ask.get("stop") in supervise_rows.STOP_NAMES else []
    names += [_("超时")] if ask.get("light") == "red" else []
    return "·".join(n for n in names if n) or _("在办")


# ---- the order


class OrderForm(forms.Form):
    """What a supervisor orders, in words; `key` lets the same press count once, and is never one the program itself uses."""

    words = forms.CharField(label=gettext_lazy("要求"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4}))
    by = forms.CharField(
        label=gettext_lazy("哪天前书面回复"), required=False, help_text=gettext_lazy("不填就按时限表：2 个工作日，急件 4 小时"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )  # fmt: skip
    key = forms.UUIDField(widget=forms.HiddenInput)


def order_step(case: Case, who: Actor) -> Step | None:
    """The step by which someone above orders, as the case's procedure declares it; None where it cannot be taken now."""
    roles = access.roles_of(who, case.as_view())
    steps = sheet.steps_for(case, who, roles)
    return next((s for s in steps if s.number == SERIES and "above" in s.who), None) if "above" in roles else None


@require_http_methods(["GET", "HEAD", "POST"])
@supervising
def order(request: HttpRequest, code: str) -> HttpResponse:
    """Write and send an order on one matter; the words are there already."""
    case, actor = case_of(request, code), access.actor(person(request))
    step = order_step(case, actor)
    if step is None:
        raise Http404
    first = {"words": supervise_rows.order_words(case, timezone.now()), "key": uuid7().hex}
    form = OrderForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        facts = {name: form.cleaned_data[name] for name in ("words", "by")}
        done = act(case, step.name, by=actor, facts=facts, key=form.cleaned_data["key"].hex)
        if not isinstance(done, Refused):
            return _sent(request, case, done)
        form.add_error("by" if "by" in done.errors or done.rule == "order_fits" else None, labels.into(done.errors.get("by", done.reason)))
    context = {"form": form, "row": listing.row(case, timezone.now(), supervise_rows.case_url(case)), "case": case}
    return render(request, "kernel/supervise_order.html", context, status=422 if form.is_bound else 200)


def _sent(request: HttpRequest, case: Case, event: Event) -> HttpResponse:
    number = labels.numbered(note_of(event).get("note", {}).get("number", ""))
    messages.success(request, _("%(number)s已发出：%(title)s") % {"number": number, "title": labels.title_of(case)})
    return redirect("kernel:supervise")
