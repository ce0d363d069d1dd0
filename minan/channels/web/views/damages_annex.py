"""The result of the damages page as a paper 赔偿计算书, for everybody; the case travels in the page, nothing is kept."""

from __future__ import annotations

import json
from decimal import Decimal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from minan.channels.web.address import allowed
from minan.channels.web.damages import fits, lang
from minan.kernel import annex
from minan.lib.damages import Refused, calculate

CASE_MOST = 512 * 1024  # characters


@never_cache
@require_POST
def paper(request: HttpRequest) -> HttpResponse:
    """`case`: the contract's object as JSON. What is none, or contradicts itself, leads back to the page."""
    if not allowed(request, "paper"):
        return HttpResponse(_("试得太快了，过一会儿再来"), status=429, content_type="text/plain; charset=utf-8")
    try:
        case = json.loads(request.POST.get("case", "")[:CASE_MOST], parse_float=Decimal)
        fits(case)
        made = annex.annex(calculate(case, lang()), case, lang=lang())
    except (Refused, ValueError, RecursionError, TypeError):
        messages.info(request, _("这一份算不出来，请再填一次。"))
        return redirect("web:damages")
    if made is None:
        messages.info(request, _("这台机器还不能生成 PDF，请打印这一页。"))
        return redirect("web:damages")
    return HttpResponse(made, content_type="application/pdf", headers={"Content-Disposition": 'inline; filename="damages.pdf"'})
