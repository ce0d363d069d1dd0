"""How a system reacts to what another did, without importing it: `@on("matter.answer")`, taken up by the worker.

What is not an event's business but must be looked at again and again is declared by `@each_turn`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Told:
    """One event as a listener gets it; what was said lies in the case and its bodies."""

    id: UUID
    county: str
    case_id: UUID
    n: int
    name: str  # "matter.answer"
    at: datetime
    delta: dict[str, Any] = field(default_factory=dict)


Listener = Callable[[list[Told]], None]
Turn = Callable[[datetime], int]  # (now) → how much was done; 0 at once where there is nothing to do
_turns: list[Turn] = []
_listeners: list[tuple[str, str, Listener]] = []


def on(name: str) -> Callable[[Listener], Listener]:
    """Declare a listener of "procedure.step", "procedure.*" or "*"; it gets lists of events, oldest first, at least once."""

    def take(listener: Listener) -> Listener:
        entry = (name, f"{listener.__module__.removeprefix('minan.')}.{listener.__name__}", listener)
        if entry not in _listeners:
            _listeners.append(entry)
        return listener

    return take


def listeners_of(name: str) -> list[str]:
    """The names of the listeners an event has, in order of declaration."""
    procedure = name.split(".", 1)[0]
    return [who for pattern, who, _ in _listeners if pattern in (name, f"{procedure}.*", "*")]


def listener(who: str) -> Listener | None:
    return next((fn for _, name, fn in _listeners if name == who), None)


def each_turn(fn: Turn) -> Turn:
    """Declare what the worker calls once a turn, twice a second when idle; it looks for itself whether it is time."""
    if fn not in _turns:
        _turns.append(fn)
    return fn


def turns() -> tuple[Turn, ...]:
    return tuple(_turns)
