"""Text messages: which providers are asked, in the operator's order (MINAN_SMS)."""

from __future__ import annotations

from django.conf import settings

from minan.channels.sms import aliyun, file, own, tencent
from minan.kernel.outcomes import Provider

KNOWN = {
    "aliyun": Provider("aliyun", aliyun.send),
    "tencent": Provider("tencent", tencent.send),
    "own": Provider("own", own.send, idempotent=True),
    "file": Provider("file", file.send),
}


def providers() -> list[Provider]:
    """In the order they are asked; names that mean nothing are left out (the doctor tells)."""
    return [KNOWN[name] for name in settings.SMS if name in KNOWN]
