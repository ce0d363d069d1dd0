"""Checking for oneself: the page on which the speaker's own browser does it, and the promises to keep."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from minan.channels.web import entered, proofs
from minan.kernel import keepsake
from minan.lib import codes


@require_safe
def page(request: HttpRequest, code: str) -> HttpResponse:
    """The same page for every code, known or not: what there is to check comes by the secret, and is checked in the browser."""
    stored, mark = codes.parse(code), keepsake.fingerprint()
    if stored is None or not mark:
        raise Http404
    return render(request, "web/proof.html", {"code": stored, "keepsake": keepsake.shown(mark)})


@require_safe
def promise(request: HttpRequest, code: str, n: int) -> HttpResponse:
    """The promise for one entry as a file, to its speaker only."""
    case = entered.case(request, code)
    found = proofs.text(case, n) if case is not None else ""
    if case is None or not found:
        raise Http404
    name = proofs.FILE.format(code=case.code, n=n)
    return HttpResponse(
        found,
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
