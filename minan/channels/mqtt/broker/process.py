"""The process of the city's own broker, on the loopback."""

from __future__ import annotations

import asyncio
import threading

from django.conf import settings

from minan.kernel import beside
from minan.kernel.bus.line import own_broker

NAME = "broker"


def wanted() -> bool:
    """Where this city runs its own (MINAN_BUS=own)."""
    return own_broker()


def door() -> tuple[str, str, int]:
    """(its setting, address, port)."""
    return "MINAN_BUS_PORT", "127.0.0.1", settings.BUS_PORT


def run(stop: threading.Event) -> None:
    """Serve until told to stop."""
    from minan.channels.mqtt.broker.serving import serve  # amqtt costs memory: only where it serves

    asyncio.run(serve(settings.BUS_PORT, stop, lambda: beside.beat(NAME)))
