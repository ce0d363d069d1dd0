"""A city's own SMS platform, as many have one for all their offices: JSON {"id","to","words"}, signed, and the id is its idempotency key.

Headers: Idempotency-Key (the message's id), X-Minan-At (seconds since 1970), X-Minan-Signature: hex HMAC-SHA256 over "at.body" with
the secret of KEYS/sms-own.json {"secret"}. It answers 2xx {"ok": true} for taken, and for an id it had already; {"error": word} otherwise.
"""

from __future__ import annotations

import hmac
import json
import time
from typing import Any

from django.conf import settings

from minan.channels.sms import asking, template
from minan.kernel.outcomes import Failed
from minan.kernel.providers import key_of

MEANING = {"number": "number", "limit": "limit", "rate": "rate", "setup": "setup"}


def _code(said: dict[str, Any]) -> str | None:
    if said.get("ok") is True:
        return ""
    error = said.get("error")
    return error if isinstance(error, str) and error else None


def send(key: str, number: str, words: str) -> None:
    """Raises one of outcomes.py where it was not taken."""
    secret = str(key_of("sms-own").get("secret") or "")
    if not (secret and settings.SMS_OWN_URL):
        raise Failed("setup", "no key or address")
    body = json.dumps({"id": key, "to": template.eleven(number), "words": words}, ensure_ascii=False).encode()
    at = str(int(time.time()))
    signature = hmac.digest(secret.encode(), f"{at}.".encode() + body, "sha256").hex()
    headers = {
        "Content-Type": "application/json; charset=utf-8", "Accept": "application/json", "Idempotency-Key": key, "X-Minan-At": at,
        "X-Minan-Signature": signature,
    }  # fmt: skip
    asking.ask(settings.SMS_OWN_URL, headers.items(), body, _code, MEANING)
