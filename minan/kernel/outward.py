"""The one way out over HTTP: a request to a host of the operator's settings, no redirects, a bounded answer, a ceiling of seconds.

No address ever comes from a request, but for a web push subscription's, whose host must be on the operator's list (ways.py).
"""

from __future__ import annotations

import http.client
import json
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

SECONDS = 5.0  # for each of: connecting, sending, the whole answer
ANSWER_MOST = 65_536  # bytes; more is no answer of a provider
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_tls: list[ssl.SSLContext] = []


class Unreached(Exception):
    """There was no connection: certainly nothing was taken."""


class NoAnswer(Exception):
    """It was sent, and no whole answer came: it may have been taken."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes

    def json(self) -> Any:
        """The answer as JSON; None where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, UnicodeDecodeError):
            return None


def _context() -> ssl.SSLContext:
    if not _tls:
        _tls.append(ssl.create_default_context())
    return _tls[0]


def _connection(url: str) -> http.client.HTTPConnection:
    """Raises ValueError for what is no https address (http: on the loopback, or where the setting itself says so)."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return http.client.HTTPSConnection(parts.hostname, parts.port or 443, timeout=SECONDS, context=_context())
    if (
        parts.scheme == "http"
        and parts.hostname
        and (parts.hostname in LOOPBACK or parts.netloc == urlsplit(settings.SMS_OWN_URL or "").netloc)
    ):
        return http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=SECONDS)
    raise ValueError("no address to send to")


def post(url: str, headers: Iterable[tuple[str, str]], body: bytes = b"", seconds: float = SECONDS) -> Answer:
    """POST exactly these headers and bytes. Raises Unreached, NoAnswer; ValueError for an address that is none."""
    parts, caller = urlsplit(url), _connection(url)
    caller.timeout = seconds
    try:
        try:
            caller.connect()
        except (OSError, http.client.HTTPException) as error:
            raise Unreached(type(error).__name__) from None
        try:
            _write(caller, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), headers, body)
            return _read(caller, time.monotonic() + seconds)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise NoAnswer(type(error).__name__) from None
    finally:
        caller.close()


def _write(caller: http.client.HTTPConnection, target: str, headers: Iterable[tuple[str, str]], body: bytes) -> None:
    caller.putrequest("POST", target, skip_host=True, skip_accept_encoding=True)
    given = [*headers]
    if not any(name.lower() == "host" for name, _ in given):
        caller.putheader("Host", urlsplit(f"//{caller.host}:{caller.port}").netloc.removesuffix(":443"))
    for name, value in given:
        caller.putheader(name, value.encode("utf-8"))
    caller.putheader("Content-Length", str(len(body)))
    caller.endheaders(body or None)


def _read(caller: http.client.HTTPConnection, until: float) -> Answer:
    """The whole answer before `until`, however slowly it drips."""
    got = caller.getresponse()
    whole = b""
    while piece := got.read1(8_192):
        whole += piece
        if len(whole) > ANSWER_MOST or time.monotonic() > until:
            raise http.client.HTTPException("too long")
    length = got.headers.get("Content-Length", "")
    if length.isdigit() and int(length) != len(whole):
        raise http.client.IncompleteRead(whole)
    return Answer(got.status, whole)
