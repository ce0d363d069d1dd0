"""The pages of a health emergency: what is on, asking for help, the talk, the record, and putting one forward."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from minan.kernel import headers, labels, vault
from minan.kernel.pages import handed, kin
from minan.kernel.pages.entering import ours
from minan.kernel.pages.guard import face_of, person, staff
from minan.systems.emergencies import filing, modes, records, talk

PHONE = "shell/face_phone.html"


@require_safe
@never_cache
def here(request: HttpRequest) -> HttpResponse:
    """What is on, since when, until when, by whom; and the ways to ask. 404 while nothing is on."""
    now = timezone.now()
    running = modes.running(now)
    if not running:
        raise Http404
    shown = {"modes": [records.row(mode, now) for mode in running], "needs": records.needs(running)}
    return render(request, "emergencies/here.html", shown)


@require_safe
def record(request: HttpRequest) -> HttpResponse:
    """Every mode there ever was, for everybody to read. 404 where there never was one."""
    now, known = timezone.now(), modes.of(modes.KNOWN)
    if not known:
        raise Http404
    return render(request, "emergencies/record.html", {"modes": [records.row(mode, now) for mode in known]})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for help at home; by the household, or by staff for who calls or stands before them."""
    find = request.POST.get("find", "")[:40] if "look" in request.POST else ""
    mine = filing.Asking.of(request, find)
    base = face_of(request) if mine.staff else PHONE
    if request.method == "POST" and not find and mine.take():
        assert mine.case is not None
        slip = kin.shown(request, mine.case, mine.secret) | {"base": base, "mine": mine, "again": not mine.secret}
        return render(request, "emergencies/asked.html", slip)
    return render(request, "emergencies/ask.html", {"base": base, "mine": mine, "form": mine.form}, status=mine.status)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@staff
def propose(request: HttpRequest) -> HttpResponse:
    """A county puts a mode forward; the city decides on the desk's page of the case."""
    level = records.level_of(person(request))
    if not level or (request.method == "POST" and level != "county"):
        raise Http404
    find = request.POST.get("find", "")[:40] if "look" in request.POST else ""
    mine = filing.Proposing.of(request, find)
    if request.method == "POST" and not find and mine.take():
        assert mine.case is not None
        messages.success(request, _("提出了，等市里决定"))
        return redirect("kernel:desk_case", mine.case.code)
    shown = {"base": face_of(request), "form": mine.form if level == "county" else None, "held": records.held()}
    return render(request, "emergencies/propose.html", shown, status=mine.status)


@require_safe
@never_cache
@ours
def room(request: HttpRequest, code: str) -> HttpResponse:
    """The case as this reader may see it, with what they may do."""
    mine = talk.entered(request, code)
    talk.choose(mine, request.GET.get("step", "")[:20])
    return _room(request, mine, 200)


@headers.may_record
def _room(request: HttpRequest, mine: talk.Here, status: int) -> HttpResponse:
    base = PHONE if mine.by_link else face_of(request)
    return render(request, "emergencies/room.html", talk.context(mine) | {"base": base}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@ours
def take(request: HttpRequest, code: str, step: str) -> HttpResponse:
    """One act; refused, the page comes again with the reason and every word."""
    mine = talk.entered(request, code)
    if request.method != "POST":
        return redirect("emergencies:room", mine.case.code)
    if talk.take(mine, step):
        return redirect("emergencies:room", mine.case.code)
    if mine.form is None and mine.refused is not None:
        messages.error(request, labels.into(mine.refused.reason))
        return redirect("emergencies:room", mine.case.code)
    return _room(request, mine, mine.refused.status if mine.refused is not None else 422)


@require_safe
@never_cache
@ours
def voice(request: HttpRequest, code: str, n: int) -> HttpResponse:
    """One voice note, for the household itself, or for who of the desk pressed for it a moment ago."""
    mine = talk.entered(request, code)
    try:
        found = talk.sound(mine, n)
    except vault.Sealed:
        found = None
    if found is None:
        raise Http404
    return handed.part(found[0], found[1], request.headers.get("Range", ""))
