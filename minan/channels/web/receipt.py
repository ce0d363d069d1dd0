"""The secret on its way to its speaker: in a cookie of this one page for a quarter of an hour, never in an address, never stored."""

from __future__ import annotations

from typing import TypeVar

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

NAME, KEEP_SECONDS = "receipt", 900
Response = TypeVar("Response", bound=HttpResponseBase)


def hand_over(response: Response, code: str, secret: str, secure: bool) -> Response:
    """Lay the secret where only the receipt page of this code finds it."""
    path = reverse("web:receipt", args=[code])
    response.set_signed_cookie(
        NAME,
        secret,
        salt=f"minan.web.receipt.{code}",
        max_age=KEEP_SECONDS,
        path=path,
        secure=secure,
        httponly=True,
        samesite="Lax",
    )
    return response


def secret(request: HttpRequest, code: str) -> str:
    """The secret handed over a moment ago; "" where there is none."""
    return request.get_signed_cookie(NAME, "", salt=f"minan.web.receipt.{code}", max_age=KEEP_SECONDS) or ""
