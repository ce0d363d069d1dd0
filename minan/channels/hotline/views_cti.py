"""The exchange's door, and the demo city's own exchange."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from minan.channels.hotline import cti as exchange
from minan.channels.hotline import line
from minan.channels.hotline.guarding import operator
from minan.kernel.pages.guard import person

DEMO_NUMBERS = ("13800000001", "13800000002", "13800000003")


@csrf_exempt
@require_POST
def cti(request: HttpRequest) -> HttpResponse:
    """One signed event of the exchange; who does not sign finds nothing here."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > exchange.MOST_BYTES:
        raise Http404
    stamp, signed = (request.headers.get(name, "") for name in ("X-Minan-Time", "X-Minan-Signature"))
    status = exchange.take(request.body, stamp, signed, timezone.now())
    if status == 401:
        raise Http404
    return HttpResponse(status=status)


@require_POST
@operator
def demo(request: HttpRequest) -> HttpResponse:
    """In the demo city the operator's own press lets a call ring, be taken and be hung up; elsewhere there is no such door."""
    if not settings.DEMO:
        raise Http404
    me, now = person(request), timezone.now()
    call, do = line.current(me, now), request.POST.get("do", "")
    if do == "ring" and call is None:
        _tell("ringing", secrets.token_hex(8), request, number=secrets.choice(DEMO_NUMBERS))
    elif call is not None and do in ("answer", "hangup"):
        exchange.demo_event(call, "answered" if do == "answer" else "hangup", me, now)
    return redirect("hotline:screen")


def _tell(kind: str, call: str, request: HttpRequest, number: str = "") -> None:
    made = exchange.event(kind, call, number=number, agent=person(request).get_username())
    exchange.take(*made, timezone.now())
