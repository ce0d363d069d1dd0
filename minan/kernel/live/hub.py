"""Who is listening and what is on its way to them: bounded queues, numbers by which a reconnect knows that it missed something.

Nothing here waits and nothing here asks: one event loop owns it.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from minan.kernel.live.reader import Reader

QUEUE_MOST = 256  # messages that wait for one reader; who is slower is cut off and reads the list anew
EACH_MOST, ALL_MOST = 8, 4000  # connections of one person (the newest stay) and of all
REMEMBERED = 1024  # messages a reconnect can be told about; after more it is told that it missed something
HELLO, BEAT, GONE, LOST = "hello", "beat", "over", "missed"  # topics of the line itself


@dataclass(eq=False, slots=True)
class Listening:
    """One open connection. `end` is set when it is to be closed."""

    reader: Reader
    queue: deque[bytes] = field(default_factory=deque)
    rings: asyncio.Event = field(default_factory=asyncio.Event)
    end: bool = False
    checked: float = 0.0

    def put(self, message: bytes) -> None:
        if len(self.queue) >= QUEUE_MOST:
            self.close()
        elif not self.end:
            self.queue.append(message)
            self.rings.set()

    def close(self, last: bytes = b"") -> None:
        """End it: what waits is dropped, `last` is still said where it can be."""
        self.queue.clear()
        if last and not self.end:
            self.queue.append(last)
        self.end = True
        self.rings.set()


class Hub:
    """All connections of this process."""

    def __init__(self) -> None:
        self.epoch = secrets.token_hex(4)  # another one after every start: its numbers begin anew
        self.n = 0
        self.past: deque[tuple[int, frozenset[str], frozenset[str]]] = deque(maxlen=REMEMBERED)
        self.listening: dict[Listening, None] = {}  # in the order they came

    def packed(self, topic: str, data: Any) -> bytes:
        """One server-sent event; JSON has no bare line break, so that it is one line."""
        body = json.dumps({"topic": topic, "data": data}, ensure_ascii=False)
        return f"id: {self.epoch}-{self.n}\ndata: {body}\n\n".encode()

    def join(self, reader: Reader, last: str, now: float) -> Listening | None:
        """Let a reader in, who had `last` as the number of its last message; None where there are too many."""
        if len(self.listening) >= ALL_MOST:
            return None
        own = [one for one in self.listening if one.reader.who == reader.who]
        for one in own[: max(0, len(own) - EACH_MOST + 1)]:
            self.leave(one)  # a dead line holds no place: the newest are alive
        one = Listening(reader, checked=now)
        self.listening[one] = None
        one.put(b"retry: 2000\n" + self.packed(HELLO, {}))
        if last and self.missed(reader, last):
            one.put(self.packed(LOST, {}))
        return one

    def missed(self, reader: Reader, last: str) -> bool:
        """Whether something was told for this reader after `last`, as far as it is known; True where it is not."""
        epoch, _, number = last.partition("-")
        if epoch != self.epoch or not number.isdigit():
            return True
        since = int(number)
        if self.past and self.past[0][0] > since + 1 and len(self.past) == REMEMBERED:
            return True
        return any(n > since and self._theirs(reader, to, walls) for n, to, walls in self.past)

    def leave(self, one: Listening, last: bytes = b"") -> None:
        self.listening.pop(one, None)
        one.close(last)

    @staticmethod
    def _theirs(reader: Reader, to: frozenset[str], walls: frozenset[str]) -> bool:
        return not reader.hears.isdisjoint(to) and reader.keys.isdisjoint(walls)

    def tell(self, to: Iterable[str], topic: str, data: Any, walls: Iterable[str] = ()) -> int:
        """Hand a message to all it is for; returns to how many."""
        self.n += 1
        heard, kept, message = frozenset(to), frozenset(walls), self.packed(topic, data)
        self.past.append((self.n, heard, kept))
        found = [one for one in self.listening if self._theirs(one.reader, heard, kept)]
        for one in found:
            one.put(message)
        self._sweep()
        return len(found)

    def all(self, topic: str) -> None:
        """A message of the line itself, to everyone."""
        message = self.packed(topic, {})
        for one in self.listening:
            one.put(message)
        self._sweep()

    def ended(self, session: str) -> None:
        """A session is over: its pages are told so and cut off."""
        for one in [one for one in self.listening if one.reader.session == session]:
            self.leave(one, self.packed(GONE, {}))

    def close(self) -> None:
        for one in list(self.listening):
            self.leave(one)

    def _sweep(self) -> None:
        for one in [one for one in self.listening if one.end]:
            self.listening.pop(one)
