"""What an event's body says, for pages that show a number or the words of one event."""

from __future__ import annotations

import json
from typing import Any

from minan.kernel import hiding
from minan.kernel.models import Body, Event


def note_of(event: Event) -> dict[str, Any]:
    """What an event's body says; {} where it was erased. One query."""
    row = (
        Body.objects.filter(county=event.county, case_id=event.case_id, n=event.n)
        .values_list("text", flat=True)
        .first()
    )
    found: dict[str, Any] = json.loads(row) if row else hiding.stand_in(event.county, event.case_id, event.n)
    return found
