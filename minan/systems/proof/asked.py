"""From a request to numbers, notes and problems: what the addresses under /proof/ share."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from minan.kernel import callers
from minan.kernel.procedure import Words
from minan.lib import throttle
from minan.systems.proof.models import CITY, Log

A_MINUTE = 600  # reads of one address: a witness that begins anew reads ten million leaves in two minutes
JSON, PROBLEM, TEXT = "application/json", "application/problem+json", "text/plain; charset=utf-8"
DIGITS_MOST = 18

MISSING = Words("没有这个编号，或者取件码不对", "There is no such code, or the secret is not its own")
NO_LOG = Words("没有这本日志，或者还没有检查点", "There is no such log, or no checkpoint yet")
BAD_NUMBER = Words(
    "要的是两个数：前一个不大于后一个，后一个不超过已公布的叶数",
    "Two numbers are needed: the first not above the second, the second not above what is published",
)
TOO_MANY = Words("太快了，过一分钟再来", "Too many requests; wait a minute")
TITLES = {400: "Bad request", 403: "Not offered", 404: "Not found", 413: "Too large", 429: "Too many requests"}


class Problem(Exception):
    """What is not answered, and why."""

    def __init__(self, status: int, words: Words) -> None:
        super().__init__(words.en)
        self.status, self.words = status, words


def told(data: Any) -> HttpResponse:
    return HttpResponse(json.dumps(data, ensure_ascii=False, separators=(",", ":")), content_type=JSON)


def text(body: str) -> HttpResponse:
    return HttpResponse(body.encode(), content_type=TEXT)


def refused(problem: Problem) -> HttpResponse:
    """RFC 9457, in the caller's language."""
    body = {
        "type": "about:blank", "title": TITLES[problem.status], "status": problem.status, "detail": problem.words.into(callers.lang()),
    }  # fmt: skip
    headers = {"Retry-After": "60"} if problem.status == 429 else {}
    return HttpResponse(json.dumps(body, ensure_ascii=False), PROBLEM, problem.status, headers=headers)


def answers(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view whose Problem becomes an answer."""

    @wraps(view)
    def guarded(request: HttpRequest, **path: str) -> HttpResponse:
        try:
            return view(request, **path)
        except Problem as problem:
            return refused(problem)

    return guarded


def calmly(request: HttpRequest, name: str, most: int = A_MINUTE) -> None:
    """Raises Problem 429 where this address asks too often."""
    if not throttle.allow(f"proof.{name}", callers.subject(request), callers.MINUTE, most):
        raise Problem(429, TOO_MANY)


def log(request: HttpRequest) -> Log:
    """The log of ?log=, the city's without; one query. Raises Problem 404 where it has no checkpoint."""
    name = request.GET.get("log", CITY)[:6]
    row = Log.objects.filter(name=name).exclude(note="").first()
    if row is None:
        raise Problem(404, NO_LOG)
    return row


def number(request: HttpRequest, name: str) -> int:
    """A whole number of the query. Raises Problem 400."""
    value = request.GET.get(name, "")
    if not (value.isascii() and value.isdigit() and len(value) <= DIGITS_MOST):
        raise Problem(400, BAD_NUMBER)
    return int(value)


def span(request: HttpRequest, most: int) -> tuple[int, int]:
    """?from= and ?to= with from ≤ to ≤ most. Raises Problem 400."""
    begin, end = number(request, "from"), number(request, "to")
    if not begin <= end <= most:
        raise Problem(400, BAD_NUMBER)
    return begin, end
