"""The loop behind the pages: due clocks → the step by the clock; outbox → its listeners → done; what fails is tried again, or parked.

Nothing here is lost when the worker dies: a row goes only in the transaction that did its work. All timers on one page:
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import DatabaseError, close_old_connections, connection, transaction
from django.db.models import F

from minan.kernel import (
    ballast,
    childhood,
    duty_room,
    health,
    indexing,
    judged,
    keeping,
    notices,
    outgoing,
    planned,
    provisional,
    registry,
    reminders,
    replies,
    retention,
    sparing,
    tallies,
    vault,
)
from minan.kernel.access import CLOCK
from minan.kernel.act import Refused, act
from minan.kernel.listen import Told, listener, listeners_of, turns
from minan.kernel.models import Case, Clock, Delivery, Outbox

HOUR = 3600.0  # seconds
PAUSE = 0.5  # seconds between turns when there was little to do
BATCH = 200  # rows a turn
HANDED = 50  # new events a turn: what one transaction hands to all listeners
BUSY = 20  # turns that systems wait while there is more than one turn's news
TRIES = 3  # then a delivery is parked and the doctor tells
WAIT = (2, 10, 30)  # seconds before the next try
BUILT_IN = (tallies, indexing, notices, judged, childhood, planned, duty_room)  # imported so that their listeners are known

log = logging.getLogger("minan.worker")
_busy = {"turns": 0}  # in a row
HOURLY = (replies.purge, retention.daily, provisional.recount, ballast.keep, keeping.note, sparing.sweep)  # what is swept once an hour


def _now(at: datetime | None) -> datetime:
    return at or datetime.now(UTC)


def _lock(rows: Any) -> Any:
    return rows.select_for_update(skip_locked=True) if connection.vendor == "postgresql" else rows


def fan_out(limit: int = HANDED) -> int:
    """Hand new events to their listeners and forget the rows, all or nothing; returns how many rows were taken.

    Only where a listener fails do its events become deliveries, one an event, which `deliver` tries one by one. A turn is
    small, for on SQLite nobody else writes meanwhile.
    """
    with transaction.atomic():
        rows = list(_lock(Outbox.objects.order_by("id"))[:limit])
        heard: dict[str, list[Outbox]] = {}
        for row in rows:
            for who in listeners_of(row.name):
                heard.setdefault(who, []).append(row)
        for who, some in heard.items():
            _hear(who, some)
        Outbox.objects.filter(id__in=[o.id for o in rows]).delete()
    return len(rows)


def _hear(who: str, rows: list[Outbox]) -> None:
    fn = listener(who)
    try:
        with transaction.atomic():
            if fn is not None:
                fn([Told(o.id, o.county, o.case_id, o.n, o.name, o.at, o.delta) for o in rows])
    except Exception:  # whatever a listener raises must not stop the others: its events are tried again, each alone
        fresh = [
            Delivery(
                county=o.county,
                event=o.id,
                listener=who,
                case_id=o.case_id,
                n=o.n,
                name=o.name,
                at=o.at,
                delta=o.delta,
                next_at=o.at,
            )
            for o in rows
        ]
        Delivery.objects.bulk_create(fresh, ignore_conflicts=True)


def _told(rows: Iterable[Delivery]) -> list[Told]:
    return [Told(d.event, d.county, d.case_id, d.n, d.name, d.at, d.delta) for d in rows]


def _hand(who: str, rows: list[Delivery]) -> None:
    """Hand a batch to its listener and forget the rows, both or neither."""
    with transaction.atomic():
        mine = list(
            _lock(Delivery.objects.filter(id__in=[d.id for d in rows]).order_by("id"))
        )  # another worker may have been faster
        fn = listener(who)
        if fn is not None and mine:
            fn(_told(mine))
        Delivery.objects.filter(id__in=[d.id for d in mine]).delete()


def _failed(row: Delivery, error: Exception, now: datetime) -> None:
    if not isinstance(error, vault.Away | vault.Held):  # what needs the vault waits for its keeper and is not parked
        row.tries += 1
    row.error = f"{type(error).__name__}: {error}"[:300]
    row.next_at = now + timedelta(seconds=WAIT[min(row.tries, len(WAIT)) - 1]) if row.tries < TRIES else None
    row.save(update_fields=["tries", "error", "next_at"])
    log.error(
        "delivery failed",
        extra={"listener": row.listener, "event": row.name, "tries": row.tries, "parked": row.next_at is None},
    )


def deliver(now: datetime | None = None, limit: int = BATCH) -> int:
    """Hand due deliveries to their listeners in batches; one bad row holds up nobody."""
    moment = _now(now)
    rows = list(Delivery.objects.filter(next_at__lte=moment).order_by("id")[:limit])
    for who in dict.fromkeys(d.listener for d in rows):
        batch = [d for d in rows if d.listener == who]
        try:
            _hand(who, batch)
        except Exception:  # whatever a listener raises must not stop the others: each row alone, then parked
            for row in batch:
                try:
                    _hand(who, [row])
                except Exception as error:  # as above
                    _failed(row, error, moment)
    return len(rows)


def _ring(row: dict[str, Any], now: datetime) -> None:
    """One due clock: the step its procedure declares, once."""
    case = Case.objects.filter(county=row["county"], id=row["case_id"]).first()
    procedure = registry.get(case.procedure) if case else None
    spec = next((c for c in procedure.clocks if c.name == row["name"]), None) if procedure else None
    step = (spec.at_due if row["told"] == 0 else spec.at_escalate) if spec else ""
    outcome: Any = None
    if case is not None and step:
        key = f"clock:{case.code}:{row['name']}:{row['round']}:{row['told']}:{row['due_at']:%Y%m%d%H%M%S}"
        outcome = act(case, step, by=CLOCK, key=key, at=now, clock=row["name"])
    if isinstance(outcome, Refused) or outcome is None:
        # nothing to be done now (the folder is gone, or the step is not possible): look again in a day, never in a circle
        Clock.objects.filter(county=row["county"], id=row["id"], next_at=row["next_at"]).update(
            next_at=now + timedelta(days=1)
        )


def ring(now: datetime | None = None, limit: int = BATCH) -> int:
    """Act on due clocks, nearest legal limit first, then oldest; returns how many were due."""
    moment = _now(now)
    due = Clock.objects.filter(next_at__lte=moment, paused_at=None, done_at=None)
    rows: list[dict[str, Any]] = [
        dict(row) for row in due.order_by(F("legal_due_at").asc(nulls_last=True), "next_at")[:limit].values()
    ]
    for row in rows:
        try:
            _ring(row, moment)
        except Exception:  # one bad clock must not stop the others
            log.exception("clock failed", extra={"clock": row["name"]})
            Clock.objects.filter(id=row["id"], next_at=row["next_at"]).update(next_at=moment + timedelta(minutes=10))
    return len(rows)


def called(now: datetime | None = None) -> int:
    """What systems declared for each turn; returns how much they did."""
    done = 0
    for fn in turns():
        try:
            done += fn(_now(now))
        except DatabaseError:
            raise  # away: waited for by `run`
        except Exception:  # one system must not stop the others
            log.exception("turn failed", extra={"turn": f"{fn.__module__}.{fn.__name__}"})
    return done


def turn(now: datetime | None = None) -> int:
    """One turn of everything; returns how much was done. Systems get theirs when the news are through, or after BUSY turns."""
    registry.procedures()  # with them their handlers are known
    done = ring(now)
    if done < BATCH:  # what ran out this morning stands on this morning's lists
        done += reminders.fold(_now(now))
    health.beat()
    done += fan_out()
    health.beat()
    done += deliver(now) + outgoing.send_waiting(now) + keeping.link_waiting() + keeping.dial_waiting()
    _busy["turns"] = _busy["turns"] + 1 if done >= HANDED else 0
    return done if 0 < _busy["turns"] < BUSY else done + called(now)


def settle(now: datetime | None = None, most: int = 10_000) -> int:
    """Turn until nothing is left (tests, the demo); returns how much was done."""
    done = 0
    for _ in range(most):
        step = turn(now)
        done += step
        if not step:
            break
    return done


def run(stop: threading.Event) -> None:
    """Turn until told to stop; a database that is away is waited for."""
    swept, begun = time.monotonic(), False
    while not stop.is_set():
        health.beat()
        try:
            if not begun and connection.vendor == "sqlite":  # the one worker: what lay with a provider is nobody else's
                outgoing.recover(_now(None), timedelta(0))
            begun = True
            idle = turn() < HANDED  # a few at a time would cost more than the work itself: let them gather
            if time.monotonic() - swept > HOUR:
                swept = time.monotonic()
                for sweep in HOURLY:
                    sweep()
        except DatabaseError as error:
            log.warning("database away", extra={"error": type(error).__name__})
            idle = True
        finally:
            close_old_connections()
        if idle:
            stop.wait(PAUSE)
