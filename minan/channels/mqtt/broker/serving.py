"""amqtt with our own door in front: who may enter (doorman.py), whose topics are whose, keys re-read when they change."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from amqtt.adapters import StreamWriterAdapter
from amqtt.broker import Broker
from amqtt.contexts import Action
from amqtt.plugins.base import BaseAuthPlugin, BaseTopicPlugin
from amqtt.session import Session
from django.db import DatabaseError, close_old_connections

from minan.channels.mqtt.broker import doorman
from minan.kernel.bus import accounts
from minan.kernel.bus.accounts import Account
from minan.kernel.bus.topics import PROGRAM, ROOT, allowed, parse

IN_HAND = 200  # messages; with more, whoever talks a lot waits
LOOK_SECONDS, TURN_SECONDS = 1.0, 0.25  # how often it is asked whether a key changed; how often it is seen whether that is due
HERE = "minan.channels.mqtt.broker.serving"

log = logging.getLogger("minan.broker")


class Keys:
    """The living accounts, in memory; `changed` re-reads them and says whose connection must end."""

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = accounts.snapshot()
        self.program = accounts.hashed(accounts.program_secret())
        self.stamp: tuple[int, str] | None = None

    def changed(self) -> set[str]:
        """The devices whose key ended or is another one. The database is asked; where it is away nothing changes."""
        try:
            stamp = accounts.stamp()
            if stamp == self.stamp:
                return set()
            before, self.accounts, self.stamp = self.accounts, accounts.living(), stamp
        except DatabaseError as error:
            log.warning("database away", extra={"error": type(error).__name__})
            return set()
        finally:
            close_old_connections()
        with suppress(OSError):  # a full disk: the next change is written again
            accounts.keep_snapshot(self.accounts)
        return {device for device, one in before.items() if self.accounts.get(device) != one}


_keys: Keys | None = None  # one broker a process; its plugins are made by amqtt, by their names


class Known(BaseAuthPlugin):
    """Everybody who is here passed the doorman."""

    async def authenticate(self, *, session: Session) -> bool | None:
        return _keys is not None and (session.username == PROGRAM or session.username in _keys.accounts)


class OwnTopics(BaseTopicPlugin):
    """A device writes and reads its own topics; the city's processes all of this bus."""

    async def topic_filtering(
        self, *, session: Session | None = None, topic: str | None = None, action: Action | None = None
    ) -> bool | None:
        name = session.username if session is not None else None
        if _keys is None or not name or not topic:
            return False
        if name == PROGRAM:
            return topic.startswith(f"{ROOT}/")
        account = _keys.accounts.get(name)
        if account is None:
            return False
        if action == Action.PUBLISH:
            return doorman.may_write(name, account, topic) and parse(topic) is not None
        return allowed(account.area, name, topic, reads=True)


def config() -> dict[str, Any]:
    return {
        "listeners": {"default": {"type": "external"}},
        "plugins": {f"{HERE}.Known": {}, f"{HERE}.OwnTopics": {}},
        "session_expiry_interval": 3600,
    }


async def _shut(broker: Broker, devices: set[str]) -> None:
    for device in devices:
        _, handler = broker.sessions.get(device, (None, None))
        if handler is not None and handler.writer is not None:
            with suppress(Exception):  # it may be gone already
                await handler.writer.close()


async def serve(port: int, stop: threading.Event, beat: Callable[[], None], ready: threading.Event | None = None) -> None:
    """Serve on 127.0.0.1:port until `stop`; `beat` is called twice a second."""
    global _keys
    _keys = keys = Keys()
    await asyncio.to_thread(keys.changed)
    logging.getLogger("amqtt").setLevel(logging.ERROR)
    logging.getLogger("transitions").setLevel(logging.ERROR)
    broker = Broker(config())
    await broker.start()

    def busy() -> bool:
        return broker._broadcast_queue.qsize() > IN_HAND or len(broker._tasks_queue) > IN_HAND

    async def come(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        known = await doorman.entered(reader, writer, keys.accounts, keys.program, busy)
        if known is not None:
            await broker.external_connected(known, StreamWriterAdapter(writer), "default")

    server = await asyncio.start_server(come, "127.0.0.1", port)
    if ready is not None:
        ready.set()
    looked = 0.0
    loop = asyncio.get_running_loop()
    try:
        while not stop.is_set():
            beat()
            await asyncio.sleep(TURN_SECONDS)
            if loop.time() - looked >= LOOK_SECONDS:
                looked = loop.time()
                await _shut(broker, await asyncio.to_thread(keys.changed))
    finally:
        server.close()
        with suppress(Exception):  # amqtt may be in the middle of a message
            await asyncio.wait_for(broker.shutdown(), 5)
