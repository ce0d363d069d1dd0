"""The operator's screen: the call above, the words in the middle, what follows from them beside."""

from __future__ import annotations

from uuid import uuid4

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from minan.channels.hotline import drafts, line, owned, taking
from minan.channels.hotline.guarding import operator
from minan.channels.hotline.hearing import Hearing
from minan.channels.hotline.showing import receipt, screen_of
from minan.kernel import vault
from minan.kernel.act import Refused
from minan.kernel.pages.guard import person


def _key(text: str) -> str:
    return text if len(text) == 32 and text.isalnum() and text.isascii() else uuid4().hex


@require_http_methods(["GET", "HEAD", "POST"])
@operator
def screen(request: HttpRequest) -> HttpResponse:
    """GET: the screen, with what was typed and not sent. POST: send, or look something up without JavaScript."""
    me, now = person(request), timezone.now()
    if request.method != "POST":
        return render(request, "hotline/screen.html", screen_of(request, None, now))
    heard, key = Hearing.read(request.POST, me, now), _key(request.POST.get("key", ""))
    if request.POST.get("do") == "look":
        drafts.keep(me, key, heard.said, now)
        return render(request, "hotline/screen.html", screen_of(request, heard, now))
    danger = (request.POST.get("to") or heard.duty) if request.POST.get("do") == "danger" else ""
    done = taking.take(me, heard, key, danger=danger)
    if isinstance(done, Refused):
        drafts.keep(me, key, heard.said, now)
        return render(request, "hotline/screen.html", screen_of(request, heard, now, done), status=done.status)
    drafts.drop(me, key)
    return render(request, "hotline/receipt.html", receipt(request, done, heard))


@require_POST
@operator
def hints(request: HttpRequest) -> HttpResponse:
    """While somebody types: the piece of the page beside the words. What was typed so far is kept, sealed."""
    me, now = person(request), timezone.now()
    heard = Hearing.read(request.POST, me, now)
    kept = drafts.keep(me, _key(request.POST.get("key", "")), heard.said, now)
    return render(request, "hotline/hints.html", {"heard": heard, "kept": kept})


@require_safe
@operator
def on_the_line(request: HttpRequest) -> HttpResponse:
    """The piece of the page about the call, asked for every second or so."""
    return render(request, "hotline/line.html", owned.panel(person(request), timezone.now()))


@require_POST
@operator
def number(request: HttpRequest) -> HttpResponse:
    """The number the exchange delivered with the call this operator has taken, for the form."""
    me, now = person(request), timezone.now()
    call = line.taken(me, request.POST.get("call", ""), now)
    if call is None:
        raise Http404
    return JsonResponse({"phone": line.number(me, call)}, headers={"Cache-Control": "private, no-store"})


@require_POST
@operator
def agree(request: HttpRequest) -> HttpResponse:
    """The caller on the line said yes: their own open matters. There is nothing to hand in but which call it is."""
    me, now = person(request), timezone.now()
    call = line.taken(me, request.POST.get("call", ""), now)
    if call is None:
        raise Http404
    try:
        line.agree(me, call)
    except (vault.Sealed, LookupError):
        return render(request, "hotline/line.html", owned.panel(me, now) | {"away": True}, status=503)
    return redirect("hotline:screen" if "HX-Request" not in request.headers else "hotline:line")


@require_POST
@operator
def drop(request: HttpRequest) -> HttpResponse:
    """What was typed is not wanted: gone for good."""
    drafts.drop(person(request), request.POST.get("key", ""))
    return redirect("hotline:screen")


@require_POST
@operator
def own_step(request: HttpRequest, code: str, step: str) -> HttpResponse:
    """Urge, add, or take down the judgement of the one on the line, on a matter shown to them in this call."""
    refused = owned.step(person(request), code, step, request.POST, timezone.now())
    if refused is None:
        return redirect("hotline:screen" if "HX-Request" not in request.headers else "hotline:line")
    panel = owned.panel(person(request), timezone.now()) | {"refused": refused, "at": code}
    return render(request, "hotline/line.html", panel, status=refused.status)
