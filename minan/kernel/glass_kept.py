"""Who may read whom through the broken glass just now, and the strikes of those whose breaking was rejected (glass.py)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from minan.kernel import speakers, vault
from minan.kernel.glass import BREAK, OPENED
from minan.kernel.models import Case, Event, Strike

CONTACT = ("name", "phone", "address")


def until(case: Case, person: int | None, now: datetime) -> datetime | None:
    """Until when this person may read who spoke in this case; None where they may not. No query."""
    row = case.facts.get(OPENED, {}).get(str(person))
    end = datetime.fromisoformat(row["until"]) if row else None
    return end if end is not None and end > now else None


def identity(case: Case, person: int) -> dict[str, Any]:
    """What the vault tells whoever broke the glass; {"shut": True} where its keeper is away. Ask `until` before."""
    at = datetime.fromisoformat(case.facts[OPENED][str(person)]["at"])
    events = Event.objects.filter(county=case.county, case_id=case.id, step=BREAK, at=at).order_by("-n")
    event = events.values_list("hash", flat=True).first()
    try:
        known = speakers.known(case, who=f"user:{person}", why="glass", event=event or "")
        return {name: known[name] for name in CONTACT if known.get(name)} | {"words": known.get("say.text", "")}
    except vault.Sealed:
        return {"shut": True}


def strike(county: str, case_id: UUID, n: int, person: str, at: datetime) -> None:
    """Remember a rejected breaking against the person who did it; once an event."""
    row = Strike(user_id=int(person), county=county, case_id=case_id, n=n, at=at)
    Strike.objects.bulk_create([row], ignore_conflicts=True)
