"""An estimate in ten questions: each screen is an address of its own, so that back works everywhere; nothing is kept on the server."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from minan.channels.web import estimate, estimate_words
from minan.channels.web.address import allowed
from minan.channels.web.estimate import Lost, Walk
from minan.kernel import directory
from minan.lib.damages.questions import WALKS


def _at(side: str, n: int, walk: Walk, **more: str) -> str:
    """The address of a screen with what was typed so far; 0 is the result."""
    where = reverse("web:estimate_step", args=[side, n]) if n else reverse("web:estimate_result", args=[side])
    asked = {"a": estimate.sealed(walk.typed)} | more
    return f"{where}?{urlencode({name: value for name, value in asked.items() if value})}"


@never_cache
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Who is asking: the one who was hurt, or the one who drove."""
    return render(request, "web/estimate_start.html", {"lost": "lost" in request.GET})


def _walk(request: HttpRequest, side: str, token: str) -> Walk:
    if side not in WALKS:
        raise Http404
    walk = Walk(side, estimate.opened(token))
    if "date" not in walk.typed and "province" not in walk.typed:
        walk.typed["province"] = next(iter(directory.city().places), "")[:2]  # the city's own
    return walk


def _screen(request: HttpRequest, walk: Walk, n: int, form: estimate.Question, status: int = 200) -> HttpResponse:
    name = walk.names[n - 1]
    here = {
        "walk": walk, "n": n, "of": len(walk.names), "form": form, "title": estimate_words.title(walk.side, name),
        "why": estimate_words.WHY[name], "token": estimate.sealed(walk.typed), "last": n == len(walk.names),
    }  # fmt: skip
    return render(request, "web/estimate_step.html", here, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, side: str, n: int) -> HttpResponse:
    """One question. Back keeps what stands in the boxes, right or wrong; next wants it right."""
    try:
        walk = _walk(request, side, request.POST.get("a", "") or request.GET.get("a", ""))
    except Lost:
        return redirect(reverse("web:estimate") + "?lost=1")
    if not 1 <= n <= len(walk.names):
        raise Http404
    if request.method != "POST":
        return _screen(request, walk, n, walk.bound(n) if "check" in request.GET else walk.form(n))
    walk.take(n, request.POST)
    if "back" in request.POST:
        return redirect(_at(side, n - 1, walk) if n > 1 else reverse("web:estimate"))
    form = walk.form(n, request.POST)
    if not form.is_valid():
        return _screen(request, walk, n, form, 422)
    return redirect(_at(side, n + 1 if n < len(walk.names) else 0, walk))


@never_cache
@require_GET
def result(request: HttpRequest, side: str) -> HttpResponse:
    """The ranges. Whoever has not answered everything is led to the first open question."""
    token = request.GET.get("a", "")
    try:
        walk = _walk(request, side, token)
    except Lost:
        return redirect(reverse("web:estimate") + "?lost=1")
    if missing := walk.first_open():
        return redirect(_at(side, missing, walk, check="1" if walk.typed.get("how") else ""))
    if not allowed(request, "estimate"):
        return render(request, "web/estimate_result.html", {"walk": walk, "too_many": True}, status=429)
    again = [(n, estimate_words.title(side, name)) for n, name in enumerate(walk.names, 1)]
    here = {"walk": walk, "token": token, "again": again, "result": estimate.result(walk)}
    return render(request, "web/estimate_result.html", here)
