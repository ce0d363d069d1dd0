"""The pages that answer while the records are away: the press, its state, the link of who was rung. No session, no query.

The caller is known by the cookie `help` (128 bits, this path only, never sent from another site); who was rung, by the token in
their link, good for this one call. What is pressed goes to the lane; is the lane away, it is written down here (spool.py).
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from minan.kernel import callers, outgoing, vault, ways
from minan.lib import throttle
from minan.lib.uuid7 import uuid7
from minan.systems.help import book, spool, told, wire
from minan.systems.help.lane import PRESS

COOKIE, DAYS = "help", 400  # days; renewed at each visit
CARD = ("address", "door", "phone", "told")


def cap_of(request: HttpRequest) -> str:
    return vault.typed(request.COOKIES.get(COOKIE, ""))[: vault.SECRET_LETTERS]


def kept(response: HttpResponse, request: HttpRequest, secret: str) -> HttpResponse:
    """This phone keeps the secret to press with."""
    response.set_cookie(
        COOKIE, secret, DAYS * 86400, path="/help/", secure=request.is_secure(), httponly=True, samesite="Strict"
    )
    return response


def from_here(request: HttpRequest) -> bool:
    """Whether a form was sent by a page of ours: the token against forged forms needs a cookie that an old phone may have lost.

    Any page can send an Origin of "null" (Referrer-Policy: no-referrer); a browser of today says in Sec-Fetch-Site what it hides.
    """
    if request.headers.get("Sec-Fetch-Site", "") in ("cross-site", "same-site"):
        return False
    origin = request.headers.get("Origin", "")
    return not origin or origin == "null" or urlsplit(origin).netloc == request.get_host()


def _state(request: HttpRequest) -> dict[str, Any]:
    """{"known", "away", "call" …} of who asks, without a query."""
    cap = cap_of(request)
    if not cap:
        return {"known": False, "away": False} | told.shown(None)
    try:
        answer = wire.ask({"op": "state", "cap": cap})
    except wire.Away:
        known = book.load().by_secret(cap) is not None
        return {"known": known, "away": True, "noted": request.COOKIES.get("noted", "")[:32]} | told.shown(None)
    call = answer.get("call")
    recent = call if call and (call["closed"] is None or call["now"] - call["closed"] < 3600) else None
    return {"known": not answer.get("error"), "away": False} | told.shown(recent)


def _page(request: HttpRequest, here: dict[str, Any], status: int = 200) -> HttpResponse:
    more = {"press": uuid7().hex, "refresh": here.get("open") or here.get("noted")}
    response = render(request, "help/press.html", here | more, status=status)
    cap = cap_of(request)
    return kept(response, request, cap) if cap and here["known"] else response


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def press(request: HttpRequest) -> HttpResponse:
    """The one big button, and what truly became of it."""
    if request.method != "POST":
        return _page(request, _state(request))
    if not from_here(request):
        raise Http404
    here, status = _pressed(request)
    if "json" in request.headers.get("Accept", ""):
        return _noting(JsonResponse(_plain(here), status=status), request, here)
    if status == 200 and not here["away"]:
        return redirect("help:press")
    return _noting(_page(request, here, status), request, here)


def _noting(response: HttpResponse, request: HttpRequest, here: dict[str, Any]) -> HttpResponse:
    """A press that waits on our disk stands on the page also when it is opened anew."""
    if here.get("noted"):
        more = {"path": "/help/", "secure": request.is_secure(), "httponly": True, "samesite": "Strict"}
        response.set_cookie("noted", here["noted"], 600, **more)
    return response


def _pressed(request: HttpRequest) -> tuple[dict[str, Any], int]:
    """(what the page says, status). Taken by the lane, else by this disk; else it says that it is not taken."""
    cap, given = cap_of(request), request.POST.get("press", "")
    if not cap:
        return {"known": False, "away": False} | told.shown(None), 404
    number = given if PRESS.fullmatch(given) else uuid7().hex
    message = {
        "op": "press",
        "cap": cap,
        "press": number,
        "how": "app",
        "at": request.POST.get("at", "")[:20],
        "where": request.POST.get("where", "")[:40],
    }
    try:
        answer = wire.ask(message)
    except wire.Away:
        return _noted(message)
    if answer.get("error"):
        return {"known": False, "away": False} | told.shown(None), 404
    return {"known": True, "away": False} | told.shown(answer["call"]), 200


def _noted(message: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """The lane is being started again: the press waits for it on this disk."""
    if book.load().by_secret(message["cap"]) is None:
        return {"known": False, "away": True} | told.shown(None), 404
    try:
        spool.put(message["press"], message | {"since": time.time()})
    except OSError:
        return {"known": True, "away": True, "lost": True} | told.shown(None), 507
    return {"known": True, "away": True, "noted": message["press"]} | told.shown(None), 200


def _plain(here: dict[str, Any]) -> dict[str, Any]:
    """For the page's script: what to show, never more than the page itself says."""
    names = ("known", "away", "noted", "lost", "kind", "words", "lines", "open", "urgent", "said_false")
    return {name: here[name] for name in names if name in here} | {"call": bool(here["call"])}


@require_safe
@never_cache
def state(request: HttpRequest) -> HttpResponse:
    """The caller's own call as it stands."""
    return JsonResponse(_plain(_state(request)))


@csrf_exempt
@require_POST
def mistake(request: HttpRequest) -> HttpResponse:
    """ "I pressed by mistake": the desk makes sure."""
    if not from_here(request) or not cap_of(request):
        raise Http404
    try:
        wire.ask({"op": "false", "cap": cap_of(request)})
    except wire.Away:
        return _page(request, _state(request), 503)
    return redirect("help:press")


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def keep(request: HttpRequest) -> HttpResponse:
    """Put an enrolment onto this phone: the secret of the slip, typed or behind # in its QR code."""
    if request.method != "POST":
        return render(request, "help/keep.html", {})
    who, secret = callers.subject(request), vault.typed(request.POST.get("secret", ""))[: vault.SECRET_LETTERS]
    if not from_here(request) or not callers.may_guess(who):
        return render(request, "help/keep.html", {"wrong": _("试得太快了，过一分钟再来")}, status=429)
    if not _known(secret):
        callers.missed(who)
        return render(
            request, "help/keep.html", {"wrong": _("对不上，照着登记单再抄一次；刚登记的，过半分钟再试")}, status=404
        )
    return kept(redirect("help:press"), request, secret)


def _known(secret: str) -> bool:
    try:
        return not wire.ask({"op": "state", "cap": secret}).get("error")
    except wire.Away:
        return book.load().by_secret(secret) is not None


@csrf_exempt
@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """This phone no longer calls for anybody."""
    response = redirect("help:press")
    if from_here(request):
        response.delete_cookie(COOKIE, path="/help/", samesite="Strict")
    return response


# ---- who was rung


def _asked(message: dict[str, Any]) -> dict[str, Any]:
    """The lane's answer about a token. Http404 for what is none; {"over"} for one of a call that is long over."""
    try:
        answer = wire.ask(message)
    except wire.Away:
        return {"away": True}
    if answer.get("error") == "over":
        return {"over": True}
    if answer.get("error"):
        raise Http404
    return answer


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def link(request: HttpRequest, token: str) -> HttpResponse:
    """What who was rung sees: the state, two buttons; for a desk the card, each look noted. Good until an hour after the end."""
    message: dict[str, Any] = {"op": "look", "token": token}
    if request.method == "POST" and from_here(request):
        if request.POST.get("say") in ("go", "cant"):
            _asked({"op": "say", "token": token, "what": request.POST["say"]})
            return redirect("help:link", token)
        if request.POST.get("do") == "ear":
            return _ear(request, token)
        message["card"] = request.POST.get("do") == "card"
    return _link_page(request, token, _asked(message))


def _link_page(request: HttpRequest, token: str, answer: dict[str, Any]) -> HttpResponse:
    """As the lane answers: away, over, or the call as it stands."""
    if answer.get("away"):
        return render(request, "help/link.html", {"away": True, "token": token}, status=503)
    if answer.get("over"):
        return render(request, "help/link.html", {"over": True}, status=410)
    here = told.shown(answer["call"]) | {
        "token": token,
        "name": answer["name"],
        "family": answer["target"].startswith("family"),
    }
    said = {one["id"]: "go" for one in answer["call"]["going"]} | {
        one["id"]: "cant" for one in answer["call"]["cannot"]
    }
    here["push_key"] = outgoing.browser_key() if here["family"] and here["open"] else ""
    here |= {"said": said.get(answer["target"], ""), "card": answer.get("card"), "place": answer["call"]["place_name"]}
    return render(request, "help/link.html", here)


def _ear(request: HttpRequest, token: str) -> HttpResponse:
    """This device rings from now on when they press; an address that is none changes nothing."""
    with suppress(ways.Unfit):
        _asked({"op": "ear", "token": token, "subscription": ways.push(request.POST.get("subscription", ""))})
    return redirect("help:link", token)


@csrf_exempt
@require_POST
def seen(request: HttpRequest, token: str, channel: str) -> HttpResponse:
    """A device says that it has it; a phone on which 1 was pressed says that somebody goes."""
    if throttle.wait_seconds("help.seen", callers.subject(request), 60.0, 600):
        return HttpResponse(status=429)
    throttle.allow("help.seen", callers.subject(request), 60.0, 600)
    _asked({"op": "seen", "token": token, "channel": channel})
    if channel == "voice" and request.POST.get("key") == "1":
        _asked({"op": "say", "token": token, "what": "go"})
    return HttpResponse(status=204)
