"""Knocks at every door with a value of somebody's choice: each parameter of each page, path and call (the URL table; what a page reads)."""

from __future__ import annotations

import contextlib
import json
import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from django.db import connection
from django.http import QueryDict
from django.test import Client

from minan.kernel import registry
from minan.kernel.models import User
from minan.lib import throttle
from tests.house import House, browser
from tests.pages import PAGES, Row

KEYS = ("clerk", "supervisor", "admin", "security", "audit", "speaker", "resident", "worker", "nobody")
NAME = re.compile(rb'name="([A-Za-z0-9_.\-]{1,40})"')
PART = re.compile(r"<(?:\w+:)?(\w+)>")
HEADERS = ("HTTP_ACCEPT_LANGUAGE", "HTTP_USER_AGENT", "HTTP_REFERER", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_IF_NONE_MATCH",
           "HTTP_AUTHORIZATION", "HTTP_IDEMPOTENCY_KEY", "HTTP_HX_CURRENT_URL", "HTTP_HX_TARGET",
           "HTTP_ORIGIN", "HTTP_FORWARDED")  # fmt: skip
COOKIES = ("sessionid", "django_language", "elder", "known", "here", "receipt", "messages", "csrftoken")
LEAVING = ("/logout/", "/login/", "/account/", "/mine/rights/")
NEVER = {"csrfmiddlewaretoken"}


@dataclass
class Watch:
    """What happened behind the doors while somebody knocked."""

    statements: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)


@contextlib.contextmanager
def watching() -> Iterator[Watch]:
    """Every statement's text (without its parameters), and every way out of this machine that was tried."""
    seen = Watch()

    def statement(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.statements.add(sql)
        return execute(sql, params, many, context)

    real, look_up = socket.socket.connect, socket.getaddrinfo

    def connect(self: socket.socket, to: Any) -> Any:
        if self.family != socket.AF_UNIX:
            seen.calls.append(f"connect {to}")
            raise OSError("no way out")
        return real(self, to)

    def resolve(host: Any, *rest: Any, **more: Any) -> Any:
        seen.calls.append(f"look up {host}")
        raise OSError("no way out")

    socket.socket.connect = connect  # type: ignore[method-assign,assignment]
    socket.getaddrinfo = resolve
    try:
        with connection.execute_wrapper(statement):
            yield seen
    finally:
        socket.socket.connect, socket.getaddrinfo = real, look_up  # type: ignore[method-assign]


@contextlib.contextmanager
def names_read() -> Iterator[set[str]]:
    """The names that views look for in queries and forms."""
    found: set[str] = set()
    kept = {name: getattr(QueryDict, name) for name in ("__getitem__", "getlist", "__contains__")}

    def noting(real: Any) -> Any:
        def note(self: QueryDict, key: Any, *rest: Any, **more: Any) -> Any:
            if isinstance(key, str) and len(key) < 60:
                found.add(key)
            return real(self, key, *rest, **more)

        return note

    for name, real in kept.items():
        setattr(QueryDict, name, noting(real))
    try:
        yield found
    finally:
        for name, real in kept.items():
            if name in QueryDict.__dict__ and real.__qualname__.startswith("QueryDict"):
                setattr(QueryDict, name, real)
            else:
                delattr(QueryDict, name)


def asker(row: Row) -> str:
    return next((who for who in KEYS if who in row.who), "nobody")


def parameters(house: House, only: str = "") -> dict[tuple[str, str], list[str]]:
    """(method, route) → the names this page reads, with those of the forms it shows. Two looks: the second sees what the first led to."""
    out: dict[tuple[str, str], list[str]] = {}
    for route, row in PAGES.items():
        shown: set[str] = set()
        for method in [
            m
            for m, on in (("get", row.get), ("post", row.post))
            if on and only.startswith(f"{m} {route} " if only else "")
        ]:
            names: set[str] = set(shown)
            for _ in range(2):
                with names_read() as found:
                    got = ask(house, row, method, dict.fromkeys(sorted(names), "1"))
                names |= found
                if method == "get" and hasattr(got, "content") and not got.streaming:
                    shown |= {name.decode() for name in NAME.findall(got.content)}
            out[method, route] = sorted((names | (shown if method == "post" else set())) - NEVER)
    return out


def ask(house: House, row: Row, method: str, data: Any, path: str = "", **more: Any) -> Any:
    """One request as whoever the page is for; what breaks is an answer of 500."""
    throttle.forget()
    path, who = path or house.path(row.path), asker(row)
    programs = path.startswith(("/api/", "/open311/"))
    client = Client() if programs else _leaving(who) if path.startswith(LEAVING) else house.clients[who]
    client.raise_request_exception = False
    if programs and who in house.tokens and "HTTP_AUTHORIZATION" not in more:
        more["HTTP_AUTHORIZATION"] = f"Bearer {house.tokens[who]}" if path.startswith("/api/") else house.tokens[who]
    if programs and path.startswith("/api/") and method == "post":
        more.setdefault("HTTP_IDEMPOTENCY_KEY", f"k{abs(hash((path, str(data))))}")
        return client.post(path, json.dumps(data), content_type="application/json", **more)
    return getattr(client, method)(path, data, **more)


def _leaving(who: str) -> Client:
    """A browser of its own for doors behind which one is no longer signed in."""
    return browser(User.objects.filter(username=who).first())


def _facts() -> list[str]:
    return sorted({f.name for p in registry.procedures().values() for s in p.steps for f in s.fields})


def _path(route: str, row: Row, house: House, value: str, n: int) -> str:
    """The page's address with its n-th changing part replaced; "" where it has none such."""
    parts = list(PART.finditer(route))
    if n >= len(parts):
        return ""
    known = iter(house.path(row.path).strip("/").replace("?", "/").split("/"))
    fixed = [
        next(known, "x") if not PART.search(bit) else (bit, next(known, "x")) for bit in route.strip("/").split("/")
    ]
    out, seen = [], 0
    for bit in fixed:
        if isinstance(bit, tuple):
            out.append(quote(value, safe="") if seen == n else bit[1])
            seen += 1
        else:
            out.append(bit)
    return "/" + "/".join(out) + ("/" if route.endswith("/") else "")


Knock = tuple[str, Callable[[str], Any]]


def knocks(house: House, only: str = "") -> list[Knock]:
    """(what is tried, a function that sends one value there), for each parameter of each door; `only`: one, called by its name."""
    out: list[Knock] = []
    for (method, route), names in parameters(house, only).items():
        row = PAGES[route]
        for name in names:
            others = {} if method == "get" else dict.fromkeys(names, "1")
            if route.startswith("api/") and method == "post":
                continue
            out.append(
                (f"{method} {route} {name}", lambda v, r=row, m=method, o=others, n=name: ask(house, r, m, o | {n: v}))
            )
        for n in range(len(PART.findall(route))):
            out.append(
                (
                    f"{method} {route} part {n}",
                    lambda v, r=row, m=method, t=route, n=n: ask(house, r, m, {}, _path(t, r, house, v, n)),
                )
            )
    for route in ("api/v1/cases", "api/v1/cases/<str:code>/steps/<str:step>"):
        row = PAGES[route]
        good = {"procedure": "matter", "facts": {"text": "x", "words": "x"}}
        whole = ("procedure", "place", "capability", "moves") if route.endswith("cases") else ("moves", "capability")
        for name in whole:
            out.append((f"{route} {name}", lambda v, r=row, n=name, g=good: ask(house, r, "post", g | {n: v})))
        for name in _facts():
            out.append(
                (
                    f"{route} facts.{name}",
                    lambda v, r=row, n=name: ask(
                        house, r, "post", {"procedure": "matter", "facts": {"text": "x", n: v}}
                    ),
                )
            )
        out.append(
            (
                f"{route} answers",
                lambda v, r=row: ask(
                    house, r, "post", {"procedure": "matter", "facts": {"text": "x", "answers": {v[:40]: v}}}
                ),
            )
        )
        out.append(
            (f"{route} member", lambda v, r=row: ask(house, r, "post", {"procedure": "matter", "facts": {v: v}, v: v}))
        )
    home, desk = PAGES[""], PAGES["desk/"]
    for header in HEADERS:
        for row in (home, desk, PAGES["api/v1/cases"]):
            out.append(
                (
                    f"{row.path} {header}",
                    lambda v, r=row, h=header: ask(house, r, "get", {}, **{h: v.replace("\r", " ").replace("\n", " ")}),
                )
            )
    for cookie in COOKIES:
        out.append((f"cookie {cookie}", lambda v, c=cookie: _with_cookie(c, v)))
    return out


def _with_cookie(name: str, value: str) -> Any:
    client = Client(raise_request_exception=False)
    sent = value.replace("\r", " ").replace("\n", " ").encode("utf-8", "replace")
    client.cookies[name] = sent.decode("latin-1")  # as a server hands the bytes of a header on
    return client.get("/mine/")
