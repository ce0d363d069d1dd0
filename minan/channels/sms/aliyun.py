"""Aliyun, Dysmsapi 2017-05-25 SendSms: the request is, byte for byte, what the vendor's own SDK sends (tests/test_signatures.py).

Signature ACS3-HMAC-SHA256 over every header, as alibabacloud-tea-openapi 0.4 makes it. Aliyun knows no idempotency key for SendSms: OutId
comes back in its report of delivery and stops no second message. So an unanswered request is not asked again.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import platform
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from django.conf import settings

from minan.channels.sms import asking, template
from minan.kernel.outcomes import Failed
from minan.kernel.providers import key_of

ALGORITHM = "ACS3-HMAC-SHA256"
NOTHING = hashlib.sha256(b"").hexdigest()
AGENT = f"Minan/1 ({platform.system()})"
# The vendor's codes (API Dysmsapi-2017-05-25, error codes; 引用前请核对).
MEANING = {
    "isv.BUSINESS_LIMIT_CONTROL": "limit", "isv.DAY_LIMIT_CONTROL": "limit", "isv.MONTH_LIMIT_CONTROL": "setup",
    "isv.MOBILE_NUMBER_ILLEGAL": "number", "isv.MOBILE_COUNT_OVER_LIMIT": "number", "isv.BLACK_KEY_CONTROL_LIMIT": "refused",
    "isv.SMS_TEMPLATE_ILLEGAL": "setup", "isv.SMS_SIGNATURE_ILLEGAL": "setup", "isv.TEMPLATE_MISSING_PARAMETERS": "setup",
    "isv.AMOUNT_NOT_ENOUGH": "setup", "isv.OUT_OF_SERVICE": "setup", "isv.ACCOUNT_": "setup", "isv.INVALID_PARAMETERS": "setup",
    "isp.RAM_PERMISSION_DENY": "setup", "SignatureDoesNotMatch": "setup", "InvalidAccessKeyId": "setup", "InvalidTimeStamp": "setup",
    "SignatureNonceUsed": "refused", "Throttling": "rate", "isp.SYSTEM_ERROR": "down", "ServiceUnavailable": "down",
    "InternalError": "down",
}  # fmt: skip


def authorization(headers: Mapping[str, str], query: Mapping[str, str], key: str, secret: str) -> str:
    """Over all headers given, names in lower case, and the query sorted by name; a body is not sent."""
    lines = {name.lower(): value.strip() for name, value in headers.items()}
    signed = ";".join(sorted(lines))
    asked = "&".join(f"{name}={quote(query[name], safe='~')}" for name in sorted(query))
    canonical = "\n".join(
        ["POST", "/", asked, "".join(f"{name}:{lines[name]}\n" for name in sorted(lines)), signed, NOTHING]
    )
    to_sign = f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    return f"{ALGORITHM} Credential={key},SignedHeaders={signed},Signature={hmac.digest(secret.encode(), to_sign.encode(), 'sha256').hex()}"


def request(
    query: Mapping[str, str], key: str, secret: str, *, host: str, at: datetime, nonce: str, agent: str = AGENT
) -> tuple[str, dict[str, str]]:
    """(target with its query, headers) of one SendSms."""
    headers = {
        "host": host, "x-acs-version": "2017-05-25", "x-acs-action": "SendSms", "user-agent": agent,
        "x-acs-date": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), "x-acs-signature-nonce": nonce, "accept": "application/json",
        "x-acs-content-sha256": NOTHING, "x-acs-credentials-provider": "static_ak",
    }  # fmt: skip
    headers["Authorization"] = authorization(headers, query, key, secret)
    return "/?" + urlencode(query), headers


def query_of(key: str, number: str, words: str) -> dict[str, str]:
    code, what = template.variables(words)
    params = json.dumps({"code": code, "what": what}, ensure_ascii=False, separators=(",", ":"))
    return {
        "OutId": key, "PhoneNumbers": template.eleven(number), "SignName": settings.SMS_SIGN, "TemplateCode": settings.SMS_ALIYUN,
        "TemplateParam": params,
    }  # fmt: skip


def _code(said: dict[str, Any]) -> str | None:
    code = said.get("Code")
    return ("" if code == "OK" else code) if isinstance(code, str) and code else None


def send(key: str, number: str, words: str) -> None:
    """Raises one of outcomes.py where it was not taken."""
    keys = key_of("sms-aliyun")
    if not (keys.get("id") and keys.get("secret") and settings.SMS_ALIYUN):
        raise Failed("setup", "no key or template")
    host = urlsplit(settings.SMS_ALIYUN_URL).netloc
    target, headers = request(
        query_of(key, number, words),
        keys["id"],
        keys["secret"],
        host=host,
        at=datetime.now(UTC),
        nonce=secrets.token_hex(16),
    )
    asking.ask(settings.SMS_ALIYUN_URL.rstrip("/") + target, headers.items(), b"", _code, MEANING)
