"""What a door itself asks and sends (docs/door-protocol.md), with its own credential."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from minan.kernel import callers
from minan.lib import throttle
from minan.systems.doors import heard, lists, registry
from minan.systems.doors.models import Door

WRONG_KEYS = 30  # a minute and address
BODY_MOST = 1 << 20
View = Callable[..., HttpResponse]


def keyed(view: View) -> View:
    """Only with the credential of a door; anybody else gets 401, and thirty of them a minute."""

    @csrf_exempt
    @wraps(view)
    def asked(request: HttpRequest) -> HttpResponse:
        who = callers.subject(request)
        if throttle.wait_seconds("door", who, callers.MINUTE, WRONG_KEYS):
            return HttpResponse(status=429, headers={"Retry-After": "60"})
        door = registry.by_key(callers.bearer(request))
        if door is None:
            throttle.allow("door", who, callers.MINUTE, WRONG_KEYS)
            return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
        return view(request, door)

    return asked


def _said(request: HttpRequest) -> Any:
    try:
        return json.loads(request.body[:BODY_MOST])
    except ValueError:
        return None


@require_safe
@keyed
def doors_list(request: HttpRequest, door: Door) -> HttpResponse:
    """The signed list; 304 where nothing changed, for two queries."""
    now = timezone.now()
    stamp = lists.stamp(door, now)
    if request.headers.get("If-None-Match") == stamp:
        return HttpResponse(status=304, headers={"ETag": stamp})
    return HttpResponse(lists.signed(door, now), content_type="application/json", headers={"ETag": stamp})


def _taken(take: Callable[[Door, Any, Any], Any], request: HttpRequest, door: Door) -> HttpResponse:
    try:
        take(door, _said(request), timezone.now())
    except heard.Unfit as wrong:
        return JsonResponse({"unfit": str(wrong)}, status=422)
    return HttpResponse(status=204)


@require_POST
@keyed
def lines(request: HttpRequest, door: Door) -> HttpResponse:
    """One hour's counts and sealed lines; sent again it is kept once."""
    return _taken(heard.batch, request, door)


@require_POST
@keyed
def state(request: HttpRequest, door: Door) -> HttpResponse:
    """How the door is."""
    return _taken(heard.state, request, door)
