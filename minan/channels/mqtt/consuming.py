"""From the bus to the handlers: what comes first at once, the rest once in two seconds; the database may be away.

The connections' threads only lay messages into lanes of limited size (kernel/bus/hearing.py). One thread hands over. A handler
that fails gets each message alone, three times; then it is parked and counted, and the doctor tells. A database that is away is
no fault of a message: it goes back into its lane, where newer values of the same property take the place of older ones.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db import DatabaseError, close_old_connections, transaction
from django.db.models import F
from django.utils import timezone

from minan.kernel.bus import Line, Message
from minan.kernel.bus.hearing import HAND_MOST, PARKED, Handler, Heard, Lanes, handler_of, handlers
from minan.kernel.models import BusCount, BusEar, BusParked

FIRST_SECONDS = 0.25  # how long to wait for what comes first before a look at the rest
REST_SECONDS = 2.0  # how often the rest is handed over: values of two seconds in one transaction
COUNT_SECONDS = 5.0
AWAY_SECONDS = 1.0  # before the next try where the database is away
TRIES, AGAIN_SECONDS = 3, (0.5, 2.0)
PARKED_BYTES, PARKED_DAYS, PARKED_MOST = 4096, 30, 20  # … of one device and day; more are counted alone
ALL = "minan/+/+/#"

log = logging.getLogger("minan.bus")


@dataclass(slots=True)
class Again:
    """A message whose handler failed: tried again alone."""

    heard: Heard
    handler: Handler
    tries: int
    due: float
    error: str


class Consumer:
    """`turn` until told to stop; with `lines=False` without connections (tests lay messages into `lanes` themselves)."""

    def __init__(self, *, lines: bool = True, beat: Callable[[], None] = lambda: None) -> None:
        self.beat = beat  # called between two transactions
        self.lanes = Lanes()
        self.again: list[Again] = []
        self.unwritten: Counter[str] = Counter()
        self.parked: Counter[tuple[date, str]] = Counter()
        self.since: datetime | None = None  # both connections stand since
        self.rest_due = self.count_due = 0.0
        self.first: Line | None = None
        self.rest: Line | None = None
        if lines:
            firsts = [f"minan/+/+/{prop}" for prop, one in sorted(handlers().items()) if one.first]
            self.first = Line("first", self._first, firsts, keep=True, by_hand=True)
            self.rest = Line("rest", self._rest, [ALL], qos=0)

    def close(self) -> None:
        """What waits is handed over once more, then good-bye."""
        for line in (self.first, self.rest):
            if line is not None:
                line.close()
        self.rest_due = self.count_due = 0.0
        self.turn()

    # ---- the connections' threads: nothing here asks the database

    def _first(self, message: Message) -> None:
        if not self.lanes.put(message, first=True):
            self._ack([message.mid])

    def _rest(self, message: Message) -> None:
        self.lanes.put(message, first=False)

    def _ack(self, mids: list[int]) -> None:
        if self.first is not None:
            for mid in mids:
                if mid:
                    self.first.ack(mid)

    # ---- the thread that hands over

    def turn(self) -> int:
        """Hand over what is due; returns how many messages were."""
        self.lanes.some.wait(FIRST_SECONDS)
        now, done = time.monotonic(), 0
        try:
            done += self._hand(self.lanes.next(rest=False))
            done += self._retry(now)
            if now >= self.rest_due:
                self.rest_due = now + REST_SECONDS
                done += self._drain()
            if now >= self.count_due:
                self.count_due = now + COUNT_SECONDS
                self._count()
        except DatabaseError as error:
            log.warning("database away", extra={"error": type(error).__name__})
            time.sleep(AWAY_SECONDS)
        finally:
            close_old_connections()
        return done

    def _drain(self) -> int:
        """The rest, in transactions of HAND_MOST, but what comes first goes between them."""
        done = 0
        for _ in range(1 + len(self.lanes.rest) // HAND_MOST):  # what comes meanwhile folds, and is the next turn's
            batch = self.lanes.next()
            if not batch:
                break
            self.beat()
            done += self._hand(batch)
        return done

    def _hand(self, batch: list[Heard]) -> int:
        by_handler: dict[str, list[Heard]] = {}
        for one in batch:
            handler = handler_of(one.prop)
            by_handler.setdefault(handler.prop if handler else "", []).append(one)
        waiting = list(by_handler.items())
        try:
            while waiting:
                prop, some = waiting[0]
                self._give(handlers()[prop], some)
                waiting.pop(0)
        except DatabaseError:
            self.lanes.back(one for _, some in waiting for one in some)
            raise
        return len(batch)

    def _give(self, handler: Handler, some: list[Heard]) -> None:
        if handler.many or len(some) == 1:
            try:
                handler.take(some)
            except DatabaseError:
                raise
            except Exception as error:  # whatever a handler raises must not stop the others: each message alone
                log.exception("handler failed", extra={"handler": handler.name, "messages": len(some)})
                due = time.monotonic() + (0.0 if len(some) > 1 else AGAIN_SECONDS[0])
                tries = 0 if len(some) > 1 else 1
                self.again += [Again(one, handler, tries, due, f"{type(error).__name__}: {error}"[:300]) for one in some]
                return
            self._ack([mid for one in some for mid in one.mids])
            return
        for one in some:
            self._give(handler, [one])

    def _retry(self, now: float) -> int:
        due, self.again = [a for a in self.again if a.due <= now], [a for a in self.again if a.due > now]
        while due:
            one = due[0]
            try:
                one.handler.take([one.heard])
            except DatabaseError:
                self.again += due
                raise
            except Exception as error:  # as above
                one.tries, one.error = one.tries + 1, f"{type(error).__name__}: {error}"[:300]
                if one.tries >= TRIES:
                    self._park(one)
                else:
                    one.due = now + AGAIN_SECONDS[min(one.tries, len(AGAIN_SECONDS)) - 1]
                    self.again.append(one)
                    due.pop(0)
                    continue
            self._ack(one.heard.mids)
            due.pop(0)
        return len(due)

    def _park(self, one: Again) -> None:
        payload, where, today = one.heard.payload, one.heard, timezone.localdate()
        self.unwritten[PARKED] += where.times
        self.parked[today, where.device] += 1
        if self.parked[today, where.device] > PARKED_MOST:
            return
        BusParked.objects.create(
            topic=where.topic[:160], payload=payload[:PARKED_BYTES], size=len(payload), handler=one.handler.name[:80],
            error=one.error, tries=one.tries, at=where.at,
        )  # fmt: skip
        log.error("message parked", extra={"handler": one.handler.name, "device": where.device, "prop": where.prop})

    def _count(self) -> None:
        """Write the counts of the last seconds; they wait where the database is away."""
        self.unwritten += self.lanes.counted()
        now, today = datetime.now(UTC), timezone.localdate()
        stands = self.first is not None and self.rest is not None and self.first.connected and self.rest.connected
        self.since = (self.since or now) if stands else None
        for day, device in [key for key in self.parked if key[0] != today]:
            del self.parked[day, device]
        with transaction.atomic():
            if self.since is not None:
                BusEar.objects.update_or_create(id=1, defaults={"since": self.since, "at": now})
            for reason, n in self.unwritten.items():
                if not BusCount.objects.filter(day=today, reason=reason).update(count=F("count") + n):
                    BusCount.objects.create(day=today, reason=reason, count=n)
            BusParked.objects.filter(at__lt=now - timedelta(days=PARKED_DAYS)).delete()
        self.unwritten.clear()
