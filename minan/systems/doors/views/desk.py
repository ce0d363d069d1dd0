"""The property's desk: doors with health and counts, enrolment at the counter, opening from afar. No page asks about a person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from minan.kernel import access, directory, labels, passes
from minan.kernel.act import Refused
from minan.kernel.models import Case
from minan.kernel.pages.guard import case_of, face_of, staff
from minan.systems.doors import counter, lists, registry, remote, shown
from minan.systems.doors.models import Compound
from minan.systems.doors.procedure import PROCEDURE, REASONS
from minan.systems.doors.registry import Unfit
from minan.systems.doors.views.guard import compound_of, door_of, keeping, who
from minan.systems.doors.views.home import into

ADDING = ("clerk", "supervisor")


def why(refused: Refused) -> str:
    """Why it was not done, in the reader's words; what is missing in the form is named."""
    fields = {f.name: f.label for f in PROCEDURE.opening.fields}
    return "·".join(
        [labels.into(refused.reason), *(labels.into(fields[name]) for name in refused.errors if name in fields)]
    )


@require_safe
@staff
def doors(request: HttpRequest) -> HttpResponse:
    """All doors of my compounds, worst first."""
    now, found = timezone.now(), keeping(request)
    rows = shown.doors(found, now)
    own = registry.units(who(request))
    groups = [(one, [row for row in rows if row["door"].compound_id == one.pk], one.unit in own) for one in found]
    context = {
        "base": face_of(request),
        "groups": groups,
        "adds": access.has_role(who(request), *ADDING),
        "month": remote.counts(now),
    }
    return render(request, "doors/desk.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff
def add(request: HttpRequest) -> HttpResponse:
    """Put up a compound or a door."""
    found, wrong = keeping(request), ""
    if not access.has_role(who(request), *ADDING):
        raise Http404
    if request.method == "POST":
        try:
            return (
                redirect("doors:door", _put_up_door(request, found))
                if request.POST.get("compound")
                else _put_up(request)
            )
        except Unfit as unfit:
            wrong = into(unfit)
    return render(request, "doors/add.html", _adding(request, found) | {"wrong": wrong}, status=422 if wrong else 200)


def _adding(request: HttpRequest, found: list[Compound]) -> dict[str, Any]:
    """What the two forms offer, and what was typed."""
    units = [(unit, labels.office_name(unit)) for unit in registry.units(who(request))]
    places = [spot for spot in directory.city().places.values() if spot.level == "village" and _near(spot.code, units)]
    more = {"places": places, "kinds": registry.KINDS, "given": request.POST}
    return {"base": face_of(request), "compounds": found, "units": units} | more


def _near(place: str, units: list[tuple[str, str]]) -> bool:
    """Whether a village lies where one of these units works."""
    offices = [directory.office(unit) for unit, _name in units]
    ranges = {code for office in offices if office is not None for code in (*office.ranges, office.place)}
    return any(directory.within(place, level) in ranges for level in directory.LEVELS)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


def _put_up(request: HttpRequest) -> HttpResponse:
    unit = request.POST.get("unit", "")
    if unit not in registry.units(who(request)):
        raise Http404
    said = request.POST
    where = said.get("place", ""), said.get("name", "")
    row = registry.put_up_compound(unit, *where, _number(said.get("spaces", "")), who(request).username)
    messages.success(request, _("登记好了：%(name)s。接着登记它的门。") % {"name": row.name})
    return redirect("doors:add")


def _put_up_door(request: HttpRequest, found: list[Compound]) -> UUID:
    said = request.POST
    compound = next((one for one in found if str(one.pk) == said.get("compound")), None)
    if compound is None:
        raise Http404
    name, kind, building, entrance = (said.get(field, "") for field in ("name", "kind", "building", "entrance"))
    count = _number(said.get("homes", ""))
    door = registry.put_up_door(
        compound, name, kind, building, entrance, count, "fire" in said, who(request).username
    )
    return door.pk


@require_safe
@staff
def door(request: HttpRequest, door: UUID) -> HttpResponse:
    """One door: how it is, seven days of counts, what may be done with it."""
    row, now = door_of(request, door), timezone.now()
    context = {"base": face_of(request), "door": row, "light": shown.light(row, now), "where": shown.inside(row.compound, row.closes),
               "week": shown.week(row, now), "days": shown.last_days(now), "reasons": REASONS,
               "heads": row.compound.unit in registry.headed(who(request)),
               "by_day": registry.by_day(row), "key": UUID(bytes=passes.drawn("form", row.pk, now.isoformat())[:16]).hex}  # fmt: skip
    return render(request, "doors/door.html", context)


@require_POST
@staff
@never_cache
def credential(request: HttpRequest, door: UUID) -> HttpResponse:
    """A new credential for the door's program, shown once: for the head of its unit or of the one above, and on the register."""
    row = door_of(request, door)
    if row.compound.unit not in registry.headed(who(request)):
        raise Http404
    context = {
        "base": face_of(request),
        "door": row,
        "credential": registry.credential(row, who(request).username),
        "bus": lists.enrolled(row),
        "root": passes.root().hex(),
    }
    return render(request, "doors/credential.html", context | {"server": request.build_absolute_uri("/").rstrip("/")})


@require_POST
@staff
def open_door(request: HttpRequest, door: UUID) -> HttpResponse:
    """Open from afar: nothing without a reason, in words too; what was typed comes back where it is refused."""
    row, said = door_of(request, door), request.POST
    reason, words, matter, key = (
        said.get(name, "")[:n] for name, n in (("reason", 20), ("words", 400), ("matter", 24), ("key", 64))
    )
    done = remote.begin(who(request), row, reason, words, matter, key, timezone.now())
    if isinstance(done, Refused):
        now = timezone.now()
        wrong = why(done)
        context = {"base": face_of(request), "door": row, "light": shown.light(row, now), "where": shown.inside(row.compound, row.closes),
                   "reasons": REASONS, "wrong": wrong, "given": said, "key": said.get("key", "")}  # fmt: skip
        return render(request, "doors/door.html", context, status=422)
    messages.success(request, _("门几秒钟内打开。两小时内可以在这一件里再开。"))
    return redirect("doors:opening", done.case.code)


@require_http_methods(["GET", "HEAD", "POST"])
@staff
def opening(request: HttpRequest, code: str) -> HttpResponse:
    """One opening from afar: until when, and once more."""
    case = case_of(request, code)
    if case.procedure != PROCEDURE.name:
        raise Http404
    if request.method == "POST":
        refused = remote.release(who(request), case, timezone.now())
        if refused is None:
            messages.success(request, _("门几秒钟内打开。"))
        else:
            messages.error(request, why(refused))
        return redirect("doors:opening", code)
    return render(request, "doors/opening.html", _of_opening(case) | {"base": face_of(request)})


def _of_opening(case: Case) -> dict[str, Any]:
    state = labels.into(PROCEDURE.state(case.state).label)
    reason = dict(REASONS)[case.facts["reason"]]
    return {
        "case": case,
        "reason": reason,
        "until": remote.until(case),
        "open": case.state == "open",
        "state_words": state,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@staff
@never_cache
def enrol(request: HttpRequest, compound: UUID) -> HttpResponse:
    """Enrol a home at the counter, with proof on paper that is looked at and not copied; the slip is shown once."""
    row, wrong = compound_of(request, compound), ""
    if request.method == "POST":
        try:
            slip = counter.slip(row, request.POST, request.build_absolute_uri("/doors/paper/"), timezone.now())
            return render(request, "doors/slip.html", slip | {"compound": row})
        except Unfit as unfit:
            wrong = into(unfit)
    context = {
        "base": face_of(request),
        "compound": row,
        "papers": counter.PAPERS,
        "wrong": wrong,
        "given": request.POST,
        "demo": settings.DEMO,
    }
    return render(request, "doors/enrol.html", context | {"count": row.dwellings.count()}, status=422 if wrong else 200)


@require_safe
def public(request: HttpRequest) -> HttpResponse:
    """What a door knows and what it does not, and how often one was opened from afar: for everybody."""
    return render(request, "doors/public.html", {"month": remote.counts()})
