"""What a speaker holds against the house: the promise given for each of their own entries, to be kept and checked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse

from minan.kernel import promises, registry
from minan.kernel.models import Case, Event

FILE = "minan-promise-{code}-{n}.txt"


def _theirs(case: Case) -> Any:
    """The events that were made for the speaker, newest first: the first one, and each of their own steps."""
    return Event.objects.filter(Q(n=1) | Q(by="resident"), county=case.county, case_id=case.id).order_by("-n")


def promised(case: Case) -> list[dict[str, Any]]:
    """One row each, newest first: {label, at, short, url}; [] where nobody signs promises. One query."""
    rows = []
    for event in _theirs(case):
        if not promises.of(event, case.code):
            return []
        label = registry.label(case.procedure, case.version, "steps", event.step)
        at: datetime = event.at
        url = reverse("web:promise", args=[case.code, event.n])
        rows.append({"label": label, "at": at, "short": promises.short(event), "url": url})
    return rows


def text(case: Case, n: int) -> str:
    """The promise for entry `n` of the speaker's own, as it was signed; "" where there is none."""
    event = _theirs(case).filter(n=n).first()
    return promises.of(event, case.code) if event is not None else ""
