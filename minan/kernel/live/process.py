"""The live process: takes what is told over the Unix socket, and holds the lines to the pages open. Beside the web, started by it.

One event loop, one thread that asks the database, one port. It keeps nothing: killed and started again it has lost no record, and the
pages read theirs anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connections
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.embed import Server

from minan.kernel import beside, directory
from minan.kernel.live.hub import BEAT, LOST, Hub
from minan.kernel.live.stream import Stream
from minan.kernel.live.telling import BYTES_MOST, MISSED, address

NAME = "live"
BEAT_SECONDS, TICK_SECONDS = 5.0, 0.25
TELLERS_MOST = 64  # processes that hold a line to tell us something
QUIET: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"none": {"class": "logging.NullHandler"}},
    "loggers": {"_granian": {"handlers": ["none"], "level": "ERROR", "propagate": False}},
}

log = logging.getLogger("minan.live")


def wanted() -> bool:
    """MINAN_LIVE_PORT=0 switches it off."""
    return bool(settings.LIVE_PORT)


def door() -> tuple[str, str, int]:
    """(its setting, address, port)."""
    return "MINAN_LIVE_PORT", settings.BIND, settings.LIVE_PORT


def run(stop: threading.Event) -> None:
    """Until told to stop. Raises OSError where something else listens on the port."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        trial.bind((settings.BIND, settings.LIVE_PORT))
    connections.close_all()  # of whoever this was forked from
    asyncio.run(Process(stop).run())


class Process:
    def __init__(self, stop: threading.Event) -> None:
        self.stop, self.hub = stop, Hub()
        self.executor = ThreadPoolExecutor(1, "asks")
        self.door = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.tellers: set[socket.socket] = set()
        self.missed, self.stamp, self.asking = time.time(), -1, False

    async def run(self) -> None:
        self._open()
        server = Server(
            Stream(self.hub, self.executor), address=settings.BIND, port=settings.LIVE_PORT, interface=Interfaces.ASGINL,
            backpressure=8192, websockets=False, log_level=LogLevels.error, log_dictconfig=QUIET,
            http1_settings=HTTP1Settings(header_read_timeout=10_000),
        )  # fmt: skip
        serving = asyncio.ensure_future(server.serve())
        try:
            await self._turn(serving)
        finally:
            self.hub.close()
            await asyncio.sleep(TICK_SECONDS)  # whoever listens is told that the line ends
            server.stop()  # type: ignore[no-untyped-call]
            with contextlib.suppress(TimeoutError, asyncio.CancelledError):
                await asyncio.wait_for(serving, 2)
            self.executor.shutdown(wait=False, cancel_futures=True)

    async def _turn(self, serving: asyncio.Future[None]) -> None:
        beaten = 0.0
        while not self.stop.is_set() and not serving.done():
            beside.beat(NAME)
            self._look()
            if time.monotonic() - beaten >= BEAT_SECONDS:
                beaten = time.monotonic()
                self.hub.all(BEAT)
                if not self.asking:
                    self.asking = True
                    asyncio.get_running_loop().run_in_executor(self.executor, self._posts)
            await asyncio.sleep(TICK_SECONDS)

    # ---- what is told

    def _open(self) -> None:
        with address() as path:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
            old = os.umask(0o177)
            try:
                self.door.bind(path)
            finally:
                os.umask(old)
        self.door.listen(TELLERS_MOST)
        self.door.setblocking(False)
        asyncio.get_running_loop().add_reader(self.door, self._come_in)

    def _come_in(self) -> None:
        with contextlib.suppress(OSError):
            teller, _ = self.door.accept()
            if len(self.tellers) >= TELLERS_MOST:
                teller.close()
                return
            teller.setblocking(False)
            self.tellers.add(teller)
            asyncio.get_running_loop().add_reader(teller, self._hear, teller)

    def _hear(self, teller: socket.socket) -> None:
        for _ in range(32):  # then the others' turn
            try:
                body = teller.recv(BYTES_MOST + 1)
            except BlockingIOError:
                return
            except OSError:
                body = b""
            if not body:
                asyncio.get_running_loop().remove_reader(teller)
                self.tellers.discard(teller)
                teller.close()
                return
            self._told(body)

    def _told(self, body: bytes) -> None:
        try:
            said = json.loads(body)
            if "ended" in said:
                self.hub.ended(str(said["ended"]))
            else:
                self.hub.tell(said["to"], str(said["topic"]), said["data"], said["walls"])
        except (ValueError, KeyError, TypeError):
            return  # of our own making or nobody's

    # ---- what is looked at

    def _look(self) -> None:
        """What found no room in the socket: everyone reads their list anew."""
        with contextlib.suppress(OSError):
            at = (Path(settings.DATA) / MISSED).stat().st_mtime
            if at > self.missed:
                self.missed = at
                self.hub.all(LOST)

    def _posts(self) -> None:
        """In the thread that asks: somebody got or lost a post, so everyone is looked at again."""
        try:
            stamp = directory.city().stamp
            if stamp != self.stamp:
                if self.stamp >= 0:
                    for one in list(self.hub.listening):
                        one.checked = float("-inf")
                self.stamp = stamp
        except DatabaseError:  # away: asked again at the next beat
            log.warning("posts not read: the database is away")
        except Exception:  # nobody awaits this thread: whatever it is, it is told here and asked again
            log.exception("posts not read")
        finally:
            close_old_connections()
            self.asking = False
