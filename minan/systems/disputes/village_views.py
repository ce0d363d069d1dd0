"""A village's rules for everybody to read, with the versions that were before; nothing on these pages is about a person."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from minan.kernel import access, directory, labels
from minan.kernel.models import Case
from minan.systems.disputes import village

SHOWN = 100


def _seen(facts: Any, row: dict[str, Any]) -> dict[str, Any]:
    articles = [{"name": name, "words": words, "flag": village.flagged(facts, row["adopted"], name)} for name, words in row["articles"]]
    return row | {"articles": articles}


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The villages whose rules are registered, by a word of their name."""
    word = request.GET.get("find", "").strip()[:40]
    found = Case.objects.filter(procedure=village.NAME).order_by("county", "place").values_list("place", "title")
    rows = [{"place": place, "name": directory.place_name(place, full=True), "title": title} for place, title in found]
    rows = [row for row in rows if not word or word in row["name"] or word in row["title"]]
    return render(request, "disputes/villages.html", {"rows": rows[:SHOWN], "more": len(rows) > SHOWN, "find": word})


@require_safe
def of(request: HttpRequest, place: str) -> HttpResponse:
    """One village: what is in force, what was."""
    case = village.of_place(place) if directory.level_of(place) == "village" else None
    if case is None:
        raise Http404
    now = village.standing(case.facts, village.today(timezone.now()))
    before = [_seen(case.facts, row) for row in reversed(case.facts["versions"]) if not now or row["adopted"] != now["adopted"]]
    mine = access.is_staff(request.user) and "ruler" in access.roles_of(access.actor(request.user), case.as_view())
    context = {"name": labels.place_short(place), "now": _seen(case.facts, now) if now else None, "before": before, "case": case if mine else None}
    return render(request, "disputes/village.html", context)
