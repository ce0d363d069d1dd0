"""The process that lets a local program put recordings into words: only where MINAN_TRANSCRIBE names one; the clocks never wait for it."""

from __future__ import annotations

import threading
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from minan.kernel import beside

NAME = "transcribe"
PAUSE_SECONDS = 1.5


def wanted() -> bool:
    return bool(settings.TRANSCRIBE)


def run(stop: threading.Event) -> None:
    """One recording after another until told to stop; a database that is away is waited for."""
    from minan.systems.matters import transcribing  # the models are ready only where it runs

    tried: set[UUID] = set()

    def beat() -> bool:
        beside.beat(NAME)
        return stop.is_set()

    while not beat():
        try:
            done = transcribing.turn(timezone.now(), tried, beat)
        except DatabaseError:
            done = 0
        finally:
            close_old_connections()
        if not done:
            stop.wait(PAUSE_SECONDS)
