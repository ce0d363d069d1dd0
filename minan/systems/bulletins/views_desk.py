"""The desk's pages: what runs and what waits for a second person; writing one; the screens and pairing them."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Q, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from minan.kernel import access, choices, directory, labels, registry, routing
from minan.kernel.models import Case, Inbox
from minan.kernel.pages.guard import face_of, person, staff
from minan.lib import throttle
from minan.systems.bulletins import bulletin, filing, screens
from minan.systems.bulletins import words as w
from minan.systems.bulletins.models import Reach, Screen

PAIRINGS = (600.0, 20)  # codes tried by one person
MOST = 100


def _rows(request: HttpRequest) -> list[dict[str, Any]]:
    """What is open with my desk, what waits first; each with how far it reached. Three queries."""
    units = access.units_of(person(request))
    lying = Inbox.objects.filter(unit__in=units, open=True, procedure__in=("bulletin", "gathering", "lost")).order_by("-case_id")
    ids = list(lying.exclude(state__in=("unproven", "ended")).values_list("case_id", flat=True)[: 2 * MOST])
    cases = list(Case.objects.visible_to(person(request)).filter(id__in=ids, desk__in=units).order_by("-id")[:MOST])
    sums = Reach.objects.filter(case_id__in=[c.id for c in cases]).values("case_id").annotate(hours=Sum("hours"), opened=Sum("opened"))
    reach = {row["case_id"]: row for row in sums}
    waits = ("unchecked", "sent_back", "hidden")
    rows = [
        {
            "case": case, "sort": labels.into(_sort(case)), "waits": case.state in waits or _unseen(case), "unseen": _unseen(case),
            "state": labels.into(registry.label(case.procedure, case.version, "states", case.state)), "reach": reach.get(case.id),
            "place": directory.place_name(case.place),
        }
        for case in cases
    ]  # fmt: skip
    return sorted(rows, key=lambda row: not row["waits"])


def _unseen(case: Case) -> bool:
    return case.procedure == "bulletin" and case.state == "published" and (not case.facts.get("seen_by") or bool(case.facts.get("fix")))


def _sort(case: Case) -> Any:
    if case.procedure == "gathering":
        return registry.procedures()["gathering"].label
    return w.label(w.SORTS if case.procedure == "bulletin" else w.LOST_SORTS, str(case.facts.get("sort")))


@require_safe
@never_cache
@staff
def desk(request: HttpRequest) -> HttpResponse:
    """What my desk has written, and what waits."""
    rows = _rows(request)
    topics = [(name, labels.into(words)) for name, words in w.TOPICS if name in w.TEMPLATES]
    here = {"rows": rows, "topics": topics, "may": bool(filing.staff_unit(request)[1]), "base": face_of(request)}
    return render(request, "bulletins/desk.html", here)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@staff
def write(request: HttpRequest, sort: str) -> HttpResponse:
    """One screen. An emergency begins with the template of its topic and is out when the button is pressed."""
    _who, unit = filing.staff_unit(request)
    if not unit or sort not in dict(w.SORTS):
        raise Http404
    find = request.POST.get("find", "")[:40] if "find_place" in request.POST else ""
    begin = filing.template_of(request.GET.get("topic", "")) if sort == w.EMERGENCY else {"until": filing.in_a_week()}
    form = filing.form_of(request, bulletin.OPENING, unit, find=find, values=begin)
    more = {"sort": sort, "more": " ".join(request.POST.getlist("more"))[:700]}
    case = filing.written(request, form, "bulletin", more) if request.method == "POST" and not find else None
    if case is None:
        here = {"form": form, "sort": sort, "emergency": sort == w.EMERGENCY, "below": _below(unit), "base": face_of(request)}
        here |= {"ticked": request.POST.getlist("more")}
        return render(request, "bulletins/write.html", here, status=422 if form.errors else 200)
    messages.success(request, _("发出去了。请同事两小时内复核") if sort == w.EMERGENCY else _("写好了，请本单位另一位同事复核"))
    return redirect("bulletins:desk")


def _below(unit: str) -> list[tuple[str, str]]:
    """The places of this desk's own that may be ticked besides: those just below, where they are few enough to be read."""
    group = choices.own(unit)
    rows = group[1][1:] if group else []
    office = directory.office(unit)
    rows = [row for row in rows if office and routing.Offices(0).works_at(unit, row[0])]
    return rows if 1 < len(rows) <= bulletin.PLACES_MOST else []


# ---- screens


def _screens(request: HttpRequest) -> list[Screen]:
    """The screens of my units' places."""
    units = [office for unit in access.units_of(person(request)) if (office := directory.office(unit)) is not None]
    ranges = {r[: directory.LEVELS.get(directory.level_of(r), 15)] for office in units for r in office.ranges}
    where = reduce(or_, [Q(place__startswith=one) for one in ranges], Q(pk=None))
    return list(Screen.objects.filter(where).exclude(paired_at=None).order_by("place", "name")[:500])


def _mine(request: HttpRequest, place: str) -> bool:
    units = access.units_of(person(request))
    return any(routing.Offices(0).works_at(unit, place) for unit in units)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@staff
def screens_page(request: HttpRequest) -> HttpResponse:
    """The screens of my places; pairing one by the number that stands on it."""
    _who, unit = filing.staff_unit(request)
    if not unit:
        raise Http404
    typed = request.POST if request.method == "POST" else {}
    wrong = _pair(request) if request.method == "POST" else ""
    if request.method == "POST" and not wrong:
        messages.success(request, _("接上了，20 秒内显示"))
        return redirect("bulletins:screens")
    rows = [screens.row(s) for s in _screens(request)]
    own = choices.own(unit)
    places = [row for row in own[1] if _mine(request, row[0])] if own else []
    here = {"rows": rows, "places": places, "typed": typed, "wrong": wrong, "base": face_of(request)}
    here |= {"trial": screens.trial() if settings.DEMO else ""}
    return render(request, "bulletins/screens.html", here, status=422 if wrong else 200)


def _pair(request: HttpRequest) -> str:
    """What is wrong with it; "" where the screen is paired."""
    code, place = "".join(ch for ch in request.POST.get("code", "") if ch.isdigit())[:8], request.POST.get("place", "")[:15]
    if not throttle.allow("bulletins.pair", str(person(request).pk), *PAIRINGS):
        return _("试得太快了，过几分钟再来")
    if place not in directory.city().places or not _mine(request, place):
        return _("选一个本单位管的地方")
    if not screens.pair(code, place, request.POST.get("name", "").strip()[:40], timezone.now()):
        return _("没有这个号。照着屏上的八位数再抄一次，十五分钟换一次")
    return ""


@require_POST
@staff
def screen_off(request: HttpRequest, pk: str) -> HttpResponse:
    """Take a screen away: from its next call on it shows that it is not paired."""
    screen = get_object_or_404(Screen, pk=pk)
    if screen.paired_at is None or not _mine(request, screen.place):
        raise Http404
    screen.delete()
    messages.success(request, _("停用了"))
    return redirect("bulletins:screens")
