"""A small load generator: so many connections kept open, each sends its next request when the last is answered."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

Source = Callable[[], bytes]


@dataclass
class Answers:
    """What came back: seconds of each, statuses, and the last body."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    broken: int = 0  # connections that ended in the middle
    took: float = 0.0
    last: bytes = b""
    odd: bytes = b""  # the first answer that was not 2xx or 3xx


def request(method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"") -> bytes:
    """The bytes of one request on a connection that stays open."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *(f"{k}: {v}" for k, v in (headers or {}).items())]
    if body or method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class _Line(asyncio.Protocol):
    """One connection."""

    def __init__(self, source: Source, answers: Answers, until: float, done: Callable[[], None]) -> None:
        self.source, self.answers, self.until, self.done = source, answers, until, done
        self.buffer, self.begun, self.open = bytearray(), 0.0, True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._next()

    def _next(self) -> None:
        now = time.perf_counter()
        if now >= self.until:
            self._end()
            return
        self.begun = now
        self.transport.write(self.source())

    def _end(self) -> None:
        if self.open:
            self.open = False
            self.transport.close()
            self.done()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head = self.buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        top = bytes(self.buffer[:head]).lower()
        at = top.find(b"content-length:")
        length = int(top[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self.buffer) < head + 4 + length:
            return
        status = int(top[9:12])
        self.answers.seconds.append(time.perf_counter() - self.begun)
        self.answers.statuses[status] += 1
        self.answers.last = bytes(self.buffer[head + 4 : head + 4 + length])
        if status >= 400 and not self.answers.odd:
            self.answers.odd = self.answers.last[:300]
        self.buffer.clear()
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if self.open:
            self.open = False
            self.answers.broken += 1
            self.done()


async def _run(port: int, source: Source, clients: int, seconds: float) -> Answers:
    loop, answers = asyncio.get_running_loop(), Answers()
    begun, left, finished = time.perf_counter(), [clients], loop.create_future()

    def done() -> None:
        left[0] -= 1
        if not left[0] and not finished.done():
            finished.set_result(None)

    for _ in range(clients):
        await loop.create_connection(lambda: _Line(source, answers, begun + seconds, done), "127.0.0.1", port)
    await asyncio.wait_for(finished, seconds + 60)
    answers.took = time.perf_counter() - begun
    return answers


def run(port: int, source: Source, clients: int, seconds: float) -> Answers:
    """Ask for so many seconds; requests under way at the end are still counted."""
    return asyncio.run(_run(port, source, clients, seconds))
