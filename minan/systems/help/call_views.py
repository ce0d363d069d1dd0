"""Pages of one call under /help/c/: the card, the buttons, the seconds."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from minan.kernel import labels
from minan.kernel.act import Refused, act
from minan.kernel.pages.entering import ours
from minan.kernel.pages.guard import face_of, staff
from minan.systems.help import call_page, passing


def _drawn(here: call_page.Here, status: int = 200) -> HttpResponse:
    base = "shell/face_phone.html" if here.by_link else face_of(here.request)
    return render(here.request, "help/call.html", call_page.context(here) | {"base": base}, status=status)


@require_safe
@never_cache
@ours
def call(request: HttpRequest, code: str) -> HttpResponse:
    """One call as its reader may see it, with what they may do."""
    here = call_page.of(request, code)
    call_page.choose(here, request.GET.get("step", "")[:40])
    return _drawn(here)


@require_safe
@never_cache
@ours
def live(request: HttpRequest, code: str) -> HttpResponse:
    """The part of the page that moves: asked again every two seconds while the call is open."""
    here = call_page.of(request, code)
    call_page.choose(here)
    return render(request, "help/live.html", call_page.context(here))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@ours
def take(request: HttpRequest, code: str, step: str) -> HttpResponse:
    """One act; refused, the page comes again with the reason and every word."""
    here = call_page.of(request, code)
    if request.method != "POST":
        return redirect(f"{reverse('help:call', args=[here.case.code])}?step={step}")
    if step in ("card", "door_pass"):
        return _opened(here, step)
    if not call_page.take(here, step):
        assert here.refused is not None
        return _drawn(here, here.refused.status)
    messages.success(request, _("记下了：%(step)s") % {"step": labels.into(here.chosen.label if here.chosen else None)})
    return redirect("help:call", here.case.code)


def _opened(here: call_page.Here, step: str) -> HttpResponse:
    """The card or a pass for the doors: shown this once, kept nowhere."""
    if here.by_link or not here.case.open:
        raise Http404
    if step == "card":
        call_page.open_card(here)
    else:
        text, number = passing.issue(here.case, here.now)
        done = act(here.case, step, by=here.actor, facts={"number": number}, at=here.now)
        here.refused = done if isinstance(done, Refused) else None
        here.pass_text = text if here.refused is None else ""  # one that no event names could not be taken back at the end
    call_page.choose(here)
    return _drawn(here, here.refused.status if here.refused is not None else 200)


@require_safe
@never_cache
@staff
def go(request: HttpRequest, press: str) -> HttpResponse:
    """From the ringing screen to the call's page; while the records have it not yet, the list of calls."""
    case = call_page.by_press(press)
    return redirect("help:call", case.code) if case is not None else redirect("help:duty")
