"""The damages of a road accident, worked out for everybody; nothing is kept, and it works without JavaScript."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from minan.channels.web.address import allowed
from minan.channels.web.damages_change import Change
from minan.channels.web.damages_page import Sheet, first
from minan.channels.web.damages_tree import drawn
from minan.lib.damages import Refused


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """The questions; after a press the result above them, with everything typed still there; or the case as a file."""
    if request.method != "POST":
        return render(request, "web/damages.html", {"sheet": Sheet(drawn(first(), bound=False))})
    may = allowed(request, "look")
    sheet = Sheet.read(request, work=may)
    if not may:
        sheet.too_many, sheet.status = True, 429
    elif "json" in request.POST and sheet.case is not None:
        name = {"Content-Disposition": 'attachment; filename="damages.json"'}
        return HttpResponse(sheet.case_text, content_type="application/json; charset=utf-8", headers=name)
    return render(request, "web/damages.html", {"sheet": sheet}, status=sheet.status)


@never_cache
@require_POST
def what_if(request: HttpRequest) -> HttpResponse:
    """Another share, grade or number of days: each line that moves, old and new."""
    if not allowed(request, "look"):
        return HttpResponse(status=429)
    try:
        change = Change.read(request.POST)
    except (Refused, ValueError, RecursionError, TypeError):
        return redirect("web:damages")
    return render(request, "web/damages_whatif.html", {"change": change}, status=change.status)
