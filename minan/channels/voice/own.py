"""A city's voice platform: JSON {"id","to","say","told"}, signed as for text messages (channels/sms/own.py); the id is its idempotency key.

Headers: Idempotency-Key, X-Minan-At (seconds since 1970), X-Minan-Signature: hex HMAC-SHA256 over "at.body" with the secret of
KEYS/voice-own.json {"secret"}. It answers 2xx {"ok": true} for taken, {"error": word} otherwise, and asks `told` when it was heard.
"""

from __future__ import annotations

import hmac
import json
import time
from typing import Any

from django.conf import settings

from minan.kernel import outward
from minan.kernel.outcomes import Failed, Later, Never, Outcome, Unsure
from minan.kernel.providers import key_of

SECONDS = 4.0  # a call for help does not wait longer for one channel
KINDS: dict[str, type[Outcome]] = {"number": Never, "limit": Later}


def read(answer: outward.Answer) -> None:
    """Raises what became of it."""
    said: Any = answer.json()
    said = said if isinstance(said, dict) else {}
    if answer.status == 200 and said.get("ok") is True:
        return
    error = str(said.get("error") or "")
    if error in KINDS:
        raise KINDS[error](error, error)
    if answer.status < 500 or answer.status == 503:
        raise Failed("refused", error or str(answer.status))
    raise Unsure(f"unreadable {answer.status}")


def send(key: str, number: str, words: str) -> None:
    """Raises one of outcomes.py where it was not taken."""
    secret = str(key_of("voice-own").get("secret") or "")
    if not (secret and settings.VOICE_OWN_URL):
        raise Failed("setup", "no key or address")
    given = json.loads(words)
    body = json.dumps(
        {"id": key, "to": number, "say": given["say"], "told": given["told"]}, ensure_ascii=False
    ).encode()
    at = str(int(time.time()))
    signature = hmac.digest(secret.encode(), f"{at}.".encode() + body, "sha256").hex()
    headers = {
        "Content-Type": "application/json; charset=utf-8", "Accept": "application/json", "Idempotency-Key": key, "X-Minan-At": at,
        "X-Minan-Signature": signature,
    }  # fmt: skip
    try:
        read(outward.post(settings.VOICE_OWN_URL, headers.items(), body, SECONDS))
    except outward.Unreached as error:
        raise Failed("down", str(error)) from None
    except outward.NoAnswer as error:
        raise Unsure(str(error)) from None
