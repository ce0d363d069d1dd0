"""How a speaker is told of news: on this device, by letter, by text; each switched on and off by themselves."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from minan.channels.web import entered, onetime, rights, telling
from minan.channels.web.address import allowed
from minan.channels.web.views.follow import _too_fast
from minan.channels.web.views.rights import AWAY
from minan.kernel.access import SPEAKER
from minan.kernel.act import Refused, act
from minan.kernel.models import Case
from minan.kernel.vault import Sealed


def _shown(request: HttpRequest, case: Case, status: int = 200, **more: Any) -> HttpResponse:
    here = telling.shown(case) | {"case": case, "key": onetime.new(), "typed": request.POST}
    return render(request, "web/tell.html", here | more, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, code: str) -> HttpResponse:
    """The ways of one matter; who has not entered it is led to its code's page."""
    case = entered.case(request, code)
    if case is None or case.anonymous:
        return redirect("web:matter", code)
    if request.method != "POST":
        return _shown(request, case)
    if not allowed(request, "step"):
        return _too_fast(request, code)
    return _ask(request, case)


def _ask(request: HttpRequest, case: Case) -> HttpResponse:
    wish = telling.asked(request.POST)
    if wish is None:
        raise Http404
    name, facts = wish
    if any(value == "" for value in facts.values()):
        return _shown(request, case, 422, wrong=_("还没有填，也没有选"))
    key = onetime.event_key(onetime.own(request.POST.get("key", "")), case.code, name, *map(str, facts.values()))
    try:
        done = act(case, name, by=SPEAKER, facts=facts, key=key)
    except Sealed:
        return _shown(request, case, 503, wrong=AWAY[rights.lang()])
    if isinstance(done, Refused):
        words = [*done.errors.values()] or [done.reason]
        return _shown(request, case, done.status, wrong=" ".join(w.into(rights.lang()) for w in words))
    messages.success(request, _("记下了，马上起作用。"))
    return entered.let_in(request, redirect("web:tell", case.code), case)
