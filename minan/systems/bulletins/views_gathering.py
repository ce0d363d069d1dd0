"""Events under /gatherings/: the page of one with its seats, booking, the ticket; for the desk announcing and the door."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from minan.kernel import access, callers, labels
from minan.kernel.act import Refused
from minan.kernel.models import Case
from minan.kernel.pages import kin
from minan.kernel.pages.guard import case_of, face_of, staff
from minan.kernel.procedure import Words
from minan.lib import throttle
from minan.systems.bulletins import booking, filing, gathering
from minan.systems.bulletins.models import Hall, Seat
from minan.systems.bulletins.views import opened, public

TOO_FAST = Words("报名的人太多，过几分钟再来", "Too many bookings; try again in a few minutes")


def _shown(code: str) -> dict[str, Any]:
    row = public(code, "gathering")
    case = Case.objects.get(county=row.county, id=row.case_id)
    free, waiting = booking.left(case)
    begins = datetime.fromisoformat(case.facts["at"])
    seats = {"free": free, "waiting": waiting, "people": range(1, gathering.PARTY_MOST + 1)}
    return {"row": row, "case": case, "begins": begins, "begun": begins <= timezone.now()} | seats


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def one(request: HttpRequest, code: str) -> HttpResponse:
    """The event; sent, the form books, and the answer is the ticket."""
    here = _shown(code)
    if request.method != "POST":
        opened(here["row"])
        return render(request, "bulletins/gathering.html", here | {"key": uuid4().hex})
    done = _book(request, here["case"])
    if isinstance(done, Refused):
        words = [labels.into(reason) for reason in (done.errors.values() or [done.reason])]
        typed = {"key": request.POST.get("key", "")[:32], "typed": request.POST, "wrong": words}
        return render(request, "bulletins/gathering.html", here | typed, status=done.status)
    slip = kin.shown(request, done.case, done.secret) if done.secret else {"case": done.case}
    return render(request, "bulletins/ticket.html", here | slip | {"seats": done.numbers, "ticket": done.case.code[-5:]})


def _book(request: HttpRequest, case: Case) -> booking.Booked | Refused:
    if not throttle.allow("bulletins.book", callers.subject(request), *filing.BOOKINGS):
        return Refused(TOO_FAST, 429)
    user: Any = request.user
    try:
        key = UUID(request.POST.get("key", "")).hex
    except ValueError:
        key = uuid4().hex
    facts = {name: request.POST.get(name, "")[:60] for name in ("people", "booker", "phone")}
    account = str(user.pk) if user.is_authenticated and not access.is_staff(user) else ""
    return booking.book(case, facts, at=timezone.now(), key=f"seat:{key}", lang=get_language() or "zh-hans", account=account)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@staff
def announce(request: HttpRequest) -> HttpResponse:
    """A desk announces an event; a second person of the desk checks it."""
    _who, unit = filing.staff_unit(request)
    if not unit:
        raise Http404
    find = request.POST.get("find", "")[:40] if "find_place" in request.POST else ""
    form = filing.form_of(request, gathering.ANNOUNCE, unit, find=find)
    case = filing.written(request, form, "gathering", {}) if request.method == "POST" and not find else None
    if case is None:
        return render(request, "bulletins/announce.html", {"base": face_of(request), "form": form}, status=422 if form.errors else 200)
    messages.success(request, _("写好了，请本单位另一位同事复核"))
    return redirect("bulletins:desk")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@staff
def door(request: HttpRequest, code: str) -> HttpResponse:
    """Tickets at the door, by hand: the last five letters are enough. Only how many came is kept."""
    case = case_of(request, code)
    hall = get_object_or_404(Hall, id=case.id) if case.procedure == "gathering" else None
    if hall is None:
        raise Http404
    typed = request.POST.get("ticket", "")[:24]
    let_in = booking.enter(hall, typed) if request.method == "POST" else None
    seats = Seat.objects.filter(hall=hall)
    here = {"typed": typed, "let_in": let_in, "asked": request.method == "POST", "case": case, "base": face_of(request)}
    counts = {"inside": seats.filter(entered=True).count(), "booked": seats.count()}
    return render(request, "bulletins/door.html", here | counts)
