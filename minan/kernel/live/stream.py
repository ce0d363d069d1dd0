"""`GET /events`: the one address of the live process, an ASGI application without Django's middleware.

Server-sent events for whoever a check knows (reader.py), to pages of this city alone: another origin gets no answer it could read.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import Executor
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.http import parse_cookie
from django.http.request import split_domain_port, validate_host

from minan.kernel.live import reader
from minan.kernel.live.hub import GONE, Hub, Listening
from minan.kernel.live.reader import Reader
from minan.kernel.live.telling import mark
from minan.lib import throttle

PATH = "/events"
CHECK_SECONDS, ASK_SECONDS, SEND_SECONDS = 60.0, 5.0, 15.0  # between checks; for an answer; for one message to go out
LOOK_SECONDS = 2.0
EACH_MINUTE = 1200  # connections from one address; an office of hundreds may share one
KNOWN_SECONDS, KNOWN_MOST = 900.0, 2000  # how long, and how many, checked readers are believed while the database is away

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]
Headers = list[tuple[bytes, bytes]]
BARE: Headers = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"), (b"vary", b"Origin")]


def _asked(cookies: dict[str, str], screen: str) -> Reader | None:
    """In the thread that may wait for the database."""
    close_old_connections()
    try:
        return reader.of(cookies, screen)
    finally:
        close_old_connections()


def _caller(scope: Message, headers: dict[str, str]) -> str:
    """The address that asks, behind as many proxies as are ours."""
    hops = [hop.strip() for hop in headers.get("x-forwarded-for", "").split(",")]
    trusted = settings.TRUSTED_PROXY
    return hops[-trusted] if 0 < trusted <= len(hops) else str((scope.get("client") or ("",))[0])


def ours(origin: str) -> bool:
    """Whether a page of this origin is a page of this city."""
    at = urlsplit(origin)
    if settings.ADDRESS and origin == settings.ADDRESS.rstrip("/"):
        return True
    scheme, usual = ("http", 80) if settings.PLAIN_HTTP else ("https", 443)
    port = at.port or usual
    return (
        at.scheme == scheme and not at.path and validate_host((at.hostname or "").lower(), [h.strip("[]") for h in settings.ALLOWED_HOSTS])
        and port in (settings.PORT, usual)
    )  # fmt: skip


log = logging.getLogger("minan.live")


class Stream:
    """The application: `await Stream(hub, executor)(scope, receive, send)`."""

    def __init__(self, hub: Hub, executor: Executor) -> None:
        self.hub, self.executor = hub, executor
        self.known: dict[tuple[str, str], tuple[Reader, float]] = {}

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        origin, host = headers.get("origin", ""), split_domain_port(headers.get("host", ""))[0]
        if scope["path"] != PATH or scope["method"] not in ("GET", "HEAD"):
            await self._say(send, 404, [])
            return
        if not validate_host(host, settings.ALLOWED_HOSTS) or (origin and not ours(origin)):
            await self._say(send, 403, [])
            return
        if not throttle.allow("live", throttle.subject_of(_caller(scope, headers)), 60, EACH_MINUTE):
            await self._say(send, 429, [])
            return
        cross: Headers = [(b"access-control-allow-origin", origin.encode("latin-1")), (b"access-control-allow-credentials", b"true")]
        await self._known(scope, headers, cross if origin else [], receive, send)

    async def _known(self, scope: Message, headers: dict[str, str], cross: Headers, receive: Receive, send: Send) -> None:
        cookies = parse_cookie(headers.get("cookie", ""))
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        screen = query.get("screen", [""])[0]
        try:
            who = await self.check(cookies, screen)
        except (DatabaseError, TimeoutError):
            await self._say(send, 503, cross)
            return
        if who is None:
            await self._say(send, 401, cross)
            return
        if scope["method"] == "HEAD":
            await self._say(send, 204, cross)
            return
        last = headers.get("last-event-id", "") or query.get("last", [""])[0]
        one = self.hub.join(who, last[:40], time.monotonic())
        if one is None:
            await self._say(send, 503, cross)
            return
        await self._talk(one, cookies, screen, cross, receive, send)

    async def check(self, cookies: dict[str, str], screen: str) -> Reader | None:
        """Who this is now. While the database is away, who it was a quarter of an hour ago at most; else raises DatabaseError."""
        key = mark(cookies.get(settings.SESSION_COOKIE_NAME, "")), mark(screen or cookies.get(reader.SCREEN_COOKIE, ""))
        loop = asyncio.get_running_loop()
        try:
            who = await asyncio.wait_for(loop.run_in_executor(self.executor, _asked, cookies, screen), ASK_SECONDS)
        except (DatabaseError, TimeoutError):
            before, at = self.known.get(key, (None, 0.0))
            if before is not None and time.monotonic() - at < KNOWN_SECONDS and time.time() < before.until:
                return before
            raise
        self.known.pop(key, None)
        if who is not None:
            self.known[key] = who, time.monotonic()
            while len(self.known) > KNOWN_MOST:
                self.known.pop(next(iter(self.known)))
        return who

    async def _talk(
        self, one: Listening, cookies: dict[str, str], screen: str, cross: Headers, receive: Receive, send: Send
    ) -> None:
        gone = asyncio.ensure_future(_left(receive, one))
        checks = asyncio.ensure_future(self._checks(one, cookies, screen))
        stream = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"x-accel-buffering", b"no"), (b"connection", b"close")]
        try:
            await send({"type": "http.response.start", "status": 200, "headers": [*BARE, *stream, *cross]})
            while True:
                await one.rings.wait()
                one.rings.clear()
                body = b"".join(one.queue)
                one.queue.clear()
                if body:
                    part = {"type": "http.response.body", "body": body, "more_body": True}
                    await asyncio.wait_for(send(part), SEND_SECONDS)
                if one.end:
                    break
            await asyncio.wait_for(send({"type": "http.response.body", "body": b"", "more_body": False}), SEND_SECONDS)
        except (TimeoutError, OSError, RuntimeError) as error:  # too slow, or gone; granian says the latter by a RuntimeError
            log.info("line ended", extra={"who": one.reader.who.split(":", 1)[0], "error": type(error).__name__})
        finally:
            gone.cancel()
            checks.cancel()
            self.hub.leave(one)

    async def _checks(self, one: Listening, cookies: dict[str, str], screen: str) -> None:
        """Look again once a minute, and when `checked` was set back, whether this reader still may."""
        while not one.end:
            await asyncio.sleep(LOOK_SECONDS)
            if time.time() > one.reader.until:
                self.hub.leave(one, self.hub.packed(GONE, {}))
            elif time.monotonic() - one.checked >= CHECK_SECONDS:
                try:
                    who = await self.check(cookies, screen)
                except (DatabaseError, TimeoutError):
                    continue  # who came in by the rules stays in while nobody can be asked; at `until` it ends
                one.checked = time.monotonic()
                if who is None or who.who != one.reader.who:
                    self.hub.leave(one, self.hub.packed(GONE, {}))
                else:
                    one.reader = who

    async def _say(self, send: Send, status: int, more: Headers) -> None:
        await send({"type": "http.response.start", "status": status, "headers": [*BARE, *more, (b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _left(receive: Receive, one: Listening) -> None:
    """Ends the connection when its other end is gone."""
    while not one.end:
        if (await receive())["type"] == "http.disconnect":
            one.close()
