"""The signature of a call, ours and theirs alike: HMAC-SHA256 over method, path, time, nonce and the hash of the body. Pure.

docs/exchange.md has a worked example, which a test computes again.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Mapping

SKEW = 300  # seconds a call's time may lie off ours, either way
NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")
TIME, ONCE, SIGNATURE = "X-Minan-Time", "X-Minan-Nonce", "X-Minan-Signature"


class Unsigned(Exception):
    """The call is not signed by whom it says; the reason is for our log, never for the caller."""


def text(method: str, path: str, at: str, nonce: str, body: bytes) -> str:
    """What is signed: five lines without an end of line behind the last."""
    return "\n".join((method.upper(), path, at, nonce, hashlib.sha256(body).hexdigest()))


def sign(key: str, method: str, path: str, at: str, nonce: str, body: bytes) -> str:
    """64 hex digits. `key` is hex; ValueError where it is none."""
    return hmac.new(bytes.fromhex(key), text(method, path, at, nonce, body).encode(), hashlib.sha256).hexdigest()


def headers(key: str, method: str, path: str, body: bytes, now: float | None = None) -> dict[str, str]:
    """The three headers of a call, with a fresh nonce."""
    at, nonce = str(int(time.time() if now is None else now)), secrets.token_urlsafe(18)
    return {TIME: at, ONCE: nonce, SIGNATURE: sign(key, method, path, at, nonce, body)}


def check(key: str, method: str, path: str, given: Mapping[str, str], body: bytes, now: float | None = None) -> str:
    """The nonce of a call that is rightly signed and of now; whether it is new is for its taker to see. Raises Unsigned."""
    at, nonce, said = (given.get(name, "") for name in (TIME, ONCE, SIGNATURE))
    if not key:
        raise Unsigned("no key")
    if not (at.isascii() and at.isdigit() and len(at) <= 12) or not NONCE.fullmatch(nonce):
        raise Unsigned("time or nonce")
    if not hmac.compare_digest(sign(key, method, path, at, nonce, body).encode(), said.encode("utf-8", "replace")):
        raise Unsigned("signature")
    if abs((time.time() if now is None else now) - int(at)) > SKEW:
        raise Unsigned("old")
    return nonce
