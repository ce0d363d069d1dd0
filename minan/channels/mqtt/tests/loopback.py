"""A broker on a free port of the loopback in a thread of this process, and devices that speak to it (tests)."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import paho.mqtt.client as mqtt
from django.conf import settings
from paho.mqtt.enums import CallbackAPIVersion

from minan.channels.mqtt.broker import serving
from minan.kernel.bus import accounts


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def until(true: Callable[[], Any], seconds: float = 10.0) -> bool:
    """Wait for what is to be seen, and no longer."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.02)
    return bool(true())


@contextlib.contextmanager
def broker(accounts_now: Callable[[], dict[str, accounts.Account]] | None = None) -> Iterator[int]:
    """This city's own broker, in a thread; `accounts_now` in place of the database, which a test's transaction hides from threads."""
    port, stop, ready = free_port(), threading.Event(), threading.Event()
    before = settings.BUS, settings.BUS_PORT
    settings.BUS, settings.BUS_PORT = "own", port
    was = accounts.living, accounts.stamp
    if accounts_now is not None:
        accounts.living = accounts_now
        accounts.stamp = lambda: (len(accounts_now()), str(sorted(accounts_now().items())))
    thread = threading.Thread(target=lambda: asyncio.run(serving.serve(port, stop, lambda: None, ready)), daemon=True)
    thread.start()
    try:
        assert ready.wait(15)
        yield port
    finally:
        stop.set()
        thread.join(15)
        settings.BUS, settings.BUS_PORT = before
        accounts.living, accounts.stamp = was


class Device:
    """A device of a maker: paho, its name and its secret, and what it read."""

    def __init__(self, port: int, name: str, secret: str, *, client_id: str = "", will: tuple[str, str] | None = None) -> None:
        self.read: list[tuple[str, bytes]] = []
        self.codes: list[int] = []
        self.granted: list[int] = []
        self.acked: list[int] = []
        self.left = 0
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id or name)
        self.client.username_pw_set(name, secret)
        if will:
            self.client.will_set(*will, qos=1)
        self.client.on_connect = lambda *a: self.codes.append(a[3].value)
        self.client.on_disconnect = lambda *a: setattr(self, "left", self.left + 1)
        self.client.on_message = lambda c, d, m: self.read.append((m.topic, m.payload))
        self.client.on_subscribe = lambda c, d, mid, codes, p: self.granted.extend(code.value for code in codes)
        self.client.on_publish = lambda c, d, mid, r, p: self.acked.append(mid)
        with contextlib.suppress(OSError):
            self.client.connect("127.0.0.1", port)
        self.client.loop_start()

    def entered(self, seconds: float = 5.0) -> bool:
        """Whether the door let it in."""
        until(lambda: self.codes or self.left, seconds)
        return self.codes[:1] == [0]

    def say(self, topic: str, payload: bytes | str, *, retain: bool = False, qos: int = 1) -> Any:
        return self.client.publish(topic, payload, qos, retain)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()
