"""The desk: the inbox with its filters on the left, the list in the middle, the case on the right."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from minan.kernel.models import Case
from minan.kernel.pages import listing, pane
from minan.kernel.pages.guard import case_of, person, staff
from minan.lib import codes


def page(
    request: HttpRequest, case: Case | None = None, chosen: pane.Chosen | None = None, status: int = 200
) -> HttpResponse:
    """The desk with or without a case open; `chosen` is a form that came back."""
    now, code = timezone.now(), case.code if case else ""
    rows = listing.listed(person(request), request.GET, now, "kernel:desk", "kernel:desk_case", code)
    context = {"list": rows}
    if case is not None:
        context |= pane.of(request, case, now, face="desk", chosen=chosen, keep=rows.keep)
    return render(request, "kernel/desk.html", context, status=status)


@require_safe
@staff
def inbox(request: HttpRequest) -> HttpResponse:
    """The list; a code typed into the search opens its case."""
    code = codes.parse(request.GET.get("q", ""))
    if code and Case.objects.visible_to(person(request)).filter(code=code).exists():
        return redirect("kernel:desk_case", code=code)
    return page(request)


@require_safe
@staff
def opened(request: HttpRequest, code: str) -> HttpResponse:
    """The list with one case open."""
    return page(request, case_of(request, code))
