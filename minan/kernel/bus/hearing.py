"""Who hears what: `@hears("press")`, and the lanes in which messages wait for their handlers: those heard first are handed over first."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from minan.kernel.bus.line import Message
from minan.kernel.bus.topics import PAYLOAD_MOST, parse

ANY = "*"  # what nobody else hears
FIRST_MOST, REST_MOST = 20_000, 20_000  # messages that wait
HAND_MOST = 500  # of them handed over at once
HEARD, FOLDED, OVERFLOW, REFUSED, RETAINED, PARKED = "heard", "folded", "overflow", "refused", "retained", "parked"


@dataclass(slots=True)
class Heard:
    """A message with what its topic says; `times`: how many it stands for where only the newest counts."""

    area: str
    device: str
    prop: str
    topic: str
    payload: bytes
    at: datetime
    times: int = 1
    since: datetime | None = None  # when the first of them came
    mids: list[int] = field(default_factory=list)


One = Callable[[str, str, bytes, datetime], Any]
Many = Callable[[list[Heard]], Any]
Fold = bool | Callable[[bytes], str]


@dataclass(frozen=True, slots=True)
class Handler:
    prop: str
    name: str
    fn: Callable[..., Any]
    first: bool
    fold: Fold
    many: bool
    retained: bool

    def key(self, heard: Heard) -> Any:
        """Messages of one key fold into one; None: none does."""
        if not self.fold:
            return None
        return (heard.device, heard.prop, self.fold(heard.payload) if callable(self.fold) else "")

    def take(self, heard: list[Heard]) -> None:
        """Hand over; raises what the handler raises."""
        if self.many:
            self.fn(heard)
            return
        for one in heard:
            self.fn(one.device, one.topic, one.payload, one.at)


_handlers: dict[str, Handler] = {}


def hears(prop: str, *, first: bool = False, fold: Fold = False, many: bool = False, retained: bool = False) -> Callable[[Any], Any]:
    """Declare who takes the messages of a property ("*": of all that nobody else hears): fn(device, topic, payload, at).

    `first`: before everything else, at least once, never left out. `fold`: of several that wait only the newest of a device's
    property is handed over; a function of the payload keeps apart what it tells apart (an alarm's on and off).
    `many`: fn(list[Heard]). `retained`: also what the broker kept from earlier (a description; never an alarm).
    """

    def take(fn: Any) -> Any:
        _handlers[prop] = Handler(prop, f"{fn.__module__.removeprefix('minan.')}.{fn.__name__}", fn, first, fold, many, retained)
        return fn

    return take


def handlers() -> dict[str, Handler]:
    return dict(_handlers)


def handler_of(prop: str) -> Handler | None:
    """A property's own, or that of its first word ("config/x" → "config"), or whoever hears all the rest."""
    return _handlers.get(prop) or _handlers.get(prop.split("/", 1)[0]) or _handlers.get(ANY)


def hand_over(topic: str, payload: bytes | str, at: datetime | None = None) -> None:
    """Straight to its handler, without bus and broker (tests, the demo's data). Raises what the handler raises."""
    where = parse(topic)
    handler = handler_of(where.prop) if where else None
    if where is None or handler is None:
        raise ValueError(topic)
    data = payload.encode() if isinstance(payload, str) else payload
    handler.take([Heard(where.area, where.device, where.prop, topic, data, at or datetime.now(UTC))])


class Full(Exception):
    """No room for what must not be left out."""


class Lanes:
    """What waits for its handler. `put` is called by the connection's thread and never asks the database; `next` by who hands over."""

    def __init__(self) -> None:
        self.first: OrderedDict[Any, Heard] = OrderedDict()
        self.rest: OrderedDict[Any, Heard] = OrderedDict()
        self.counts: Counter[str] = Counter()
        self.lock, self.some = threading.Lock(), threading.Event()  # `some`: the first lane is not empty
        self.serial = 0

    def put(self, message: Message, first: bool | None = None) -> bool:
        """False: it was left out, by a rule, and counted: it may be acknowledged at once. `first`: only this lane's come this way.

        Raises Full where something that must not be left out finds no room: it is not acknowledged, and comes again.
        """
        where = parse(message.topic)
        handler = handler_of(where.prop) if where else None
        if first is not None and first != (handler is not None and handler.first):
            return False  # the other connection brings it
        if where is None or handler is None or len(message.payload) > PAYLOAD_MOST:
            return self._left(REFUSED)
        if message.retained and not handler.retained:
            return self._left(RETAINED)
        fresh = Heard(where.area, where.device, where.prop, message.topic, message.payload, message.at, mids=[message.mid])
        with self.lock:
            self.counts[HEARD] += 1
            lane, most = (self.first, FIRST_MOST) if handler.first else (self.rest, REST_MOST)
            self.serial += 1
            key: Any = handler.key(fresh) or self.serial
            before = lane.get(key)
            if before is not None:
                fresh.times, fresh.since, fresh.mids = before.times + 1, before.since or before.at, [*before.mids, *fresh.mids]
                self.counts[FOLDED] += 1
            elif len(lane) >= most:
                self.counts[OVERFLOW] += 1
                if handler.first:
                    raise Full(message.topic)
                return False
            lane[key] = fresh
            if handler.first:
                self.some.set()
        return True

    def _left(self, reason: str) -> bool:
        with self.lock:
            self.counts[reason] += 1
        return False

    def next(self, most: int = HAND_MOST, *, rest: bool = True) -> list[Heard]:
        """What is handed over now: of the first lane if anything waits there, else, with `rest`, of the other; oldest first."""
        with self.lock:
            lane = self.first or (self.rest if rest else self.first)
            taken = [lane.popitem(last=False)[1] for _ in range(min(most, len(lane)))]
            if not self.first:
                self.some.clear()
        return taken

    def back(self, heard: Iterable[Heard]) -> None:
        """Not handed over after all (the database is away): to the front again."""
        with self.lock:
            for one in reversed(list(heard)):
                handler = handler_of(one.prop)
                lane = self.first if handler is not None and handler.first else self.rest
                key: Any = (handler.key(one) if handler is not None else None) or f"back-{id(one)}"
                newer = lane.get(key)
                if newer is not None:
                    newer.times, newer.since, newer.mids = newer.times + one.times, one.since or one.at, [*one.mids, *newer.mids]
                    self.counts[FOLDED] += 1
                    continue
                lane[key] = one
                lane.move_to_end(key, last=False)

    def waiting(self) -> int:
        return len(self.first) + len(self.rest)

    def counted(self) -> Counter[str]:
        """The counts since the last call."""
        with self.lock:
            counts, self.counts = self.counts, Counter()
        return counts
