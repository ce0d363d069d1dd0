"""Who calls Open311: nobody in particular, a person by api_key or bearer token, or the speaker with their secret."""

from __future__ import annotations

import hashlib
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from minan.channels.open311.forms import Problem
from minan.channels.open311.receipt import written
from minan.channels.open311.shown import NOTICE
from minan.kernel import callers, replies, signin, speakers
from minan.kernel.act import Opened
from minan.kernel.models import Case, User
from minan.kernel.procedure import Words
from minan.kernel.replies import Turn
from minan.lib import throttle

BAD_KEY = Words("api_key 不对、已过期或已停用", "api_key is wrong, expired or stopped")
MISSING = Words("没有这个 service_request_id", "service_request_id was not found")
TOO_MANY = Words(
    "太快了，过一分钟再来；急事请打电话", "Too many requests; wait a minute, and call by telephone if it is urgent"
)
WAIT = {"Retry-After": "60"}
LONG_KEY = 20  # characters: an Idempotency-Key of this length names its caller by itself, wherever the phone roams to
WRONG_KEYS = 30  # a minute and address
Someone = User | None


def asks(request: HttpRequest) -> Someone:
    """The person of the api_key or bearer token; None where none is given. Raises Problem 403 for a wrong one."""
    key = (
        request.GET.get("api_key")
        or (request.POST.get("api_key") if request.method == "POST" else "")
        or callers.bearer(request)
    )
    if not key:
        return None
    who = callers.subject(request)
    if throttle.wait_seconds("token", who, callers.MINUTE, WRONG_KEYS):
        raise Problem(429, TOO_MANY, WAIT)
    user = signin.user_of_token(key)
    if user is None:
        throttle.allow("token", who, callers.MINUTE, WRONG_KEYS)
        raise Problem(403, BAD_KEY)
    return user


def may_post(request: HttpRequest, user: Someone) -> None:
    """Without an api_key an address may say so many matters a minute; counted in memory. Raises Problem 429."""
    most = settings.OPEN311_PER_MINUTE
    if user is None and not throttle.allow("open311", callers.subject(request), callers.MINUTE, most):
        raise Problem(429, TOO_MANY, WAIT)


def caller(request: HttpRequest, user: Someone, key: str) -> str:
    """For whom a reply is kept. Without a person a short key counts for one address only: two strangers may both choose "1"."""
    if user is not None:
        return f"user:{user.pk}"
    return "open311" if len(key) >= LONG_KEY else f"open311:{callers.subject(request)}"[:64]


def mark(request: HttpRequest) -> str:
    """The same form in any order and encoding is the same body."""
    fields = sorted((name, value) for name, values in request.POST.lists() for value in values)
    files = [hashlib.sha256(file.read()).hexdigest() for file in request.FILES.getlist("media")]
    for file in request.FILES.getlist("media"):
        file.seek(0)
    return replies.body_of(
        request.path.encode(), repr((fields, files, request.GET.get("jurisdiction_id", ""))).encode("utf-8", "replace")
    )


def _visible(user: Someone, stored: str) -> bool:
    return user is not None and (
        Case.objects.visible_to(user).filter(code=stored).exists() or speakers.own_case(user, stored) is not None
    )


def finds(request: HttpRequest, code: str) -> tuple[Case, bool]:
    """The case with this code, and whether this caller may have it whole. Raises Problem 404, for a wrong secret as well."""
    user, subject = asks(request), callers.subject(request)
    if not callers.may_guess(subject):  # with an api_key too: it opens no other door to secrets and codewords
        raise Problem(429, TOO_MANY, WAIT)
    secret = callers.bearer(request, "receipt")
    case = speakers.enter(code, secret) if secret else speakers.find(code)
    if case is None:
        callers.missed(subject)
        raise Problem(404, MISSING)
    return case, bool(secret) or _visible(user, case.code)


def receipt(request: HttpRequest, opened: Opened, turn: Turn | None) -> dict[str, Any]:
    """The answer to a POST."""
    return {
        "service_request_id": opened.case.code, "service_notice": NOTICE.into(callers.lang()), "account_id": None,
        "extended_attributes": written(opened, request, turn.secret if turn else ""),
    }  # fmt: skip
