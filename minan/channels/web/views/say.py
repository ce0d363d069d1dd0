"""Saying a matter: one screen, four small ones, the look-ups while it is being filled, and a photo that waits."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from minan.channels.web import aloud, entered, staging
from minan.channels.web.address import allowed
from minan.channels.web.receipt import hand_over
from minan.channels.web.saying import Saying, open_to_all
from minan.kernel import headers, sounds
from minan.kernel.pages import handed

STEPS = 4


def gone(request: HttpRequest) -> HttpResponse:
    """The folder of matters was taken out of this installation."""
    return render(request, "web/gone.html", status=503)


@headers.may_record
def _page(request: HttpRequest, saying: Saying, status: int = 200) -> HttpResponse:
    return render(request, "web/say.html", {"saying": saying, "form": saying.form, "seconds": sounds.SECONDS_MOST}, status=status)


@require_http_methods(["GET", "POST"])
def say(request: HttpRequest) -> HttpResponse:
    """One screen. A press on a look-up gives the same page with what was found; nothing typed or chosen is lost."""
    if not open_to_all():
        return gone(request)
    if request.method == "GET":
        return _page(request, Saying.fresh())
    saying = Saying.read(request)
    if saying.asks:
        return _page(request, saying)
    if not allowed(request, "say"):
        saying.too_many = True
        return _page(request, saying, 429)
    opened = saying.send(request.user)
    if opened is None:
        return _page(request, saying, 422)
    response = entered.let_in(request, redirect("web:receipt", opened.case.code), opened.case)
    return hand_over(response, opened.case.code, saying.secret(), request.is_secure())


@headers.may_record
def _step(request: HttpRequest, saying: Saying, n: int, status: int = 200) -> HttpResponse:
    here = {"saying": saying, "form": saying.form, "n": n, "steps": range(1, STEPS + 1), "last": n == STEPS, "seconds": sounds.SECONDS_MOST}
    here["back"] = reverse("web:steps", args=[n - 1]) if n > 1 else ""
    here["next"] = reverse("web:say") if n == STEPS else reverse("web:steps", args=[n + 1])
    return render(request, "web/say_step.html", here, status=status)


@require_http_methods(["GET", "POST"])
def steps(request: HttpRequest, n: int = 1) -> HttpResponse:
    """Four small screens; what the others hold travels along in the form, and the last one is sent like the one screen."""
    if not open_to_all():
        return gone(request)
    if not 1 <= n <= STEPS:
        raise Http404
    if request.method == "GET":
        return _step(request, Saying.fresh(), 1) if n == 1 else redirect("web:steps", 1)
    saying = Saying.read(request)
    left = (
        int(request.POST.get("from", "0"))
        if request.POST.get("from", "0").isascii() and request.POST.get("from", "0").isdigit()
        else 0
    )
    if saying.asks:
        return _step(request, saying, left or n)
    if n > left and (saying.wrong_photos or saying.wrong_voice or (left == 1 and not saying.said)):
        saying.sent = True
        return _step(request, saying, left, 422)
    return _step(request, saying, n)


@require_POST
def hints(request: HttpRequest) -> HttpResponse:
    """While somebody writes: the numbers to call, the kinds it may be, the questions of the chosen one (a piece of the page)."""
    if not allowed(request, "look"):
        return HttpResponse(status=429)
    return render(request, "web/parts/hints.html", {"saying": Saying.read(request), "swapped": True})


@require_POST
def place(request: HttpRequest) -> HttpResponse:
    """The list of places one step further, or what a name found (a piece of the page)."""
    if not allowed(request, "look"):
        return HttpResponse(status=429)
    return render(request, "web/parts/place_list.html", {"saying": Saying.read(request)})


@require_GET
def photo(request: HttpRequest, token: str) -> HttpResponse:
    """The small picture of a photo that waits, or a recording that does, for the form that holds its token."""
    may = allowed(request, "photo")
    data, voice = (staging.thumb(token), aloud.read(token)) if may else (None, None)
    found = voice.recording() if voice else None
    if found is not None:
        return handed.part(found.data, found.mime, request.headers.get("Range", ""))
    if data is None:
        raise Http404
    return HttpResponse(data, content_type="image/jpeg", headers={"Cache-Control": "private, no-store"})
