"""By which ways a speaker is told besides the page, what each needs to know, and what is a fit address; the push services we may call.

A subscription of a browser is an address that somebody else typed: only the services on the operator's list are ever called.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from minan.kernel.procedure import Words

W = Words
SMS, MAIL, PUSH, WECHAT = "sms", "mail", "push", "wechat"
FACTS = {
    SMS: "phone",
    MAIL: "email",
    PUSH: "push",
    WECHAT: "openid",
}  # channel → the vault's fact that holds its address
LABELS = {
    SMS: W("短信", "Text message"), MAIL: W("电子邮件", "E-mail"), PUSH: W("设备上的通知", "Notices on a device"),
    WECHAT: W("微信服务通知", "WeChat notice"), "voice": W("电话语音", "Spoken call"),
}  # fmt: skip
MORE = tuple(way for way in FACTS if way != SMS)  # noted in Speaker.ways; of a number there is Speaker.phone
EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}"
)
OPENID = re.compile(r"[A-Za-z0-9_-]{20,40}")
PUSH_MOST = 1_500


class Unfit(Exception):
    """Not an address; `words` say why."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh)
        self.words = Words(zh, en)


def email(text: str) -> str:
    """An e-mail address as it is kept. Raises Unfit: also for anything that could write a header."""
    said = text.strip()
    if len(said) > 120 or not EMAIL.fullmatch(said) or ".." in said or said.startswith("."):
        raise Unfit(
            "这不像一个邮箱地址，例如 wang@example.cn",
            "This does not look like an e-mail address, such as wang@example.cn",
        )
    return said


def openid(text: str) -> str:
    if not OPENID.fullmatch(text.strip()):
        raise Unfit("这不是微信给的 openid", "This is no openid as WeChat gives it")
    return text.strip()


def is_push_host(host: str, allowed: Iterable[str] | None = None) -> bool:
    """Whether a host is a known push service's: written out whole, or below "*.example"."""
    name = host.lower().rstrip(".")
    for one in settings.PUSH_HOSTS if allowed is None else allowed:
        if name == one or (one.startswith("*.") and name.endswith(one[1:]) and "." not in name[: -len(one[1:])]):
            return True
    return False


def _raw(text: Any, size: int) -> bool:
    if not isinstance(text, str) or not re.fullmatch(r"[A-Za-z0-9_-]+=*", text):
        return False
    try:
        return len(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))) == size
    except (ValueError, binascii.Error):
        return False


def is_push_address(url: Any) -> bool:
    """https, a known service, no other port, no name or password in it, nothing that is not plain."""
    if not isinstance(url, str) or len(url) > 1_000 or not re.fullmatch(r"https://[!-~]+", url) or "\\" in url:
        return False
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    return port in (None, 443) and "@" not in parts.netloc and is_push_host(parts.hostname or "")


def push(text: str) -> str:
    """A browser's subscription as the vault keeps it: {"endpoint", "p256dh", "auth"} in JSON. Raises Unfit."""
    said: dict[str, Any] = {}
    try:
        given = json.loads(text) if len(text) <= PUSH_MOST else None
        said = given if isinstance(given, dict) else {}
        keys = said.get("keys", said)
        fit = (
            isinstance(keys, dict)
            and is_push_address(said["endpoint"])
            and _raw(keys.get("p256dh"), 65)
            and _raw(keys.get("auth"), 16)
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        fit = False
    if not fit:
        raise Unfit(
            "这台设备的通知服务不在可以用的名单里", "The notice service of this device is not on the list we may use"
        )
    return json.dumps({"endpoint": said["endpoint"], "p256dh": keys["p256dh"], "auth": keys["auth"]})


CLEAN = {"email": email, "push": push, "openid": openid}  # by the type of a field


def noted(before: str, sealed: Mapping[str, Any]) -> str:
    """Speaker.ways once these facts are sealed besides."""
    there = set(before.split()) | {way for way in MORE if sealed.get(FACTS[way])}
    return " ".join(way for way in MORE if way in there)


def without(before: str, gone: Iterable[str]) -> str:
    """Speaker.ways once these facts are erased."""
    lost = set(gone)
    return " ".join(way for way in before.split() if FACTS.get(way) not in lost)
