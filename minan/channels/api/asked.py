"""From a request to a call: who asks, with which parameters and body, and once only where a key says so."""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.views.decorators.csrf import csrf_exempt

from minan.channels.api import problems
from minan.channels.api.problems import Problem
from minan.kernel import callers, replies, signin, vault
from minan.kernel.models import User
from minan.kernel.procedure import Words
from minan.kernel.replies import Answer, Turn
from minan.lib import throttle
from minan.lib.text import neutral

JSON_MOST = 12 * 1024 * 1024  # bytes of a JSON body; photos in it are base64, larger ones come as multipart
WRONG_TOKENS = 30  # a minute and address
View = Callable[..., HttpResponse]
Call = Callable[..., Answer]

log = logging.getLogger("minan.api")


def sent(answer: Answer) -> HttpResponse:
    response = HttpResponse(answer.body, status=answer.status, content_type=answer.type)
    for name, value in answer.headers.items():
        response.headers[name] = value
    return response


def told(data: Any, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    return Answer(status, problems.dumps(data), headers=headers or {})


def person(request: HttpRequest, *, session: bool = False) -> User:
    """The person of the bearer token; with `session` also whoever is signed in in this browser. Raises Problem 401."""
    token, who = callers.bearer(request), callers.subject(request)
    if token:
        if throttle.wait_seconds("token", who, callers.MINUTE, WRONG_TOKENS):
            raise Problem(429, problems.TOO_MANY, headers={"Retry-After": "60"})
        user = signin.user_of_token(token)
        if user is not None:
            return user
        throttle.allow("token", who, callers.MINUTE, WRONG_TOKENS)
    elif session and request.user.is_authenticated:
        return request.user  # type: ignore[return-value]
    raise Problem(401, problems.NO_TOKEN, headers={"WWW-Authenticate": 'Bearer realm="minan"'})


def calls(**by_method: Call) -> View:
    """A view from one function a method; each takes (request, **path) and returns an Answer or raises Problem."""
    allowed = ", ".join(sorted(by_method))

    @csrf_exempt
    def view(request: HttpRequest, **path: str) -> HttpResponse:
        call = by_method.get(str(request.method)) or (by_method.get("GET") if request.method == "HEAD" else None)
        try:
            if call is None:
                raise Problem(405, problems.METHOD, headers={"Allow": allowed})
            return sent(call(request, **path))
        except Problem as refused:
            return sent(refused.answer)
        except vault.Held:
            return sent(problems.problem(429, problems.TOO_MANY, headers={"Retry-After": "60"}))
        except vault.Sealed:
            return sent(problems.problem(503, problems.SHUT, headers={"Retry-After": "60"}))
        except Exception:
            log.exception(
                "call failed", extra={"route": request.resolver_match.route if request.resolver_match else ""}
            )
            return sent(problems.problem(500, problems.BROKEN))

    return view


def fits(schema: Mapping[str, Any], value: str) -> bool:
    """Whether a query parameter fits its JSON schema as declared in openapi.py: enum, pattern, integer, length."""
    if schema.get("type") == "integer":
        return bool(re.fullmatch(r"[0-9]{1,9}", value)) and bool(schema["minimum"] <= int(value) <= schema["maximum"])
    if "enum" in schema and value not in schema["enum"]:
        return False
    if "pattern" in schema and not re.search(schema["pattern"], value):
        return False
    return len(value) <= int(schema.get("maxLength", 200))


def parameters(request: HttpRequest, declared: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """The query's parameters by name, "" where not given. Raises Problem 400 for one that is unknown or does not fit."""
    errors = {}
    for name in request.GET:
        if name not in declared:
            errors[neutral(name)[:60]] = Words("没有这个参数", "There is no such parameter")
        elif any(not fits(declared[name], value) for value in request.GET.getlist(name)):
            errors[name] = Words("这个值不能用", "This value cannot be used")
    if errors:
        raise Problem(400, Words("地址里有参数不对", "Some parameters do not fit"), errors=errors)
    return {name: neutral(request.GET.get(name, "")).strip() for name in declared}


def _json(data: bytes) -> dict[str, Any]:
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        raise Problem(400, problems.NOT_JSON) from None
    if not isinstance(body, dict):
        raise Problem(400, problems.NOT_JSON)
    return body


class Body:
    """A POST's body: the JSON object in it, the photos beside it, and the mark by which the same body is known."""

    def __init__(self, request: HttpRequest) -> None:
        self.files: list[bytes] = []
        kind = request.content_type or ""
        try:
            if kind == "application/json":
                self.raw = self._read(request)
            elif kind == "multipart/form-data":
                self.raw = str(request.POST.get("body", "")).encode("utf-8", "replace")
                self.files = [upload.read() for upload in request.FILES.getlist("photos")]
            else:
                raise Problem(415, problems.UNKNOWN_TYPE)
        except (SuspiciousOperation, MultiPartParserError, UnreadablePostError):
            raise Problem(400, problems.NOT_JSON) from None
        marks = [hashlib.sha256(file).digest() for file in self.files]
        self.mark = replies.body_of(
            str(request.method).encode(), request.path.encode("utf-8", "replace"), self.raw, *marks
        )

    def _read(self, request: HttpRequest) -> bytes:
        """The body itself; Django's own ceiling of 2 MB is for forms."""
        if int(request.META.get("CONTENT_LENGTH") or 0) > JSON_MOST:
            raise Problem(
                413, Words("请求体太大；照片请用 multipart 传", "The body is too large; send photos as multipart")
            )
        return request.read(JSON_MOST)

    def json(self, allowed: tuple[str, ...]) -> dict[str, Any]:
        body = _json(self.raw)
        unknown = {
            str(name)[:60]: Words("没有这一项", "There is no such member") for name in body if name not in allowed
        }
        if unknown:
            raise Problem(400, Words("请求体里有多余的项", "The body has members that are not known"), errors=unknown)
        return body


def once(fn: Callable[..., Answer]) -> Call:
    """A POST done once for its Idempotency-Key: fn(request, user, body, turn, **path)."""

    @wraps(fn)
    def call(request: HttpRequest, **path: str) -> Answer:
        user = person(request)
        key = request.META.get("HTTP_IDEMPOTENCY_KEY", "").strip()
        if not 0 < len(key) <= replies.KEY_MOST:
            raise Problem(400, problems.NO_KEY)
        body = Body(request)

        def act(turn: Turn) -> Answer:
            try:
                return fn(request, user, body, turn, **path)
            except Problem as refused:
                return refused.answer

        try:
            return replies.once(f"user:{user.pk}", key, body.mark, act)
        except replies.OtherBody:
            raise Problem(422, problems.OTHER_BODY, rule="idempotency") from None
        except replies.Unanswered:
            raise Problem(409, problems.AT_WORK, rule="idempotency", headers={"Retry-After": "10"}) from None

    return call
