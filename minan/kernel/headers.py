"""The outermost layers: the headers that every answer carries, and a ceiling on what is taken in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from minan.kernel import ballast, vault

Next = Callable[[HttpRequest], HttpResponseBase]

FULL = (
    "磁盘快满了，照片暂时收不了，请先只写文字。\nThe disk is nearly full: no photos for now; please send words only.\n"
)
SHUT = (
    "保险箱暂时打不开，说过的话和办过的事都在，过一分钟再来。急事请打电话。\n"
    "The vault is shut for the moment. Nothing that was said or done is lost; come back in a minute. Urgent: please call.\n"
)
SLOWER = "看得太快或太多了，过一会儿再来。\nToo many looks in a short time; please come back later.\n"
PERMISSIONS = "accelerometer=(), camera=(self), geolocation=(self), gyroscope=(), microphone=(), payment=(), usb=()"
WITH_MICROPHONE = PERMISSIONS.replace("microphone=()", "microphone=(self)")
View = Callable[..., HttpResponse]


def may_record(view: View) -> View:
    """For a page on which somebody may record: its own scripts, and nobody else's, may ask for the microphone."""

    @wraps(view)
    def shown(*args: Any, **kwargs: Any) -> HttpResponse:
        answer = view(*args, **kwargs)
        answer.headers["Permissions-Policy"] = WITH_MICROPHONE
        return answer

    return shown


class Headers:
    """Adds what Django and django-csp do not; an answer that says nothing about caching is not kept anywhere."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        # Pages are about people: no copy in the browser of a shared desk.
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class Policy(CSPMiddleware):
    """The content security policy of the settings, put together once: no answer of ours asks for another, none has a nonce."""

    def __init__(self, get_response: Next) -> None:
        super().__init__(get_response)
        self.text = build_policy()

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        response.headers.setdefault(HEADER, self.text)
        return response


class Ceiling:
    """Refuses a body that is too large (413) or of unsaid length (411), before a byte of it is read."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response
        self.body_max = settings.UPLOAD_MB * 1024 * 1024

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.refusal(request) or self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """507 where the disk is full: photos first, words last (ballast.py); 503 or 429 where the vault's keeper does not open."""
        if isinstance(exception, vault.Sealed):
            status, words = (429, SLOWER) if isinstance(exception, vault.Held) else (503, SHUT)
            return HttpResponse(
                words, status=status, content_type="text/plain; charset=utf-8", headers={"Retry-After": "60"}
            )
        if not ballast.is_full(exception):
            return None
        return HttpResponse(FULL, status=507, content_type="text/plain; charset=utf-8", headers={"Retry-After": "60"})

    def refusal(self, request: HttpRequest) -> HttpResponse | None:
        """The answer to a body that is not taken, or None."""
        length = request.META.get("CONTENT_LENGTH") or ""
        if not length:
            return HttpResponse(status=411) if request.META.get("HTTP_TRANSFER_ENCODING") else None
        if not (length.isascii() and length.isdigit()):
            return HttpResponse(status=400)
        return HttpResponse(status=413) if int(length) > self.body_max else None
