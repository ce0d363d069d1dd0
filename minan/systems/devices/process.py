"""The demo's neighbourhood, played over real MQTT so that its lights are true; nowhere else."""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path

from django.conf import settings

from minan.kernel import beside
from minan.kernel.bus.line import own_broker

NAME = "played"
FILE = "bus-played.json"  # in KEYS: the names and secrets of the demo's devices


def file() -> Path:
    return Path(settings.KEYS) / FILE


def wanted() -> bool:
    """In a demo that runs its own broker and was made with devices."""
    return bool(settings.DEMO) and own_broker() and file().exists()


def run(stop: threading.Event) -> None:
    """Play until told to stop."""
    from minan.systems.devices.playing import Crowd, Member, slowly  # only where it plays

    rows = json.loads(file().read_text("utf-8"))
    crowd = Crowd([Member(*row) for row in rows["members"]], "127.0.0.1", settings.BUS_PORT, silent=rows["silent"])

    def stopped() -> bool:
        beside.beat(NAME)
        return stop.is_set()

    asyncio.run(slowly(crowd, stopped))
