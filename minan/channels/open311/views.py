"""The calls of GeoReport v2; each is HTTP only. No session, no form token: whoever calls is a program."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.views.decorators.csrf import csrf_exempt

from minan.channels.open311 import shown, sought, taken, who
from minan.channels.open311.forms import Problem, refused, told
from minan.kernel import access, callers, directory, questions, replies
from minan.kernel.act import Refused, open_case
from minan.kernel.models import Question
from minan.kernel.procedure import Words
from minan.kernel.replies import Answer, Turn

METHOD = Words("这个地址不这样用", "This address is not used like that")
UNREADABLE = Words("表单读不出来", "The form could not be read")
OTHER_BODY = Words("这个 Idempotency-Key 已经用在另一个请求上", "This Idempotency-Key was used for another request")
AT_WORK = Words("同一个请求还在办，请稍后再试", "The same request is still being worked on; try again")
BAD_KEY = Words("Idempotency-Key 最多 200 个字符", "An Idempotency-Key has at most 200 characters")
PROCEDURE = "matter"
Call = Callable[..., Answer]


def calls(**by_method: Call) -> Callable[..., HttpResponse]:
    """A view from one function a method; errors in the standard's own form."""

    @csrf_exempt
    def view(request: HttpRequest, form: str, **path: str) -> HttpResponse:
        call = by_method.get("GET" if request.method == "HEAD" else str(request.method))
        try:
            if call is None:
                raise Problem(405, METHOD, {"Allow": ", ".join(sorted(by_method))})
            answer = call(request, form, **path)
        except Problem as problem:
            answer = refused(form, problem)
        except (SuspiciousOperation, MultiPartParserError, UnreadablePostError):
            answer = refused(form, Problem(400, UNREADABLE))
        return HttpResponse(answer.body, status=answer.status, content_type=answer.type, headers=answer.headers)

    return view


def _discovery(request: HttpRequest, form: str) -> Answer:
    base = request.build_absolute_uri("/open311/v2/").rstrip("/")
    since = "2026-11-22T00:00:00+08:00"
    point = {
        "specification": "http://wiki.open311.org/GeoReport_v2", "url": base, "changeset": since, "type": "production",
        "formats": ["application/json", "text/xml"],
    }  # fmt: skip
    return told(form, "discovery", {"changeset": since, "contact": base, "key_service": "", "endpoints": [point]})


@lru_cache(maxsize=2)
def _asking(_stamp: int) -> frozenset[str]:
    return frozenset(Question.objects.filter(until=None).values_list("kind_id", flat=True).distinct())


def _services(request: HttpRequest, form: str) -> Answer:
    return told(form, "services", shown.services(callers.lang(), _asking(directory.city().stamp)))


def _service(request: HttpRequest, form: str, code: str) -> Answer:
    kind = directory.city().kinds.get(code)
    if kind is None or not kind.active:
        raise Problem(404, taken.UNKNOWN_SERVICE)
    return told(form, "service_definition", shown.definition(code, questions.of_kind(code), callers.lang()))


def _list(request: HttpRequest, form: str) -> Answer:
    cases = sought.page(request)
    due, lang = shown.expected(cases), callers.lang()
    return told(form, "service_requests", [shown.world(case, due.get(case.id), lang) for case in cases])


def _one(request: HttpRequest, form: str, code: str) -> Answer:
    case, whole = who.finds(request, code)
    due, lang = shown.expected([case]).get(case.id), callers.lang()
    row = (
        shown.full(case, due, lang) if whole else shown.world(case, due, lang) if case.public else shown.few(case, due)
    )
    return told(form, "service_requests", [row])


def _token(request: HttpRequest, form: str, token: str) -> Answer:
    """Our POST gives the id at once, so the id is its own token."""
    case, _ = who.finds(request, token)
    return told(form, "service_requests", [{"service_request_id": case.code, "token": case.code}])


def _say(request: HttpRequest, form: str, user: who.Someone, turn: Turn | None) -> Answer:
    """Open the case by the one door; the fast path without a key is this function and one statement."""
    who.may_post(request, user)
    said, staff = taken.said(request), user is not None and access.is_staff(user)
    by = access.actor(user) if user is not None and staff else access.SPEAKER
    opened = open_case(
        PROCEDURE, by=by, facts=said.facts, channel="open311", where=said.where,
        known=said.known, key=turn.key if turn else None, secret=turn.secret if turn else None, lang=callers.lang(),
        account=str(user.pk) if user is not None and not staff else "", capability=said.capability,
    )  # fmt: skip
    if isinstance(opened, Refused):
        raise taken.refusal(opened)
    return told(form, "service_requests", [who.receipt(request, opened, turn)])


def _post(request: HttpRequest, form: str) -> Answer:
    user, key = who.asks(request), request.META.get("HTTP_IDEMPOTENCY_KEY", "").strip()
    if not key:
        return _say(request, form, user, None)
    if len(key) > replies.KEY_MOST:
        raise Problem(400, BAD_KEY)

    def act(turn: Turn) -> Answer:
        try:
            return _say(request, form, user, turn)
        except Problem as problem:
            return refused(form, problem)

    try:
        return replies.once(who.caller(request, user, key), key, who.mark(request), act)
    except replies.OtherBody:
        raise Problem(422, OTHER_BODY) from None
    except replies.Unanswered:
        raise Problem(409, AT_WORK, {"Retry-After": "10"}) from None


discovery = calls(GET=_discovery)
services = calls(GET=_services)
service = calls(GET=_service)
requests = calls(GET=_list, POST=_post)
request = calls(GET=_one)
token = calls(GET=_token)
