"""The addresses of the field: the empty page, its service worker, who is signed in, the phone's key, and what goes down and up."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from minan.channels.field import devices, lists, records, sheets
from minan.channels.field.words import texts
from minan.kernel import callers, replies
from minan.kernel.labels import name_of
from minan.kernel.pages.guard import case_of, person, staff
from minan.kernel.replies import Answer

SCRIPTS = (
    "base",
    "vault",
    "store",
    "visits",
    "sketch",
    "photos",
    "queue",
    "send",
    "pull",
    "forms",
    "screens",
    "finding",
    "conflict",
    "app",
)
KEPT = (
    "minan/minan.css",
    "minan/faces.css",
    "minan/icons.svg",
    "minan/mark.svg",
    "minan/start.js",
    "minan/draft.js",
    "field/field.css",
)
View = Callable[..., HttpResponse]


def sent(answer: Answer) -> HttpResponse:
    return HttpResponse(answer.body, status=answer.status, content_type=answer.type)


def _turned_away(view: View) -> View:
    """What a phone's key lets nobody do is told as a status the phone acts on."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except devices.Unknown:
            return sent(records.problem(401, ""))
        except devices.Ended:
            return sent(records.problem(410, ""))
        except devices.Slower:
            return sent(records.problem(429, ""))

    return asked


def by_phone(view: View) -> View:
    """Only with a phone's key; the browser's session does not count, so no other site's form can use it."""

    @csrf_exempt
    @require_POST
    @_turned_away
    @wraps(view)
    def keyed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(request, devices.asking(request), *args, **kwargs)

    return keyed


def readable(view: View) -> View:
    """With a phone's key, or by who is signed in in this browser with a post."""
    signed_in = staff(view)

    @require_safe
    @_turned_away
    @wraps(view)
    def read(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not callers.bearer(request):
            return signed_in(request, *args, **kwargs)
        request.user = devices.asking(request).user
        return view(request, *args, **kwargs)

    return read


def _json(data: Any) -> JsonResponse:
    return JsonResponse(data, json_dumps_params={"ensure_ascii": False, "separators": (",", ":")})


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The empty page of the app: the same for everybody, no word about a person in it; the service worker keeps it."""
    request.user = AnonymousUser()
    context = {"scripts": [f"field/{name}.js" for name in SCRIPTS], "texts": texts(), "zone": settings.TIME_ZONE}
    return render(request, "field/home.html", context)


@require_safe
@cache_control(no_cache=True)
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker of /field/: keeps that page and its files, nothing else."""
    files = [staticfiles_storage.url(name) for name in (*KEPT, *(f"field/{name}.js" for name in SCRIPTS))]
    version = hashlib.sha256("\n".join(files).encode()).hexdigest()[:12]
    body = render(request, "field/sw.js", {"files": files, "version": version}).content
    return HttpResponse(body, content_type="text/javascript; charset=utf-8")


@require_safe
@staff
def who(request: HttpRequest) -> HttpResponse:
    """Who is signed in in this browser: whose store may be opened, and the token against forged forms."""
    user = person(request)
    return _json({"mark": devices.mark_of(user), "name": name_of(user), "csrf": get_token(request)})


@require_POST
@staff
def device(request: HttpRequest) -> HttpResponse:
    """A key for this phone, for who is signed in."""
    key, until = devices.issue(person(request))
    return _json({"key": key, "until": sheets.when(until), "mark": devices.mark_of(person(request))})


@by_phone
def longer(request: HttpRequest, row: devices.Device) -> HttpResponse:
    """The phone was heard of; its key is good for four days again."""
    return _json({"until": sheets.when(devices.longer(row)), "mark": devices.mark_of(row.user)})


@by_phone
def end(request: HttpRequest, row: devices.Device) -> HttpResponse:
    """The worker signs this phone out."""
    devices.end(row)
    return _json({"ended": True})


@readable
def pack(request: HttpRequest) -> HttpResponse:
    """What waits for this person, and the stamp of the lists."""
    user, now, lang = person(request), timezone.now(), callers.lang()
    return _json(
        sheets.listed(user, now)
        | {"as_of": sheets.when(now), "lang": lang, "stamp": lists.stamp(lang), "name": name_of(user)}
    )


@readable
def forms(request: HttpRequest) -> HttpResponse:
    """The lists all forms need."""
    return _json(lists.of(person(request), callers.lang()))


@readable
def case(request: HttpRequest, code: str) -> HttpResponse:
    """One matter, as the phone keeps it."""
    return _json(sheets.of(person(request), case_of(request, code), timezone.now()))


@by_phone
def take(request: HttpRequest, row: devices.Device) -> HttpResponse:
    """One record, once for its Idempotency-Key; the key is told back, so that no café's sign-in page passes for our answer."""
    key, user = request.META.get("HTTP_IDEMPOTENCY_KEY", "").strip(), row.user
    if not 0 < len(key) <= replies.KEY_MOST:
        return sent(records.problem(400, ""))
    try:
        answer = sent(records.once(user, key, records.read(request)))
    except records.Torn:
        answer = sent(records.problem(400, lists.into(records.TORN)))
    answer.headers["X-Record"] = key
    return answer
