"""What everybody reads under /bulletins/: what is valid at the place they chose; one bulletin; its picture. No account needed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import F
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from minan.kernel import attachments, choices, directory
from minan.lib import codes
from minan.systems.bulletins import here, showing
from minan.systems.bulletins.models import Reach, Shown

HEX = frozenset("0123456789abcdef")


def base_of(request: HttpRequest, place: str) -> dict[str, Any]:
    """The place chosen, and what a look for another one found."""
    find = request.GET.get("find", "").strip()[:40]
    found = [(code, directory.place_name(code, full=True)) for code in choices.looked_for(find)] if find else []
    return {"place": place, "place_name": directory.place_name(place, full=True) if place else "", "find": find, "found": found}


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What is valid at my place."""
    place = here.place_of(request)
    rows = showing.valid(showing.above(place), timezone.now(), "bulletin", "gathering") if place else []
    groups = {
        "emergencies": [r for r in rows if r.sort == "emergency"], "notices": [r for r in rows if r.sort == "notice"],
        "campaigns": [r for r in rows if r.sort == "campaign"], "gatherings": [r for r in rows if r.what == "gathering"],
    }  # fmt: skip
    return render(request, "bulletins/index.html", base_of(request, place) | groups | {"any": rows})


@require_POST
def set_place(request: HttpRequest) -> HttpResponse:
    """Remember a place in this browser."""
    code, back = request.POST.get("place", ""), request.POST.get("next", "")
    if code not in directory.city().places:
        raise Http404
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "bulletins:index"
    response = redirect(back)
    response.set_cookie(here.COOKIE, code, here.YEAR, secure=request.is_secure(), httponly=True, samesite="Lax")
    return response


def public(code: str, what: str) -> Shown:
    """The public copy of one case while it is valid. Http404 for everything else, whatever it is."""
    now = timezone.now()
    row: Shown | None = Shown.objects.filter(code=codes.parse(code) or "-", what=what, starts_at__lte=now, ends_at__gt=now).first()
    if row is None:
        raise Http404
    return row


def opened(row: Shown) -> None:
    """One opening more of this page today: a number, whoever it was."""
    today = timezone.localdate()
    if not Reach.objects.filter(case_id=row.case_id, day=today).update(opened=F("opened") + 1):
        Reach.objects.get_or_create(case_id=row.case_id, day=today, defaults={"opened": 1})


@require_safe
def one(request: HttpRequest, code: str) -> HttpResponse:
    """One bulletin."""
    row = public(code, "bulletin")
    opened(row)
    ends = timezone.localtime(row.ends_at)
    until = ends if (ends.hour, ends.minute) != (0, 0) else ends.date() - timedelta(days=1)  # a whole day, not the midnight after it
    return render(request, "bulletins/one.html", {"row": row, "places": _places(row), "until": until})


def _places(row: Shown) -> list[str]:
    found = Shown.objects.filter(case_id=row.case_id).values_list("place", flat=True)
    return [directory.place_name(place, full=True) for place in sorted(found)]


@require_safe
def picture(request: HttpRequest, case: UUID, sha: str) -> HttpResponseBase:
    """A picture of what is public just now; with ?small its small version. 404 as soon as it no longer is."""
    now = timezone.now()
    row = Shown.objects.filter(case_id=case, starts_at__lte=now, ends_at__gt=now).first()
    if row is None or len(sha) != 64 or not set(sha) <= HEX or sha not in (row.body.get("pictures") or []):
        raise Http404
    path = attachments.path_of(sha, thumb="small" in request.GET)
    if not path.is_file():
        raise Http404
    return FileResponse(path.open("rb"), content_type="image/jpeg", headers={"Cache-Control": "private, no-store"})
