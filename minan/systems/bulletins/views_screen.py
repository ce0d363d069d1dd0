"""What a screen by a door calls under /screen/: its page, its service worker, its number, what it shows. No cookie, nobody's data."""

from __future__ import annotations

import hashlib

from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST, require_safe

from minan.kernel import callers
from minan.lib import throttle
from minan.systems.bulletins import here, screens

FILES = ("minan/minan.css", "bulletins/screen.css", "bulletins/ed25519.js", "bulletins/screen.js", "minan/live.js")
BEGINS = (600.0, 30)  # new numbers of one address


@require_safe
@cache_control(no_cache=True)
def page(request: HttpRequest) -> HttpResponse:
    """The kiosk page: the same for every screen; what it shows it fetches, checks and keeps itself."""
    return render(request, "bulletins/screen.html")


@require_GET
@cache_control(no_cache=True)
def worker(request: HttpRequest) -> HttpResponse:
    """Its service worker: with it the page opens without any network."""
    files = [staticfiles_storage.url(name) for name in FILES]
    version = hashlib.sha256("\n".join(files).encode()).hexdigest()[:12]
    text = render(request, "bulletins/screen_worker.js", {"files": files, "version": version}).content
    return HttpResponse(text, content_type="text/javascript; charset=utf-8")


@csrf_exempt
@require_POST
@never_cache
def begin(request: HttpRequest) -> HttpResponse:
    """A number for a screen that has no place yet."""
    made = screens.begin(timezone.now()) if throttle.allow("bulletins.screen", callers.subject(request), *BEGINS) else None
    if made is None:
        return JsonResponse({"title": "later"}, status=429)
    return JsonResponse({"secret": made[0], "code": made[1]}, status=201)


@require_GET
@never_cache
def feed(request: HttpRequest) -> HttpResponse:
    """What to show, for the screen whose secret stands in the Authorization header; 401 for a screen nobody knows any more."""
    screen = screens.of(callers.bearer(request, "screen"))
    if screen is None:
        return JsonResponse({"paired": False}, status=401)
    if screen.paired_at is None:
        return JsonResponse({"paired": False, "code": screen.code})
    response = JsonResponse(screens.feed(screen, timezone.now()))
    secret = callers.bearer(request, "screen")  # by it the live line knows the screen; no page of ours reads it
    response.set_cookie("screen", secret, here.YEAR, secure=request.is_secure(), httponly=True, samesite="Strict")
    return response
