"""What the API answers when it does not do what was asked: RFC 9457 problem JSON in the caller's language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from minan.kernel import callers
from minan.kernel.act import Refused
from minan.kernel.procedure import Words
from minan.kernel.replies import Answer

PROBLEM = "application/problem+json"
W = Words

NO_TOKEN = W(
    "要带上您的令牌（Authorization: Bearer …）；令牌不对、已过期或已停用",
    "A bearer token of a person is needed; this one is missing, wrong, expired or stopped",
)
MISSING = W("没有这一件，或者不归您看", "There is no such thing, or it is not yours to see")
METHOD = W("这个地址不这样用", "This address is not used like that")
TOO_MANY = W("试得太快了，过一会儿再来", "Too many tries; wait a little")
NO_KEY = W(
    "每个 POST 都要带 Idempotency-Key（1 到 200 个字符）", "Every POST needs an Idempotency-Key of 1 to 200 characters"
)
OTHER_BODY = W("这个 Idempotency-Key 已经用在另一个请求上", "This Idempotency-Key was used for another request")
AT_WORK = W(
    "同一个请求还在办，请稍后用同一个 Idempotency-Key 再试",
    "The same request is still being worked on; try again with the same key",
)
NOT_JSON = W("请求体要是一个 JSON 对象", "The body must be a JSON object")
UNKNOWN_TYPE = W(
    "请求体用 application/json；带照片的可用 multipart/form-data",
    "Send application/json, or multipart/form-data with photos",
)
SHUT = W("保险箱暂时打不开，过一分钟再来", "The vault is shut for the moment; try again in a minute")
BROKEN = W(
    "这边出了错，已经记下；请用同一个 Idempotency-Key 再试",
    "Something broke here and was noted; try again with the same Idempotency-Key",
)
TITLES = {
    400: W("请求看不懂", "Bad request"), 401: W("没有登录", "Not signed in"), 403: W("这一步不归您办", "Not offered"),
    404: W("没有找到", "Not found"), 405: W("方法不对", "Method not allowed"), 409: W("有人比您快", "Somebody was faster"),
    413: W("太大了", "Too large"), 415: W("格式不对", "Unsupported type"), 422: W("有几项要改", "Not taken"),
    429: W("太快了", "Too many requests"), 500: W("出了错", "Server error"), 503: W("正忙", "Busy"),
}  # fmt: skip


class Problem(Exception):
    """Raised anywhere below a view; `answer` is what the caller gets."""

    def __init__(self, status: int, detail: Words, **more: Any) -> None:
        super().__init__(detail.en)
        self.answer = problem(status, detail, **more)


def dumps(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def problem(
    status: int,
    detail: Words,
    *,
    rule: str = "",
    errors: Mapping[str, Words] | None = None,
    headers: dict[str, str] | None = None,
) -> Answer:
    """`rule` names the rule that refused; `errors` say what is wrong with which field."""
    lang = callers.lang()
    told: dict[str, Any] = {
        "type": "about:blank",
        "title": TITLES[status].into(lang),
        "status": status,
        "detail": detail.into(lang),
    }
    if rule:
        told["type"], told["rule"] = f"urn:minan:rule:{rule}", rule
    if errors:
        told["errors"] = {name: words.into(lang) for name, words in errors.items()}
    return Answer(status, dumps(told), PROBLEM, headers or {}, keep=status < 500 and status != 429)


def of_refusal(refused: Refused) -> Answer:
    """The door's own refusal. A step that is not possible from this state is one that was not offered: 403."""
    status = 403 if refused.rule == "state" else refused.status
    rule = "" if refused.rule in ("facts", "state") else refused.rule
    return problem(status, refused.reason, rule=rule, errors=refused.errors)
