"""The screen's and the receipt's contents, put together."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.http import HttpRequest
from django.utils.translation import get_language

from minan.channels.hotline import drafts, line, owned, taking
from minan.channels.hotline.hearing import Hearing
from minan.channels.hotline.receipt import groups
from minan.kernel import directory, labels, promises, rota, vault
from minan.kernel.act import Refused
from minan.kernel.pages import identifying
from minan.kernel.pages.guard import person


def screen_of(
    request: HttpRequest, heard: Hearing | None, now: datetime, refused: Refused | None = None
) -> dict[str, Any]:
    """Everything for hotline/screen.html: at most twelve queries."""
    me = person(request)
    panel = owned.panel(me, now)
    call = panel["call"]
    kept: dict[str, Any] = {}
    if heard is None:
        kept = drafts.newest(me)
        heard = Hearing.read({name: str(value) for name, value in kept.items()}, me, now)
    if call is not None and call.state == "taken" and not heard.said["phone"]:
        heard.said["phone"] = line.number(me, call)
    lang = get_language() or "zh-hans"
    errors = {name: words.into(lang) for name, words in refused.errors.items()} if refused is not None else {}
    told = refused.reason.into(lang) if refused is not None else ""
    return panel | {
        "heard": heard, "key": heard.said["key"] or uuid4().hex, "found_again": bool(kept),
        "errors": errors, "told": told, "open": taking.can_take(),
    }  # fmt: skip


def receipt(request: HttpRequest, done: taking.Taken, heard: Hearing) -> dict[str, Any]:
    """What is read aloud, and how far the matter went by itself."""
    case = done.case
    return {
        "case": case, "groups": groups(case.code), "mark": promises.short(done.event), "secret": vault.shown(done.secret),
        "texted": bool(heard.said["phone"].strip()), "accepted": done.accepted, "danger": done.danger,
        "calls": heard.calls, "on_duty": rota.of_case(case, heard.now), "unit": labels.office_name(done.unit) if done.unit else "",
        "place": directory.place_name(case.place, full=True), "kind": labels.kind_name(case.kind),
        "why": [words.into(get_language() or "zh-hans") for words in done.why],
    } | identifying.of_new(case)  # fmt: skip
