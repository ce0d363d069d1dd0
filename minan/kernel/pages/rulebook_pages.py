"""The rulebook as a file: taken out, looked at row by row before anything happens, put forward for a second person."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from minan.kernel import access, config, house, labels, rulebook
from minan.kernel.pages import foresight
from minan.kernel.pages.admin_pages import admins, tables_of
from minan.kernel.pages.admin_tables import TABLES
from minan.kernel.pages.guard import person

SHOWN, MISFITS = 300, 8
WHAT = {"new": ("新", "New"), "changed": ("改", "Changed"), "ended": ("停", "Ended")}


def _only(request: HttpRequest) -> None:
    if not access.has_role(request.user, "admin"):
        raise Http404


@require_safe
@admins
def out(request: HttpRequest) -> HttpResponse:
    """The file. Nobody's name and no matter stands in it."""
    _only(request)
    response = HttpResponse(rulebook.take_out(), content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="minan-rulebook-{timezone.localdate():%Y%m%d}.json"'
    return response


def lines(data: bytes) -> list[dict[str, Any]]:
    """What bringing it in would do, as people read it. Raises Unreadable."""
    titles = {rulebook.name_of(t.model): t for t in TABLES.values()}
    rows = []
    for one in rulebook.compare(rulebook.read(data)):
        table = titles[rulebook.name_of(one.model)]
        named = {c.name: str(c.label) for c in table.cols}
        cells = [(named.get(n, n), one.before.get(n, ""), one.after.get(n, "")) for n in sorted({*one.before, *one.after})]
        rows.append({
            "table": table.title, "key": " ".join(one.key), "what": one.what, "word": WHAT[one.what][labels.english()],
            "cells": cells if one.what == "changed" else [],
        })  # fmt: skip
    return rows


def foreseen(data: bytes, by: str = "") -> dict[str, Any]:
    """What bringing it in would do to open matters and would have done to those of the last 30 days, as templates take it.

    `by` signs in as: who asks, for the register (rulebook.ahead); without it a trial by words is kept back, and "words" says so.
    `look` stands for the file and what it moves, `base` for what it moves; "ahead" and "dry" only where it could do any.
    Raises Unreadable, config.Wrong.
    """
    seen = rulebook.ahead(data, by)
    look = foresight.mark_of({"file": seen.file, "moves": seen.mark})  # not of the text: browsers end lines in a form otherwise
    out: dict[str, Any] = {"base": seen.mark, "look": look, "nothing": seen.nothing, "words": bool(seen.words and not by)}
    out |= {"ahead": foresight.moves(seen.moves)} if seen.moves else {}
    return out | ({"dry": foresight.dry(seen.dry) | {"key": "-dry"}} if seen.dry else {})


@require_http_methods(["GET", "HEAD", "POST"])
@admins
def book(request: HttpRequest) -> HttpResponse:
    """Take out; bring in: first looked at, then put forward."""
    _only(request)
    here: dict[str, Any] = {"tables": tables_of(request), "section": "rulebook", "text": "", "why": request.POST.get("why", "")[:200]}
    if request.method != "POST":
        return render(request, "kernel/rulebook.html", here)
    given = request.FILES.get("file")
    data = given.read(rulebook.MOST_BYTES + 1) if given else request.POST.get("text", "").encode()
    try:
        rows = lines(data)
        told = foreseen(data, person(request).username) if rows else {}
    except rulebook.Unreadable as bad:
        return render(request, "kernel/rulebook.html", here | {"wrong": labels.into(bad.words)}, status=422)
    except config.Wrong as wrong:
        words = "；".join(labels.into(one) for one in list(wrong.errors.values())[:MISFITS])
        return render(request, "kernel/rulebook.html", here | {"wrong": words}, status=422)
    here |= {"rows": rows[:SHOWN], "count": len(rows), "text": data.decode("utf-8-sig"), "looked": True} | told
    if request.POST.get("do") != "propose" or not rows or request.POST.get("look") != told["look"]:
        return render(request, "kernel/rulebook.html", here)
    if not here["why"].strip():
        return render(request, "kernel/rulebook.html", here | {"wrong": _("写一句为什么改")}, status=422)
    house.propose("rulebook", person(request), here["why"], values={"file": here["text"], "rows": len(rows)})
    messages.info(request, _("已经提出，等第二个人确认才生效。"))
    return redirect("kernel:house_waiting")


@require_safe
@admins
def proposed(request: HttpRequest, pk: Any) -> HttpResponse:
    """What a rulebook that waits for a second person would change, for whoever confirms it."""
    found = house.waits(pk, "rulebook")
    if found is None:
        raise Http404
    rows = lines(found.values["file"].encode())
    here = {"tables": tables_of(request), "section": "rulebook", "rows": rows[:SHOWN], "count": len(rows), "found": found}
    try:
        here |= foreseen(found.values["file"].encode()) if rows else {}
    except config.Wrong as wrong:
        here["wrong"] = "；".join(labels.into(one) for one in list(wrong.errors.values())[:MISFITS])
    return render(request, "kernel/rulebook_look.html", here)


def brought(found: Any, second: str, base: str | None) -> None:
    """Bring in what was put forward. Raises config.Wrong, also for a file that no longer fits, or moves something else by now."""
    try:
        rulebook.bring(found.values["file"].encode(), found.by.username, found.why, second=second, base=base)
    except rulebook.Unreadable as bad:
        raise config.Wrong({"": bad.words}) from None
