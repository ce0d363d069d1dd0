"""The receipt: the secret on its way to its speaker, and the same receipt as plain words.

The secret lies in a cookie of this one page for a quarter of an hour, never in an address, never stored.
"""

from __future__ import annotations

from typing import TypeVar

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from minan.kernel import keepsake, ledger, promises, vault
from minan.kernel.act import Opened
from minan.lib import codes

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


def written(opened: Opened, request: HttpRequest | None = None) -> str:
    """The receipt as plain words: code, secret, moment, fingerprint, the whole promise, and how to check all of it oneself."""
    event, code = opened.event, opened.case.code
    page, promise, mark = reverse("web:matter", args=[code]), promises.of(event, code), keepsake.fingerprint()
    lines = [
        _("说事回执"), _("编号：%s") % codes.pretty(code), _("取件码：%s") % vault.shown(opened.secret) if opened.secret else "",
        _("说的时间：%s") % ledger.stamp(event.at), _("查进度：%s") % (request.build_absolute_uri(page) if request else page),
        _("记录的指纹：%s") % promises.short(event), _("核对文件的指纹：%s") % keepsake.shown(mark) if mark else "",
    ]  # fmt: skip
    head = "\n".join(filter(None, lines))
    return f"{head}\n\n{_('受理承诺：')}\n{promise}" if promise else f"{head}\n"
