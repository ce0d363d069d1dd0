"""What a page shows whoever looked by a second person's word, or reads a sealed report they hold: for ten minutes, from one event."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from minan.kernel import common, registry, speakers, vault
from minan.kernel.labels import into
from minan.kernel.models import Case, Event
from minan.kernel.pages.guard import person

IDENTITY = ("name", "phone", "address")


def _why(case: Case, what: str) -> str:
    """The keeper's word for it: who holds a sealed case reads it as whoever calls reads a number."""
    if case.privacy == "sealed":
        return "call"
    return "unmask" if what == "identity" else "look"


def _label(case: Case, key: str) -> str:
    """say.text → 原话; add@5.words → 补充."""
    step_name, _dot, field = key.partition(".")
    procedure = registry.get(case.procedure)
    step = procedure.step(step_name.split("@")[0]) if procedure else None
    spec = next((f for f in step.fields if f.name == field), None) if step else None
    if step is None or spec is None:
        return _("地图上的点") if field == "where" else _("原话")
    return into(spec.label) if step is registry.procedures()[case.procedure].opening else into(step.label)


def _order(key: str) -> tuple[bool, bool, str]:
    """What was said first, first: the words, then where, then what was added."""
    return ("@" in key, not key.endswith(".text"), key)


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return "\n".join(str(v) for v in value.values())
    return "，".join(str(v) for v in value) if isinstance(value, list) else str(value)


def of(request: HttpRequest, case: Case, now: datetime) -> dict[str, Any]:
    """{"opened": …} for the one who opened it, {} for everybody else. Two queries where it is open, none elsewhere."""
    me = person(request).pk
    procedure = registry.get(case.procedure)
    room = {"room": reverse(procedure.room, args=[case.code])} if procedure is not None and procedure.room else {}
    row = common.open_look(case.facts, str(me), now)
    if row is None:
        return room
    at = datetime.fromisoformat(row["at"])
    events = Event.objects.filter(county=case.county, case_id=case.id, at=at, step__in=(common.LOOK, "read"))
    event = events.order_by("-n").values_list("hash", flat=True).first()
    shown: dict[str, Any] = {"until": datetime.fromisoformat(row["open"]), "what": row["what"], "rows": []}
    try:
        names = (
            IDENTITY
            if row["what"] == "identity"
            else tuple(n for n in speakers.names(case) if "." in n and not n.startswith("body."))
        )
        known = speakers.known(case, who=f"user:{me}", why=_why(case, row["what"]), event=event or "", fields=names)
    except vault.Sealed:
        return {"opened": shown | {"shut": True}}
    if row["what"] == "identity":
        shown |= {name: known.get(name, "") for name in IDENTITY}
    else:
        shown["rows"] = [
            {"label": _label(case, key), "words": _said(known[key])} for key in sorted(known, key=_order) if known[key]
        ]
        if not any(key.endswith(".text") for key in known) and case.text:  # nothing was taken out of it
            shown["rows"].append({"label": _("原话"), "words": case.text})
    return {"opened": shown}
