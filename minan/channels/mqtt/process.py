"""The process that hears the bus: two connections, one for what comes first, one for all the rest."""

from __future__ import annotations

import threading

from minan.channels.mqtt.consuming import Consumer
from minan.kernel import beside, registry
from minan.kernel.bus.line import configured

NAME = "bus"


def wanted() -> bool:
    """Where there is a bus (MINAN_BUS)."""
    return configured()


def run(stop: threading.Event) -> None:
    """Hear until told to stop."""
    registry.procedures()  # with them their handlers are known
    consumer = Consumer(beat=lambda: beside.beat(NAME))
    try:
        while not stop.is_set():
            beside.beat(NAME)
            consumer.turn()
    finally:
        consumer.close()
