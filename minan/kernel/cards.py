"""How a system's own case stands in the list of what one said and asked for (/mine/): a procedure registers its words and its page.

`register(procedure, fn)`: fn(case) → {"title", "url", "state", "now"}; what registers nothing stands there like a matter. No query.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minan.kernel.models import Case

Card = Callable[[Case], dict[str, Any]]
_cards: dict[str, Card] = {}


def register(procedure: str, card: Card) -> None:
    _cards[procedure] = card


def of(case: Case) -> dict[str, Any] | None:
    """The card of its own, complete; None where its procedure has none."""
    card = _cards.get(case.procedure)
    plain: dict[str, Any] = {"code": case.code, "waits": "", "clock": None, "kind": "" if case.open else "done", "stations": []}
    return plain | card(case) if card is not None else None
