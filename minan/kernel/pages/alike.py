"""What of a desk's open matters may be one: groups to look through; merged or held apart only by a person, in each matter's pane."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from minan.kernel import duplicates, labels, registry
from minan.kernel.duplicates import Alike
from minan.kernel.models import Case
from minan.kernel.pages.guard import face_of, person, staff
from minan.lib import codes

WORDS_MOST = 4


@require_safe
@staff
def page(request: HttpRequest) -> HttpResponse:
    """The groups of the reader's own desks."""
    found = duplicates.alike(person(request))
    context = {"groups": [_group(one) for one in found.groups], "read": found.read, "cut": found.cut, "face": face_of(request)}
    return render(request, "kernel/alike.html", context)


def _group(group: Alike) -> dict[str, Any]:
    first = group.cases[0]
    return {"why": _why(group), "n": len(group.cases), "rows": [_row(case, first) for case in group.cases]}


def _why(group: Alike) -> str:
    """The words shared, metres and days, as one line."""
    words = "".join(f"“{word}”" for word in group.because[:WORDS_MOST])
    said = _("大多写了%(words)s") if len(group.cases) > 2 else _("都写了%(words)s")
    far = _("最远相距 %(metres)d 米") % {"metres": group.metres} if group.metres is not None else _("有的没有定位")
    when = ngettext("前后 %(days)d 天", "前后 %(days)d 天", group.days) % {"days": group.days} if group.days else _("同一天")
    return "·".join(filter(None, (said % {"words": words} if words else "", far, when)))


def _row(case: Case, first: Case) -> dict[str, Any]:
    """One matter; for all but the oldest the address where the merge step stands open, and the note that it is another."""
    url = reverse("kernel:desk_case", args=[case.code])
    procedure = registry.get(case.procedure)
    steps = procedure.steps if procedure else ()
    merging = next((s.name for s in steps if "desk" in s.who and any(f.type == "case" for f in s.fields)), "")
    into = url + "?" + urlencode({"step": merging, "into": first.code}) if merging and case.id != first.id else ""
    return {
        "case": case, "url": url, "into": into, "place": labels.place_short(case.place), "kind": labels.kind_name(case.kind),
        "state": labels.into(registry.label(case.procedure, case.version, "states", case.state)),
        "apart": duplicates.APART + codes.pretty(first.code) if case.id != first.id else "",
        "note": reverse("kernel:desk_step", args=[case.code, duplicates.NOTE]),
    }  # fmt: skip
