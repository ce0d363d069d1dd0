"""WeChat subscribe message 订阅消息 of the city's mini program: stable_token and message/subscribe/send.

There is no SDK of the vendor's for Python: requests are held against the documented shape (tests/test_wechat.py). The receiver agreed in
the mini program; one agreement is one message, 43101 says that there is none. Source: 微信开放文档 · 小程序 · 发送订阅消息, 获取稳定版接口调用凭据（引用前请核对）.
"""

from __future__ import annotations

import json
import re
import time
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.cache import cache

from minan.kernel import outward
from minan.kernel.outcomes import Failed, Later, Never, Outcome, Provider, Unsure
from minan.kernel.providers import key_of

TOKEN, EARLY = "wechat:token", 300  # seconds before its end a token is no longer used
STALE = frozenset({40001, 40014, 42001})
CODE = re.compile(r"[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{5}")
THING_MOST = 20  # letters of a "thing" in a template
REASONS: dict[int, tuple[type[Outcome], str]] = {
    43101: (Never, "declined"), 40003: (Never, "number"), 43107: (Never, "declined"), 47003: (Failed, "setup"), 40037: (Failed, "setup"),
    41030: (Failed, "setup"), 40013: (Failed, "setup"), 40125: (Failed, "setup"), 40164: (Failed, "setup"), 45009: (Failed, "rate"),
    45011: (Failed, "rate"), 45047: (Later, "limit"), -1: (Failed, "down"), 40001: (Failed, "setup"), 40014: (Failed, "setup"),
    42001: (Failed, "setup"),
}  # fmt: skip


def _ask(path: str, body: dict[str, Any], *, asked_for_token: bool = False) -> dict[str, Any]:
    data = json.dumps(body, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8", "Accept": "application/json"}
    try:
        answer = outward.post(settings.WECHAT_URL.rstrip("/") + path, headers.items(), data)
    except outward.Unreached as error:
        raise Failed("down", str(error)) from None
    except outward.NoAnswer as error:  # a token that was not given is no message that was sent
        raise (Failed("down", str(error)) if asked_for_token else Unsure(str(error))) from None
    said = answer.json()
    if answer.status == 429:
        raise Failed("rate", "429")
    if not isinstance(said, dict):
        raise (
            Failed("down", str(answer.status))
            if asked_for_token or answer.status == 503
            else Unsure(f"unreadable {answer.status}")
        )
    return said


def _refused(code: int) -> Outcome:
    kind, reason = REASONS.get(code, (Failed, "refused"))
    return kind(reason, str(code))


def token(fresh: bool = False) -> str:
    """The access token, kept until five minutes before its end. `fresh`: another one, because WeChat did not know it any more."""
    if not fresh and (kept := cache.get(TOKEN)):
        return str(kept)
    keys = key_of("wechat")
    if not (keys.get("appid") and keys.get("secret")):
        raise Failed("setup", "no appid or secret")
    asked = {
        "grant_type": "client_credential",
        "appid": keys["appid"],
        "secret": keys["secret"],
        "force_refresh": fresh,
    }
    said = _ask("/cgi-bin/stable_token", asked, asked_for_token=True)
    given = said.get("access_token")
    if not isinstance(given, str) or not given:
        raise _refused(int(said.get("errcode") or 0))
    cache.set(TOKEN, given, max(60, int(said.get("expires_in") or 7200) - EARLY))
    return given


def body_of(openid: str, words: str, at: float | None = None) -> dict[str, Any]:
    """The request's body: code, what happened, when; a template with character_string1, thing2 and time3."""
    found = CODE.search(words)
    code = found[0] if found else ""
    what = re.sub(r"^(【民安】|Minan: ?)", "", words).replace(code, "").strip(" :：")[:THING_MOST]
    when = time.strftime("%Y-%m-%d %H:%M", time.gmtime((time.time() if at is None else at) + 8 * 3600))
    data = {"character_string1": {"value": code}, "thing2": {"value": what}, "time3": {"value": when}}
    page = f"pages/follow/follow?code={code.replace('-', '')}"
    return {
        "touser": openid,
        "template_id": settings.WECHAT,
        "page": page,
        "miniprogram_state": "formal",
        "lang": "zh_CN",
        "data": data,
    }


def send(key: str, openid: str, words: str) -> None:
    """Raises one of outcomes.py where it was not taken. A token WeChat no longer knows is asked for again, once."""
    for again in (False, True):
        query = urlencode({"access_token": token(fresh=again)})
        code = _ask(f"/cgi-bin/message/subscribe/send?{query}", body_of(openid, words)).get("errcode")
        if code == 0:
            return
        if not isinstance(code, int):
            raise Unsure("no errcode")
        if code not in STALE or again:
            raise _refused(code)


def providers() -> list[Provider]:
    return [Provider("wechat", send)] if settings.WECHAT else []
