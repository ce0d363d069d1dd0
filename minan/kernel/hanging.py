"""A database that hangs must not hold every thread: some stay free for what asks no database, such as a press for help.

PostgreSQL that answers nothing (stopped, its disk frozen, the line cut) holds each thread that asks it, for as long as it likes; no limit
of its own ends that. Ordinary requests have THREADS places in a process, of SPARE more threads. Where all places wait for the database
since HANGS_SECONDS, who comes next is told so at once instead of waiting, too. SQLite answers or says no by itself: there this is nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from minan.kernel import bare

SPARE = 2  # threads beyond the places
HANGS_SECONDS = 1.0
LOOK_SECONDS = 0.1  # how often who waits for a place looks whether it hangs
AGAIN_SECONDS = "2"
ALWAYS = ("/healthz",)  # it asks in a thread of its own, and answers within two seconds
AWAY = (
    "记录暂时没有回应，说过的话都在，过一会儿再来。急病直接打 120。\n"
    "The records do not answer just now. Nothing that was said is lost; come back in a moment. In an emergency call 120.\n"
)

_since: dict[int, float] = {}  # thread → since when it waits for the database


@contextmanager
def asking() -> Iterator[None]:
    """This thread waits for the database meanwhile."""
    me = threading.get_ident()
    first = me not in _since
    if first:
        _since[me] = time.monotonic()
    try:
        yield
    finally:
        if first:
            _since.pop(me, None)


def hangs(thread: int) -> bool:
    return time.monotonic() - _since.get(thread, float("inf")) >= HANGS_SECONDS


def _away() -> HttpResponse:
    headers = {"Retry-After": AGAIN_SECONDS}
    return HttpResponse(AWAY, status=503, content_type="text/plain; charset=utf-8", headers=headers)


class Places:
    """Middleware before the session's: gives each ordinary request a place, or 503 where all of them hang at the database."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        if not settings.DATABASE_URL:
            raise MiddlewareNotUsed
        self.get_response, self.most = get_response, settings.THREADS
        self.held: dict[int, int] = {}  # thread → how many requests deep
        self.free = threading.Condition()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path in ALWAYS or bare.is_bare(request.path):
            return self.get_response(request)
        me = threading.get_ident()
        if not self._enter(me):
            return _away()
        try:
            return self.get_response(request)
        finally:
            self._leave(me)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Who was let in and found nobody there is told the same."""
        gone = connection.connection is None or bool(getattr(connection.connection, "closed", False))
        return _away() if isinstance(exception, (OperationalError, InterfaceError)) and gone else None

    def _enter(self, me: int) -> bool:
        with self.free:
            while me not in self.held and len(self.held) >= self.most:
                if all(hangs(thread) for thread in self.held):
                    return False
                self.free.wait(LOOK_SECONDS)
            self.held[me] = self.held.get(me, 0) + 1
            return True

    def _leave(self, me: int) -> None:
        with self.free:
            self.held[me] -= 1
            if not self.held[me]:
                del self.held[me]
                self.free.notify()
