"""The signed word that an event will stand in the published log, given before any tree exists (CONTRACTS.md "Receipts and checkpoints").

Who signs registers here: systems/proof does. Without that folder no promise is made, and every answer is as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from minan.kernel import registry
from minan.kernel.models import Event

SHORT = 16  # hex digits of a leaf hash that people read to each other
Maker = Callable[[str, str, datetime], str]  # (code, hex leaf hash, moment of the event) → signed note
_makers: list[Maker] = []


def register(maker: Maker) -> Maker:
    """Declare who makes promises; the last one counts."""
    _makers.append(maker)
    return maker


def of(event: Event, code: str) -> str:
    """The promise for an event of the case with this code: a signed note, the same bytes each time; "" where nobody signs."""
    registry.procedures()  # with them the handlers of every system are known
    return _makers[-1](code, event.hash, event.at) if _makers else ""


def short(event: Event) -> str:
    """What stands on paper and in a text message: the beginning of the event's hash."""
    return event.hash[:SHORT]
