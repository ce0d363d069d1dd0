"""The Unix socket between the pages and the lane: one line of JSON each way, on this machine, for this user alone."""

from __future__ import annotations

import json
import os
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from minan.systems.help import sealing

NAME, LINE_MOST = "sock", 65_536
SECONDS = 1.5  # how long a page waits for the lane before it writes the press down itself
Message = dict[str, Any]


class Away(Exception):
    """The lane does not answer."""


@contextmanager
def _address() -> Iterator[str]:
    """The socket's path; by the folder's own number, for a path of more than 107 bytes is none."""
    held = os.open(sealing.room(), os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{held}/{NAME}"
    finally:
        os.close(held)


def ask(message: Message, seconds: float = SECONDS) -> Message:
    """The lane's answer. Raises Away."""
    try:
        with _address() as address, socket.socket(socket.AF_UNIX) as asking:
            asking.settimeout(seconds)
            asking.connect(address)
            asking.sendall(json.dumps(message, ensure_ascii=False).encode() + b"\n")
            with asking.makefile("rb") as said:
                answer = json.loads(said.readline(LINE_MOST * 16) or b"null")
    except (OSError, ValueError):
        raise Away from None
    if not isinstance(answer, dict):
        raise Away
    return answer


def fresh() -> None:
    """Tell the lane that its copy is old; where it is away it looks by itself when it begins."""
    with suppress(Away):
        ask({"op": "fresh"}, 0.3)


class _Line(socketserver.StreamRequestHandler):
    timeout = 5

    def handle(self) -> None:
        with suppress(OSError, ValueError):
            message = json.loads(self.rfile.readline(LINE_MOST) or b"{}")
            answer = self.server.take(message if isinstance(message, dict) else {})  # type: ignore[attr-defined]
            self.wfile.write(json.dumps(answer, ensure_ascii=False).encode() + b"\n")


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Answers with `take`, each question in a thread of its own."""

    daemon_threads, request_queue_size = True, 256

    def __init__(self, take: Callable[[Message], Message]) -> None:
        self.take = take
        (sealing.room() / NAME).unlink(missing_ok=True)
        with _address() as address:
            super().__init__(address, _Line)
        (sealing.room() / NAME).chmod(0o600)

    def begin(self) -> None:
        threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.2}, name="help-sock", daemon=True
        ).start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who hung up is nobody's fault."""
