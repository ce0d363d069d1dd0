"""The printed papers of a dispute under /disputes/<code>/: each made when it is fetched, for whoever may read what is in it."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from minan.kernel import vault
from minan.kernel.pages.entering import ours
from minan.lib import throttle
from minan.systems.disputes import filing, page

SECONDS, MOST = 60, 30  # papers of one dispute in a minute: each costs a moment of a core


def _entered(request: HttpRequest, code: str) -> page.Here:
    here = page.entered(request, code)
    if not throttle.allow("disputes.paper", here.dispute.code, SECONDS, MOST):
        raise TooOften
    return here


class TooOften(Exception):
    """Whoever this is prints faster than anybody reads."""


def _instead(request: HttpRequest, code: str, words: str) -> HttpResponse:
    messages.info(request, words)
    return redirect("disputes:room", code)


def _headers(name: str) -> dict[str, str]:
    return {"Cache-Control": "private, no-store", "Content-Disposition": f'inline; filename="{name}"'}


@require_safe
@never_cache
@ours
def paper(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    """One paper as PDF: agreement, oral, court, or the file."""
    try:
        made = filing.pdf(_entered(request, code), kind)
    except TooOften:
        return HttpResponse(_("打印得太快了，过一分钟再来。"), status=429, content_type="text/plain; charset=utf-8")
    except vault.Sealed:
        return _instead(request, code, _("保险箱现在打不开，过一分钟再来。"))
    if made is None:
        return _instead(request, code, _("这台机器还不能生成 PDF，请打印这一页。"))
    return HttpResponse(made, content_type="application/pdf", headers=_headers(f"{code}-{kind}.pdf"))


@require_safe
@never_cache
@ours
def bundle(request: HttpRequest, code: str) -> HttpResponseBase:
    """The file as ZIP, for who made it within the last ten minutes."""
    try:
        packed = filing.bundle(_entered(request, code))
    except TooOften:
        return HttpResponse(_("打印得太快了，过一分钟再来。"), status=429, content_type="text/plain; charset=utf-8")
    except vault.Sealed:
        return _instead(request, code, _("保险箱现在打不开，过一分钟再来。"))
    return FileResponse(
        packed,
        as_attachment=True,
        filename=f"{code}.zip",
        content_type="application/zip",
        headers={"Cache-Control": "private, no-store"},
    )
