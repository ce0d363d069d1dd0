"""Tencent Cloud, SMS 2021-01-11 SendSms: the request is, byte for byte, what the vendor's own SDK sends (tests/test_signatures.py).

Signature TC3-HMAC-SHA256. SessionContext comes back in the answer and stops no second message: an unanswered request is not asked again.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from minan.channels.sms import asking, template
from minan.kernel.outcomes import Failed
from minan.kernel.providers import key_of

KIND = "application/json"
# The vendor's codes (API SMS 2021-01-11, error codes; 引用前请核对).
MEANING = {
    "LimitExceeded": "limit", "LimitExceeded.AppCountryOrRegion": "setup", "RequestLimitExceeded": "rate",
    "InvalidParameterValue.IncorrectPhoneNumber": "number", "FailedOperation.PhoneNumberInBlacklist": "number",
    "FailedOperation.PhoneNumberParseFail": "number", "UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber": "number",
    "FailedOperation.InsufficientBalanceInSmsPackage": "setup", "FailedOperation.SignatureIncorrectOrUnapproved": "setup",
    "FailedOperation.TemplateIncorrectOrUnapproved": "setup", "FailedOperation.TemplateUnapprovedOrNotExist": "setup",
    "InvalidParameterValue": "setup", "AuthFailure": "setup", "UnauthorizedOperation": "setup", "InternalError": "down",
}  # fmt: skip


def _hmac(key: bytes, words: str) -> bytes:
    return hmac.digest(key, words.encode(), "sha256")


def authorization(body: bytes, host: str, at: datetime, key: str, secret: str) -> str:
    """Over the type, the host and the body."""
    day, signed = at.astimezone(UTC).strftime("%Y-%m-%d"), "content-type;host"
    canonical = f"POST\n/\n\ncontent-type:{KIND}\nhost:{host}\n\n{signed}\n{hashlib.sha256(body).hexdigest()}"
    scope = f"{day}/sms/tc3_request"
    to_sign = f"TC3-HMAC-SHA256\n{int(at.timestamp())}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signing = _hmac(_hmac(_hmac(b"TC3" + secret.encode(), day), "sms"), "tc3_request")
    return (
        f"TC3-HMAC-SHA256 Credential={key}/{scope}, SignedHeaders={signed}, Signature={_hmac(signing, to_sign).hex()}"
    )


def request(
    params: Mapping[str, Any],
    key: str,
    secret: str,
    *,
    host: str,
    region: str,
    at: datetime,
    trace: str,
    client: str = "Minan/1",
) -> tuple[dict[str, str], bytes]:
    """(headers, body) of one SendSms."""
    body = json.dumps(dict(params)).encode()
    headers = {
        "X-TC-TraceId": trace, "Content-Type": KIND, "Host": host, "X-TC-Action": "SendSms", "X-TC-RequestClient": client,
        "X-TC-Timestamp": str(int(at.timestamp())), "X-TC-Version": "2021-01-11", "X-TC-Region": region, "X-TC-Language": "zh-CN",
        "Authorization": authorization(body, host, at, key, secret),
    }  # fmt: skip
    return headers, body


def params_of(key: str, number: str, words: str) -> dict[str, Any]:
    app, kind, _region = (*settings.SMS_TENCENT, "", "", "")[:3]
    return {
        "PhoneNumberSet": ["+86" + template.eleven(number)], "SmsSdkAppId": app, "TemplateId": kind, "SignName": settings.SMS_SIGN,
        "TemplateParamSet": list(template.variables(words)), "SessionContext": key,
    }  # fmt: skip


def _code(said: dict[str, Any]) -> str | None:
    """Of the whole request, or of its only number."""
    answer = said.get("Response")
    if not isinstance(answer, dict):
        return None
    error, sent = answer.get("Error"), answer.get("SendStatusSet")
    if isinstance(error, dict):
        return str(error.get("Code") or "") or None
    if isinstance(sent, list) and len(sent) == 1 and isinstance(sent[0], dict):
        code = sent[0].get("Code")
        return ("" if code == "Ok" else code) if isinstance(code, str) and code else None
    return None


def send(key: str, number: str, words: str) -> None:
    """Raises one of outcomes.py where it was not taken."""
    keys = key_of("sms-tencent")
    if not (keys.get("id") and keys.get("secret") and len(settings.SMS_TENCENT) >= 2):
        raise Failed("setup", "no key or template")
    region = settings.SMS_TENCENT[2] if len(settings.SMS_TENCENT) > 2 else "ap-beijing"
    host = urlsplit(settings.SMS_TENCENT_URL).netloc
    headers, body = request(
        params_of(key, number, words),
        keys["id"],
        keys["secret"],
        host=host,
        region=region,
        at=datetime.now(UTC),
        trace=str(uuid.uuid4()),
    )
    asking.ask(settings.SMS_TENCENT_URL.rstrip("/") + "/", headers.items(), body, _code, MEANING)
