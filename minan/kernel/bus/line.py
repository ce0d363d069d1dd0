"""A connection to the bus: it comes back by itself, and no exception of a hearer ends it."""

from __future__ import annotations

import logging
import os
import secrets
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings

from minan.kernel.bus.accounts import program_secret
from minan.kernel.bus.topics import PROGRAM

OFF, OWN = "off", "own"
BACK_SECONDS = (1, 2)  # before the next try to connect
WAITING_MOST = 1000  # messages that wait for the connection
KEEPALIVE = 30  # seconds

log = logging.getLogger("minan.bus")


@dataclass(frozen=True, slots=True)
class Message:
    topic: str
    payload: bytes
    retained: bool
    at: datetime
    mid: int


Hear = Callable[[Message], Any]


def configured() -> bool:
    """Whether there is a bus here at all (MINAN_BUS)."""
    return bool(settings.BUS != OFF)


def own_broker() -> bool:
    """Whether this city runs the broker itself, on the loopback."""
    return bool(settings.BUS == OWN)


def address() -> tuple[str, int]:
    """Host and port of the broker."""
    if own_broker():
        return "127.0.0.1", settings.BUS_PORT
    url = urlsplit(settings.BUS)
    return url.hostname or "127.0.0.1", url.port or (8883 if url.scheme == "mqtts" else 1883)


class Line:
    """One connection. `hear` gets every message in the connection's own thread; what it raises is logged and the message not acknowledged.

    `keep`: the broker keeps what comes at QoS 1 while this is away, under its name; then no second one of this name may live.
    `by_hand`: the hearer acknowledges itself, by `ack(mid)`.
    """

    def __init__(
        self, name: str, hear: Hear | None = None, filters: Iterable[str] = (), *, qos: int = 1, keep: bool = False, by_hand: bool = False
    ) -> None:
        import paho.mqtt.client as mqtt  # pages that never speak on the bus do without it
        from paho.mqtt.enums import CallbackAPIVersion  # as above

        self.name, self.hear, self.filters, self.qos, self.by_hand = name, hear, tuple(filters), qos, by_hand
        self.failed = 0  # messages whose hearer raised
        self._up = threading.Event()
        client_id = f"{PROGRAM}-{name}" if keep else f"{PROGRAM}-{name}-{secrets.token_hex(4)}"
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id, clean_session=not keep, manual_ack=True)
        self.client.on_connect, self.client.on_disconnect, self.client.on_message = self._connected, self._gone, self._message
        self.client.on_subscribe = self._subscribed
        self.client.reconnect_delay_set(*BACK_SECONDS)
        self.client.max_queued_messages_set(WAITING_MOST)
        self.client.max_inflight_messages_set(0 if by_hand else 200)
        host, port = address()
        self._sign_in()
        self.client.connect_async(host, port, KEEPALIVE)
        self.client.loop_start()

    def _sign_in(self) -> None:
        url = urlsplit(settings.BUS)
        name, password = unquote(url.username or PROGRAM), unquote(url.password or "") or program_secret()
        self.client.username_pw_set(name, password)
        if url.scheme == "mqtts":
            self.client.tls_set()

    def _connected(self, client: Any, _data: Any, _flags: Any, reason: Any, _props: Any) -> None:
        if reason.is_failure:
            log.warning("bus refused", extra={"line": self.name, "reason": str(reason)})
            return
        if self.filters:
            client.subscribe([(one, self.qos) for one in self.filters])
        else:
            self._up.set()

    def _subscribed(self, _client: Any, _data: Any, _mid: int, reasons: Any, _props: Any) -> None:
        """Only now nothing that is said passes by unheard."""
        if any(reason.is_failure for reason in reasons):
            log.error("bus: not let in to hear", extra={"line": self.name})
            return
        self._up.set()

    def _gone(self, *_: Any) -> None:
        self._up.clear()

    def _message(self, client: Any, _data: Any, message: Any) -> None:
        try:
            if self.hear is not None:
                self.hear(Message(message.topic, bytes(message.payload), bool(message.retain), datetime.now(UTC), message.mid))
        except Exception:  # one bad message must not end the thread that hears all others
            self.failed += 1
            log.exception("hearing failed", extra={"line": self.name})
            return
        if not self.by_hand and message.qos:
            client.ack(message.mid, message.qos)

    def ack(self, mid: int) -> None:
        """What came under this number is safe: the broker may forget it."""
        self.client.ack(mid, 1)

    @property
    def connected(self) -> bool:
        return self._up.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait for the connection; False: not within this time."""
        return self._up.wait(seconds)

    def publish(self, topic: str, payload: bytes | str, *, retain: bool = False, qos: int = 1) -> bool:
        """Hand a message over; it waits here while the connection is away. False: too many wait already. Never raises, never waits."""
        try:
            done = self.client.publish(topic, payload, qos, retain)
        except (ValueError, OSError, RuntimeError) as error:
            log.warning("not published", extra={"line": self.name, "error": type(error).__name__})
            return False
        return int(done.rc) in (0, 4)  # 4: no connection now, kept until there is one

    def close(self) -> None:
        """Say good-bye and end the thread."""
        self.client.disconnect()
        self.client.loop_stop()


def connect(name: str, hear: Hear | None = None, filters: Iterable[str] = (), *, keep: bool = True, qos: int = 1) -> Line:
    """A connection of one's own, for a process that must not wait behind others. Comes up by itself, also later."""
    return Line(name, hear, filters, keep=keep, qos=qos)


_speaking: dict[int, Line] = {}  # one a process: a fork has no threads of its parent
_lock = threading.Lock()


def publish(topic: str, payload: bytes | str, retain: bool = False) -> bool:
    """Say something on the bus from anywhere. Never raises, never waits; False: there is no bus, or too much waits for it."""
    if not configured():
        return False
    with _lock:
        if os.getpid() not in _speaking:
            _speaking.clear()
            _speaking[os.getpid()] = Line("says")
    return _speaking[os.getpid()].publish(topic, payload, retain=retain)
