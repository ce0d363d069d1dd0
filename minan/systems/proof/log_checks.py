"""The log held against the events and against itself: places, leaves, tiles, checkpoints, cosignatures; in bounded memory.

Whoever has the database and the log's key can make all of this agree: what they cannot is in held.py.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef

from minan.kernel import merkle, notes
from minan.kernel.ledger import Link
from minan.kernel.models import Case, Delivery, Event, Outbox
from minan.systems.proof import keys, store
from minan.systems.proof.models import CITY, Checkpoint, Cosignature, Leaf, Log, Tile

CHUNK = 4_096  # leaves read at a time
LISTENER = "systems.proof.sequencer.sequence"


def hashes(log: str, size: int) -> Iterator[bytes]:
    """The leaf hashes of a log as its tiles hold them, in bounded memory; they end early where tiles are missing."""
    for begin in range(0, size, CHUNK):
        piece = store.leaves(log, begin, min(size, begin + CHUNK))
        yield from merkle.split(piece)
        if len(piece) < (min(size, begin + CHUNK) - begin) * merkle.HASH:
            return


def tiles(log: str, size: int) -> Iterator[str]:
    """Stored tiles that are not what the leaves below them give; missing, long, doubled ones too."""
    above: dict[int, bytearray] = {}  # level → the hashes of its tile that is being filled
    count = 0

    def full(level: int) -> Iterator[str]:
        nonlocal count
        number, held = numbers.get(level, 0), bytes(above.pop(level, b""))
        numbers[level] = number + 1
        count += 1
        if store.read(log, [(level, number)]).get((level, number)) != held:
            yield f"tile {level}/{number} of {log} is not what its leaves give"
        if len(held) == merkle.WIDTH * merkle.HASH:
            above.setdefault(level + 1, bytearray()).extend(merkle.root(merkle.split(held)))
            if len(above[level + 1]) == merkle.WIDTH * merkle.HASH:
                yield from full(level + 1)

    numbers: dict[int, int] = {}
    for value in hashes(log, size):
        above.setdefault(0, bytearray()).extend(value)
        if len(above[0]) == merkle.WIDTH * merkle.HASH:
            yield from full(0)
    for level in sorted(above):
        if above.get(level):
            yield from full(level)
    if Tile.objects.filter(log=log).count() != count:
        yield f"{log} has tiles that belong to no leaf"


def rows(log: Log) -> Iterator[str]:
    """The places in a county's log: each once, none left out, the published ones in the city's too."""
    mine = Leaf.objects.filter(log=log.name)
    found = mine.aggregate(many=Count("id"), last=Max("index"), placed=Count("city_index"))
    if (found["many"], found["last"]) != (log.size, log.size - 1 if log.size else None):
        yield f"{log.name} says it has {log.size} leaves, there are {found['many']}"
    if found["placed"] != log.published or not log.published <= log.size:
        yield f"{log.name} says {log.published} are published, {found['placed']} have a place in the city's log"


def leaf_of(event: Any, code: str) -> str:
    """The leaf hash of an event as its row stands today, hex."""
    return Link(event.county, code, event.n, event.prev, event.step, event.at, event.by, event.body).leaf()


def _chunk(leaves: list[Leaf]) -> Iterator[tuple[Leaf, str, str]]:
    """Each leaf with its case's code and its event's leaf hash today ("" where they are gone)."""
    log = leaves[0].log
    ids = {leaf.case_id for leaf in leaves}
    codes = dict(Case.objects.filter(county=log, id__in=ids).values_list("id", "code"))
    numbers = {leaf.n for leaf in leaves}
    events = {(e.case_id, e.n): e for e in Event.objects.filter(county=log, case_id__in=ids, n__in=numbers)}
    for leaf in leaves:
        event, code = events.get((leaf.case_id, leaf.n)), codes.get(leaf.case_id, "")
        yield leaf, code, leaf_of(event, code) if event is not None and code else ""


def _window(log: str, begin: int) -> list[Leaf]:
    return list(Leaf.objects.filter(log=log, index__gte=begin).order_by("index")[:CHUNK])


def named(leaf: Leaf, code: str) -> str:
    return f"leaf {leaf.index} of {leaf.log}: case {code or leaf.case_id} event {leaf.n}"


def leaves(log: Log) -> Iterator[str]:
    """Every leaf is the hash of its event, stands in the county's tiles and, once published, at its place in the city's."""
    next_ = 0
    while window := _window(log.name, next_):
        next_ = window[-1].index + 1
        county = store.leaves(log.name, window[0].index, min(next_, log.published))
        places = [leaf.city_index for leaf in window if leaf.city_index is not None]
        city = store.read(CITY, [(0, place // merkle.WIDTH) for place in places])
        for leaf, code, today in _chunk(window):
            if today != leaf.hash:
                yield f"{named(leaf, code)} {'was changed' if today else 'is gone'}"
            if leaf.index >= log.published:
                continue
            at = (leaf.index - window[0].index) * merkle.HASH
            tile = city.get((0, (leaf.city_index or 0) // merkle.WIDTH), b"")
            there = tile[(leaf.city_index or 0) % merkle.WIDTH * merkle.HASH :][: merkle.HASH]
            if leaf.city_index is None or not leaf.hash == county[at : at + merkle.HASH].hex() == there.hex():
                yield f"{named(leaf, code)} does not stand where the log says"


def unplaced() -> Iterator[str]:
    """Events without a leaf whose news is not on its way to the sequencer."""
    mine = {"county": OuterRef("county"), "case_id": OuterRef("case_id"), "n": OuterRef("n")}
    leaf = Leaf.objects.filter(log=OuterRef("county"), case_id=OuterRef("case_id"), n=OuterRef("n"))
    heard = (
        ~Exists(leaf),
        ~Exists(Outbox.objects.filter(**mine)),
        ~Exists(Delivery.objects.filter(listener=LISTENER, **mine)),
    )
    for county, case_id, n in (
        Event.objects.filter(*heard).order_by("id").values_list("county", "case_id", "n").iterator()
    ):
        yield f"event {n} of case {code_of(county, case_id)} has no leaf in the log of {county}"


def code_of(county: str, case_id: Any) -> str:
    return Case.objects.filter(county=county, id=case_id).values_list("code", flat=True).first() or str(case_id)


def counties(said: notes.Checkpoint) -> dict[str, tuple[int, str]]:
    """The extension lines: county → (size, root in base64)."""
    parts = [line.split(" ") for line in said.more]
    return {p[0]: (int(p[1]), p[2]) for p in parts if len(p) == 3 and p[1].isdigit()}


class _Grown:
    """One log's leaves read in step with its checkpoints."""

    def __init__(self, log: str, size: int) -> None:
        self.tree, self._left = merkle.Compact(), hashes(log, size)

    def upto(self, size: int) -> list[bytes]:
        fresh = list(islice(self._left, max(0, size - self.tree.size)))
        self.tree.extend(fresh)
        return fresh


def checkpoints(city: Log) -> Iterator[str]:
    """Every checkpoint ever signed: its signature, its root, its counties' roots, and their leaves in order in the city's log."""
    key, last = keys.signer().key, 0
    published = dict(Log.objects.exclude(name=CITY).values_list("name", "published"))
    grown, whole = {name: _Grown(name, size) for name, size in published.items()}, _Grown(CITY, city.published)
    row: Checkpoint | None = None
    for row in Checkpoint.objects.filter(log=CITY).order_by("size").iterator(chunk_size=500):
        try:
            said, _ = notes.open_checkpoint(row.note, key, origin=keys.origin())
        except notes.Wrong as error:
            yield f"the checkpoint of {row.size} leaves does not hold: {error}"
            continue
        fresh, gathered = whole.upto(row.size), list[bytes]()
        for name, (size, root) in sorted(counties(said).items()):
            if name not in grown:
                yield f"the checkpoint of {row.size} leaves speaks of {name}, which is no log"
                continue
            gathered += grown[name].upto(size)
            if grown[name].tree.size != size or base64.b64encode(grown[name].tree.root()).decode() != root:
                yield f"the checkpoint of {row.size} leaves has another root of {name}"
        if (said.size, said.root.hex()) != (row.size, row.root) or whole.tree.root() != said.root:
            yield f"the checkpoint of {row.size} leaves has another root than its leaves give"
        elif gathered != fresh:
            yield f"the leaves {last} to {row.size} of the city are not the counties' in their order"
        last = row.size
    if (row.note if row else "") != city.note or last != city.size or city.published != city.size:
        yield f"the city's log says {city.published} of {city.size} are published, its last checkpoint {last}"
    if any(one.tree.size != published[name] for name, one in grown.items()):
        yield "the last checkpoint does not hold all that the counties published"


def cosignatures() -> Iterator[str]:
    """Every witness's line holds under its checkpoint."""
    for one in Cosignature.objects.select_related("checkpoint").order_by("id").iterator(chunk_size=500):
        try:
            opened = notes.open_note(one.checkpoint.note + one.line + "\n", [notes.Key.parse(one.witness)])
            holds = any(int(one.at.timestamp()) == line.at for line in opened.signed)
        except notes.Wrong:
            holds = False
        if not holds:
            yield f"a cosignature of {one.witness.split('+')[0]} under {one.checkpoint.size} leaves does not hold"


def everything() -> Iterator[str]:
    """All that is wrong with the log in itself and with its events."""
    city = Log.objects.filter(name=CITY).first()
    for county in Log.objects.exclude(name=CITY).order_by("name"):
        yield from rows(county)
        yield from leaves(county)
        yield from tiles(county.name, county.published)
    if city is not None:
        yield from tiles(CITY, city.published)
        yield from checkpoints(city)
        yield from cosignatures()
    if Log.objects.exists():
        yield from unplaced()
