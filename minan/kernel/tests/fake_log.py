"""A city's log on loopback that does what a test tells it to: grow, go back, lie, change its key, show two faces."""

from __future__ import annotations

import threading
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from minan.kernel import merkle, notes

ORIGIN = "minan.local/131000"


class FakeLog:
    """What the server shows; a test changes it in place."""

    def __init__(self, count: int = 0, seed: bytes = bytes(range(32))) -> None:
        self.signer = notes.Signer(ORIGIN, seed)
        self.leaves = [merkle.leaf(str(n).encode()) for n in range(count)]
        self.counties: tuple[str, ...] = ()
        self.page = 1000
        self.asked: list[str] = []
        self.given: list[str] = []
        self.date = ""  # a false Date
        self.note = ""  # a checkpoint to show instead of the true one
        self.redirect = ""
        self.wait = 0.0  # seconds before each page of leaves
        self.stranger = False  # the city does not know this witness
        self.busy = 0  # so many times it answers "too many requests"

    def grow(self, count: int, words: str = "") -> None:
        self.leaves += [merkle.leaf(f"{words}{n}".encode()) for n in range(len(self.leaves), len(self.leaves) + count)]

    def checkpoint(self) -> str:
        said = notes.Checkpoint(self.signer.name, len(self.leaves), merkle.root(self.leaves), self.counties)
        return self.note or notes.sign(said.text(), self.signer)

    def answer(self, path: str, query: dict[str, str]) -> bytes | None:
        self.asked.append(path)
        if path == "/proof/key":
            return (self.signer.key.text() + "\n").encode()
        if path == "/proof/checkpoint":
            return self.checkpoint().encode()
        if path == "/proof/leaves":
            threading.Event().wait(self.wait)
            begin, end = int(query["from"]), int(query["to"])
            return b"".join(self.leaves[begin : min(end, begin + self.page)])
        return None


class _Handler(BaseHTTPRequestHandler):
    shown: FakeLog

    def log_message(self, format: str, *args: object) -> None:
        pass

    def date_time_string(self, timestamp: float | None = None) -> str:
        return self.shown.date or super().date_time_string(timestamp)

    def do_GET(self) -> None:
        parts = urllib.parse.urlsplit(self.path)
        body = self.shown.answer(parts.path, dict(urllib.parse.parse_qsl(parts.query)))
        busy = self.shown.busy > 0 and parts.path == "/proof/leaves"
        self.shown.busy -= busy
        self.send_response(429 if busy else 302 if self.shown.redirect else 404 if body is None else 200)
        if busy:
            self.send_header("Retry-After", "60")
        if self.shown.redirect:
            self.send_header("Location", self.shown.redirect)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def do_POST(self) -> None:
        self.shown.given.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.send_response(403 if self.shown.stranger else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()


@contextmanager
def served(log: FakeLog) -> Iterator[str]:
    """Its address while it is up."""
    handler = type("Handler", (_Handler,), {"shown": log})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
