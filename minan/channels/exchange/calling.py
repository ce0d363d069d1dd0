"""The one place that calls a partner: HTTPS POST to the address of the city's own partners.toml, signed, timed, read to a limit.

No address ever comes from a request, a file or an answer; a redirect is not followed; the certificate is checked, against
KEYS/exchange/CODE.pem where the partner has an authority of its own.
"""

from __future__ import annotations

import http.client
import json
import ssl
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from minan.channels.exchange import known, signing
from minan.channels.exchange.partners import Partner

READ_MOST = 65_536  # bytes of an answer
ACCEPTED = ("accepted", "refused", "received")


class Failed(Exception):
    """No answer that counts; the message goes again later, under the same id. `down`: the partner as a whole does not answer."""

    def __init__(self, why: str, *, down: bool = False) -> None:
        super().__init__(why)
        self.down = down


@dataclass(frozen=True, slots=True)
class Said:
    result: str
    reason: str


def _context(partner: Partner) -> ssl.SSLContext:
    own = known.key_file(partner.code).with_suffix(".pem")
    context = ssl.create_default_context(cafile=str(own) if own.exists() else None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _post(partner: Partner, body: bytes) -> tuple[int, bytes]:
    parts = urlsplit(partner.url)
    if parts.scheme != "https" or not parts.hostname or parts.username:
        raise Failed("the address is not https")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    key = known.keys(partner.code).get("out_key", "")
    if not key:
        raise Failed("no out_key in KEYS", down=True)
    try:
        headers = {"Content-Type": "application/json; charset=utf-8"} | signing.headers(key, "POST", path, body)
        context = _context(partner)
    except (OSError, ValueError) as error:
        raise Failed(f"KEYS: {type(error).__name__}: {error}"[:160], down=True) from None
    link = http.client.HTTPSConnection(parts.hostname, parts.port or 443, timeout=partner.timeout, context=context)
    try:
        link.request("POST", path, body, headers)
        answer = link.getresponse()
        data = answer.read(READ_MOST + 1)
    except (OSError, http.client.HTTPException) as error:
        raise Failed(f"{type(error).__name__}: {error}"[:160], down=True) from None
    finally:
        link.close()
    if len(data) > READ_MOST:
        raise Failed("the answer is too long")
    return answer.status, data


def _json(data: bytes) -> dict[str, Any]:
    try:
        said = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def deliver(partner: Partner, message: str, row: dict[str, str]) -> Said:
    """Send one answer. What counts is the body, which must name this message: a 200 with anything else is a failure. Raises Failed."""
    body = json.dumps(row, ensure_ascii=False).encode("utf-8", "replace")
    status, data = _post(partner, body)
    said = _json(data)
    result, named = said.get("result"), str(said.get("message_id", ""))
    if status == 429 or status >= 500:
        raise Failed(f"HTTP {status}", down=True)
    if result in ACCEPTED and named == message and (status < 300 or (result == "refused" and 400 <= status < 500)):
        return Said(str(result), str(said.get("reason", "")))
    if result in ACCEPTED and named != message:
        raise Failed(f"HTTP {status}: the answer is about another message")
    raise Failed(f"HTTP {status}: no result in the answer")
