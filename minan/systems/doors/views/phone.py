"""The code on the phone: an empty page that works without network, its service worker, a phone's key, its pass of the day."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from minan.kernel import callers
from minan.lib import throttle
from minan.systems.doors import homes, lines, phones, shown
from minan.systems.doors.models import Home
from minan.systems.doors.registry import Unfit
from minan.systems.doors.views.guard import own, who

SCRIPTS = ("doors/qr.js", "doors/keep.js", "doors/key.js")
KEPT = (
    "minan/minan.css",
    "minan/faces.css",
    "minan/icons.svg",
    "minan/mark.svg",
    "minan/start.js",
    "minan/draft.js",
    "doors/doors.css",
    *SCRIPTS,
)
ASKS = 600  # passes a minute and address: hundreds of phones behind one


@require_safe
def key(request: HttpRequest) -> HttpResponse:
    """The empty page, the same for everybody: what it shows lies in the phone."""
    request.user = AnonymousUser()
    return render(request, "doors/key.html", {"scripts": SCRIPTS})


@require_safe
@cache_control(no_cache=True)
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker of that page."""
    files = [staticfiles_storage.url(name) for name in KEPT]
    version = hashlib.sha256("\n".join(files).encode()).hexdigest()[:12]
    body = render(request, "doors/sw.js", {"files": files, "version": version}).content
    return HttpResponse(body, content_type="text/javascript; charset=utf-8")


@require_POST
@own
def register(request: HttpRequest, home: Home) -> HttpResponse:
    """This phone's public key; and from the first phone, the one the home's lines are sealed to from now on."""
    try:
        point, seal = homes.point(request.POST.get("point", "")), request.POST.get("seal", "")
        row = phones.register(home, who(request), point, timezone.now(), homes.point(seal) if seal else b"")
    except Unfit as wrong:
        return JsonResponse({"wrong": wrong.words.into(callers.lang())}, status=422)
    except ValueError:
        return JsonResponse({"wrong": _("这部手机做不了钥匙，用卡或者密码开门。")}, status=422)
    return JsonResponse({"phone": row.pk, "home": home.pk.hex, "name": shown.way(home), "seal": homes.seal_of(home)})


@require_POST
@own
def new_key(request: HttpRequest, home: Home) -> HttpResponse:
    """Another key for the home's lines, made in this browser; the token is for a paper that is printed from it."""
    try:
        token = homes.new_key(home, homes.point(request.POST.get("seal", "")))
    except Unfit as wrong:
        return JsonResponse({"wrong": wrong.words.into(callers.lang())}, status=422)
    except ValueError:
        return JsonResponse({"wrong": _("这部手机做不了钥匙，用卡或者密码开门。")}, status=422)
    said = {"home": home.pk.hex, "name": shown.way(home), "seal": homes.seal_of(home), "token": token}
    return JsonResponse(said, headers={"Cache-Control": "no-store"})


def _asked(request: HttpRequest) -> tuple[str, int, str]:
    try:
        said: Any = json.loads(request.body[:2000])
        return str(said["phone"]), int(said["at"]), str(said["sig"])
    except (KeyError, TypeError, ValueError):
        return "", 0, ""


@csrf_exempt
@require_POST
def daily(request: HttpRequest) -> HttpResponse:
    """The pass of the day and the key its lines are sealed to, for the phone that signs for it; 410: this phone was taken off."""
    if not throttle.allow("doors.daily", callers.subject(request), 60, ASKS):
        return JsonResponse({}, status=429)
    now = timezone.now()
    row = phones.asking(*_asked(request), now)
    if row is None:
        return JsonResponse({"gone": True, "now": int(now.timestamp())}, status=410)
    text, ends = phones.daily(row, now)
    said = {"pass": text, "ends": int(ends.timestamp()), "now": int(now.timestamp())}
    return JsonResponse(said | {"seal": homes.seal_of(row.home)})


@require_safe
@own
def bag(request: HttpRequest, home: Home) -> HttpResponse:
    """All sealed lines of the doors on the way: the phone finds its own."""
    return JsonResponse(lines.bag(home, timezone.now()))


@csrf_exempt
@require_POST
def paper_bag(request: HttpRequest) -> HttpResponse:
    """The same for who has the household's key on paper and no account."""
    if not throttle.allow("doors.paper", callers.subject(request), 60, 60):
        return JsonResponse({}, status=429)
    home = homes.by_reader(callers.bearer(request, "paper"))
    return JsonResponse({}, status=404) if home is None else JsonResponse(lines.bag(home, timezone.now()))
