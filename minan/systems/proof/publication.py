"""Signs what is new: the counties' leaves go into the city's log in order, and a checkpoint says so, at most one a minute.

The city's checkpoint carries a line for each county's log, so that whoever witnesses the city's witnesses these too.
"""

from __future__ import annotations

import base64
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Value

from minan.kernel import notes
from minan.systems.proof import keys, sequencer, store
from minan.systems.proof.models import CITY, Checkpoint, Leaf, Log

MOST = 50_000  # leaves in one publication: a longer backlog comes with the next ones


def due(logs: list[Log], now: datetime, hurry: bool = False) -> bool:
    """Whether something is new and the last checkpoint is old enough (or from a clock that was set back since)."""
    city = next((log for log in logs if log.name == CITY), None)
    if not any(log.size > log.published for log in logs if log.name != CITY):
        return False
    return (
        hurry or city is None or city.at is None or abs((now - city.at).total_seconds()) >= settings.CHECKPOINT_SECONDS
    )


def publish(now: datetime, *, hurry: bool = False) -> int:
    """One publication where it is time for one, or with `hurry` where anything is new; returns how many leaves it brought."""
    if not due(list(Log.objects.all()), now, hurry):
        return 0
    with transaction.atomic():
        city = _city()
        if city is None or not due([city, *Log.objects.exclude(name=CITY)], now, hurry):
            return 0  # another worker is at it, or just was
        return _publish(city, now)


def _city() -> Log | None:
    """The city's row, locked; None where somebody else holds it."""
    Log.objects.bulk_create([Log(name=CITY)], ignore_conflicts=True)
    rows = Log.objects.filter(name=CITY)
    return rows.select_for_update(skip_locked=True).first() if connection.vendor == "postgresql" else rows.first()


def _publish(city: Log, now: datetime) -> int:
    left, gathered = MOST, list[bytes]()
    lines: list[str] = []
    for county in Log.objects.exclude(name=CITY).order_by("name"):
        fresh = _new(county, left)
        if fresh:
            _gather(county, fresh, city.size + len(gathered), now)
            gathered += fresh
            left -= len(fresh)
        if county.published:
            lines.append(_line(county))
    tree = store.grow(CITY, city.size, gathered)
    said = notes.Checkpoint(keys.origin(), tree.size, tree.root(), tuple(lines))
    note = notes.sign(said.text(), keys.signer())
    Checkpoint.objects.create(log=CITY, size=tree.size, root=said.root.hex(), at=now, note=note)
    Log.objects.filter(name=CITY).update(size=tree.size, published=tree.size, note=note, at=now)
    return len(gathered)


def _new(county: Log, most: int) -> list[bytes]:
    """The next leaf hashes of a county that are not yet published, in order."""
    end = min(county.size, county.published + most)
    rows = Leaf.objects.filter(log=county.name, index__gte=county.published, index__lt=end).order_by("index")
    return [bytes.fromhex(value) for value in rows.values_list("hash", flat=True)]


def _gather(county: Log, fresh: list[bytes], at: int, now: datetime) -> None:
    """Grow the county's own tree, sign its checkpoint, and note where its leaves lie in the city's log."""
    begin = county.published
    tree = store.grow(county.name, begin, fresh)
    county.published = tree.size
    county.note = notes.sign(notes.Checkpoint(keys.origin(county.name), tree.size, tree.root()).text(), keys.signer())
    Leaf.objects.filter(log=county.name, index__gte=begin, index__lt=tree.size).update(
        city_index=F("index") + Value(at - begin)
    )
    Log.objects.filter(name=county.name).update(published=tree.size, note=county.note, at=now)


def _line(county: Log) -> str:
    """A county in the city's checkpoint: `131022 size root`."""
    text, _ = notes.parts(county.note)
    said = notes.Checkpoint.parse(text)
    return f"{county.name} {said.size} {base64.b64encode(said.root).decode()}"


def turn(now: datetime) -> int:
    """Each turn of the worker: what was left behind is taken up, and what is new is signed when it is time."""
    return sequencer.patrol() + publish(now)
