"""What hangs together on a case's page: the cases under it, each with its unit, state and light, and the one it stands under."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from minan.kernel import access, family, labels, registry, vault
from minan.kernel.act import Refused, act
from minan.kernel.models import Case
from minan.kernel.pages import listing
from minan.kernel.pages.guard import case_of, face_of, person, staff

MOST = 40
FOLLOW = "/m/"  # where a link leads; the secret stands behind #


def _row(case: Case, now: datetime, face: str) -> dict[str, Any]:
    procedure = registry.get(case.procedure)
    asked = case.open and "party" in case.facts and not (procedure and procedure.room)  # else its own page hands the link over
    return {
        "case": case, "sort": labels.into(procedure.label) if procedure else case.procedure,
        "who": str(case.facts.get("party") or labels.office_name(case.unit) or labels.title_of(case)), "open": case.open,
        "state": labels.into(registry.label(case.procedure, case.version, "states", case.state)),
        "clock": listing.clock(case, now) if case.open else None, "url": reverse(f"kernel:{face}_case", args=[case.code]),
        "link": reverse("kernel:link", args=[case.code]) if asked else "",
    }  # fmt: skip


def of(request: HttpRequest, case: Case, now: datetime, face: str) -> dict[str, Any]:
    """{"kin": rows of the cases under this one that the reader may see, "above": the one it stands under}. One query, two for a child."""
    seen = Case.objects.visible_to(person(request)).filter(county=case.county)
    under = [_row(child, now, face) for child in seen.filter(parent=case.id).order_by("id")[:MOST]]
    above = seen.filter(id=case.parent).first() if case.parent else None
    return {"kin": under, "above": _row(above, now, face) if above else None}


@require_safe
@staff
def link(request: HttpRequest, code: str) -> HttpResponse:
    """The link for somebody outside, for who asked them: to be copied, printed or photographed. 404 for everybody else."""
    case = case_of(request, code)
    procedure = registry.get(case.procedure)  # one with a page of its own hands its link over there, by an event
    asked = case.open and case.parent and not (procedure and procedure.room)
    asked = asked and "desk" in access.roles_of(access.actor(person(request)), case.as_view())
    secret = family.link_of(case) if asked else ""
    if not secret:
        raise Http404
    here = {
        "base": face_of(request), "due_at": case.due_at, "back": reverse("kernel:desk_case", args=[case.code]),
        **shown(request, case, secret), "scan": _("用手机扫一扫，直接答复"),
    }  # fmt: skip
    return render(request, "kernel/link.html", here)


def shown(request: HttpRequest, case: Case, secret: str) -> dict[str, Any]:
    """What a slip with a link bears: address, code, the secret in groups, whose it is."""
    url = request.build_absolute_uri(f"{FOLLOW}{case.code}/#{secret}")
    return {"case": case, "url": url, "secret": vault.shown(secret), "party": case.facts.get("party", ""), "scan": _("用手机扫一扫")}


def handed(request: HttpRequest, code: str, procedure: str, room: str, template: str) -> HttpResponse:
    """The link of a side of `procedure` for whoever sits with them; each time an event (`hand_link`) that the side reads."""
    case = case_of(request, code)
    secret = family.link_of(case) if case.procedure == procedure and case.open else ""
    if not secret:
        raise Http404
    done = act(case, "hand_link", by=access.actor(person(request)))
    if isinstance(done, Refused):
        messages.error(request, labels.into(done.reason))
        return redirect(room, case.code)
    return render(request, template, shown(request, case, secret) | {"base": face_of(request)})
