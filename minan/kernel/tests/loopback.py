"""A provider on the loopback that answers as it is told, and remembers what it was asked."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Say = Callable[["Asked"], "Reply"]


@dataclass
class Asked:
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Reply:
    """`slow` seconds before it; `cut`: the connection ends in the middle, `deaf`: before a byte."""

    status: int = 200
    body: Any = b""
    slow: float = 0.0
    cut: bool = False
    deaf: bool = False

    @property
    def bytes(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body, ensure_ascii=False).encode()


@dataclass
class Loopback:
    say: Say
    asked: list[Asked] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextlib.contextmanager
def serving(say: Say) -> Iterator[Loopback]:
    here, lock, stop = Loopback(say), threading.Lock(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = Asked(self.path, dict(self.headers.items()), body)
            with lock:
                here.asked.append(asked)
                reply = here.say(asked)
            if reply.slow:
                stop.wait(reply.slow)
            with contextlib.suppress(OSError):
                if reply.deaf:
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                self.send_response(reply.status)
                self.send_header("Content-Length", str(len(reply.bytes)))
                self.end_headers()
                self.wfile.write(reply.bytes[: len(reply.bytes) // 2] if reply.cut else reply.bytes)

        def log_message(self, *_: Any) -> None:
            """Nothing: the tests say what they need."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    here.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield here
    finally:
        stop.set()
        server.shutdown()
        server.server_close()
