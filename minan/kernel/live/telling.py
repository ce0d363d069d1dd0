"""`tell`: one short message to the live process over a Unix socket in DATA. Never raises, never waits, works without a database.

The socket keeps messages apart and has room for some hundreds of them (a plain datagram socket has room for ten). Where even that is
full, a file is touched by which the live process tells every page to read its list anew: late by half a second, but not lost.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import socket
import threading
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

SOCKET, MISSED = "live.sock", "live.missed"  # in DATA
BYTES_MOST = 8192  # of one message; a longer one is told as its topic alone: the page reads the rest from the record
SCREEN = "screen:"  # before a kiosk screen's id in an address; "user:" before a person's

log = logging.getLogger("minan.live")
_lock = threading.Lock()
_line: tuple[int, socket.socket] | None = None  # (process, the socket): a fork opens its own


def tell(
    units: Iterable[str], topic: str, screens: Iterable[str] = (), walls: Iterable[str] = (), people: Iterable[int] = (), **data: Any
) -> None:
    """Tell everyone who sits for one of `units`, the kiosk `screens` (ids) and `people` (user ids) that something happened.

    `walls`: the case's own ("user:12", "unit:…"); whoever stands behind one hears nothing. `data`: JSON, no personal data beyond
    what a duty desk must read; 8 KB at most. Inside a transaction it is sent when that is through, and not if it fails.
    """
    to = [*units, *(f"{SCREEN}{screen}" for screen in screens), *(f"user:{person}" for person in people)]
    if not to:
        return
    try:
        body = _packed({"to": to, "walls": list(walls), "topic": topic, "data": data})
        if connection.in_atomic_block:
            transaction.on_commit(partial(_send, body), robust=True)
        else:
            _send(body)
    except Exception:  # whatever is wrong with it: nobody's call for help waits for a screen
        log.exception("not told", extra={"topic": topic})


def ended(session_key: str) -> None:
    """Somebody signed out: their pages hear nothing more from now on."""
    with contextlib.suppress(Exception):
        _send(json.dumps({"ended": mark(session_key)}).encode())


def mark(session_key: str) -> str:
    """What stands for a session's key where the key itself must not."""
    return hashlib.sha256(f"minan.live:{session_key}".encode()).hexdigest()


def _packed(message: dict[str, Any]) -> bytes:
    body = json.dumps(message, ensure_ascii=False, default=str).encode()
    if len(body) > BYTES_MOST:
        body = json.dumps(message | {"data": {"cut": True}}, ensure_ascii=False).encode()
    return body


def _send(body: bytes) -> None:
    with contextlib.suppress(OSError), _lock:  # nobody listens: whoever connects later reads the whole list
        try:
            _connected().send(body)
        except BlockingIOError:
            (Path(settings.DATA) / MISSED).touch(mode=0o600)
        except OSError:  # it was started anew: once more by a line of its own
            _hang_up()
            with contextlib.suppress(BlockingIOError):
                _connected().send(body)


def _connected() -> socket.socket:
    global _line
    if _line is None or _line[0] != os.getpid():
        line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        line.setblocking(False)
        try:
            with address() as path:
                line.connect(path)
        except OSError:
            line.close()
            raise
        _line = os.getpid(), line
    return _line[1]


def _hang_up() -> None:
    global _line
    if _line is not None and _line[0] == os.getpid():
        _line[1].close()
    _line = None


@contextlib.contextmanager
def address() -> Any:
    """The socket's path; through an open folder where DATA's own name is longer than a socket's may be (107 bytes)."""
    path = str(Path(settings.DATA) / SOCKET)
    if len(os.fsencode(path)) < 100:
        yield path
        return
    folder = os.open(settings.DATA, os.O_DIRECTORY | os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{SOCKET}"
    finally:
        os.close(folder)
