"""The signed calls of partners: matters in, receipts for our answers in. Errors are RFC 9457 problem JSON in the caller's language."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from minan.channels.exchange import acks, known, receipt, signing, tables, taking
from minan.channels.exchange.models import Nonce
from minan.channels.exchange.partners import Partner, PartnersError
from minan.channels.exchange.taking import Plan
from minan.kernel import callers, replies
from minan.kernel.procedure import Words
from minan.kernel.replies import Answer
from minan.lib import throttle

ITEMS_MOST = 200
WRONG = 30  # unsigned calls a minute and address
UNSIGNED = Words("没有签名，或签名、时间不对", "Not signed, or signature or time is wrong")
REPLAYED = Words(
    "这个 X-Minan-Nonce 用过了；重试请换一个新的", "This X-Minan-Nonce was used before; a retry needs a fresh one"
)
TOO_MANY = Words("太快了，过一分钟再来", "Too many requests; wait a minute")
TOO_LARGE = Words("太大了：一次最多 200 条、2 MB", "Too large: at most 200 items and 2 MB at a time")
NOT_HERE = Words("这个单位不从接口来件", "This partner does not send by this interface")
OTHER_BODY = Words("这个 Idempotency-Key 已经用在另一个请求上", "This Idempotency-Key was used for another request")
AT_WORK = Words("同一个请求还在办，请稍后再试", "The same request is still being worked on; try again")
BAD_KEY = Words("Idempotency-Key 最多 200 个字符", "An Idempotency-Key has at most 200 characters")
BROKEN = Words("对接配置有错，已记下；请稍后再试", "The mapping here is wrong, and noted; try again later")
log = logging.getLogger("minan.exchange")
Act = Callable[[Partner, list[tables.Row], datetime], Any]


class Problem(Exception):
    """Raised below a view: status and what was wrong."""

    def __init__(self, status: int, words: Words, **more: Any) -> None:
        super().__init__(words.en)
        self.status, self.words, self.more = status, words, more


def _told(status: int, data: Any, kind: str = "application/json") -> Answer:
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return Answer(
        status,
        body,
        kind,
        {"Retry-After": "60"} if status in (409, 429, 503) else {},
        keep=status < 500 and status != 429,
    )


def _refused(problem: Problem) -> Answer:
    data = {"type": "about:blank", "status": problem.status, "title": problem.words.into(callers.lang())} | problem.more
    return _told(problem.status, data, "application/problem+json")


def _signer(request: HttpRequest, code: str) -> Partner:
    """The partner of the address, whose key signed this. A code nobody has and a wrong signature are alike. Raises Problem."""
    who = callers.subject(request)
    if throttle.wait_seconds("exchange", who, callers.MINUTE, WRONG):
        raise Problem(429, TOO_MANY)
    try:
        partner = known.get(code)
        given = {name: request.headers.get(name, "") for name in (signing.TIME, signing.ONCE, signing.SIGNATURE)}
        key = known.keys(code).get("in_key", "") if partner is not None else ""
        nonce = signing.check(key, "POST", request.get_full_path(), given, request.body)
    except PartnersError as error:
        log.error("partners.toml is wrong", extra={"error": str(error)[:300]})
        raise Problem(503, BROKEN) from None
    except signing.Unsigned as unsigned:
        throttle.allow("exchange", who, callers.MINUTE, WRONG)
        log.info("unsigned call", extra={"partner": code[:20], "error": str(unsigned)})
        raise Problem(401, UNSIGNED) from None
    assert partner is not None
    try:
        with transaction.atomic():
            Nonce.objects.create(partner=code, nonce=nonce, at=datetime.now(UTC))
    except IntegrityError:
        raise Problem(409, REPLAYED) from None
    return partner


def _rows(request: HttpRequest) -> list[tables.Row]:
    try:
        rows = list(tables.items(json.loads(request.body)))
    except (ValueError, RecursionError) as error:
        words = error.words if isinstance(error, tables.BadFile) else Words("JSON 读不出来", "The JSON cannot be read")
        raise Problem(400, words) from None
    if not 0 < len(rows) <= ITEMS_MOST:
        raise Problem(413 if rows else 400, TOO_LARGE)
    return rows


def _once(request: HttpRequest, partner: Partner, act: Act) -> Answer:
    """The act, once for an Idempotency-Key where one is given."""
    key, now = request.META.get("HTTP_IDEMPOTENCY_KEY", "").strip(), datetime.now(UTC)

    def do() -> Answer:
        try:
            return _told(200, act(partner, _rows(request), now))
        except Problem as problem:
            return _refused(problem)

    if not key:
        return do()
    if len(key) > replies.KEY_MOST:
        raise Problem(400, BAD_KEY)
    body = replies.body_of(b"POST", request.path.encode(), request.body)
    try:
        return replies.once(f"exchange:{partner.code}", key, body, lambda _turn: do())
    except replies.OtherBody:
        raise Problem(422, OTHER_BODY) from None
    except replies.Unanswered:
        raise Problem(409, AT_WORK) from None


def calls(act: Act) -> Callable[[HttpRequest, str], HttpResponse]:
    """A view of one signed call."""

    @csrf_exempt
    @require_POST
    @wraps(act)
    def view(request: HttpRequest, partner: str) -> HttpResponse:
        try:
            answer = _once(request, _signer(request, partner), act)
        except Problem as problem:
            answer = _refused(problem)
        except (SuspiciousOperation, UnreadablePostError):  # a body above the limit
            answer = _refused(Problem(413, TOO_LARGE))
        return HttpResponse(answer.body, status=answer.status, content_type=answer.type, headers=answer.headers)

    return view


def shown(plan: Plan) -> dict[str, Any]:
    """One row's fate as the partner reads it."""
    lang = callers.lang()
    out: dict[str, Any] = {"number": plan.number, "result": plan.what}
    if plan.opened is not None:
        out |= receipt.written(plan.opened)
    if plan.why is not None:
        out["reason"] = plan.why.into(lang)
    if plan.hints:
        out["hints"] = [hint.into(lang) for hint in plan.hints]
    return out


@calls
def matters(partner: Partner, rows: list[tables.Row], now: datetime) -> Any:
    """Each row one case; a single one that cannot be taken is 422, of several each has its own result."""
    if "api" not in partner.ways_in:
        raise Problem(403, NOT_HERE)
    items = [shown(taking.take(partner, row, now, "api")) for row in rows]
    if len(items) == 1 and items[0]["result"] == taking.REJECTED:
        raise Problem(422, Words(items[0]["reason"], items[0]["reason"]), number=items[0]["number"])
    return {"items": items}


@calls
def receipts(partner: Partner, rows: list[tables.Row], now: datetime) -> Any:
    """What the partner says to our answers: accepted, or refused with a reason."""
    left = acks.read(partner, rows, now)
    return {
        "taken": len(rows) - len(left),
        "left": [{"item": row, "reason": why.into(callers.lang())} for row, why in left],
    }
