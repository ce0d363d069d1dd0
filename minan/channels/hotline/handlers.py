"""What the hotline does by itself: calls never ended, drafts nobody came back to and old events go, every few minutes."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from minan.channels.hotline import cti
from minan.kernel import listen

EVERY = 300.0  # seconds
_next = {"at": 0.0}


def turn(_now: datetime) -> int:
    """Sweep when it is time; 0, for nobody waits for it."""
    if time.monotonic() >= _next["at"]:
        _next["at"] = time.monotonic() + EVERY
        cti.sweep(datetime.now(UTC))
    return 0


listen.each_turn(turn)
