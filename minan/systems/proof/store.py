"""The stored tiles of a log: read for proofs in one query, and grown by new leaves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import reduce
from operator import or_
from typing import TypeVar

from django.db.models import Q

from minan.kernel import merkle
from minan.systems.proof.models import Tile

Place = tuple[int, int]  # (tile level, tile number)
T = TypeVar("T")
MANY = 200  # tiles in one query


def read(log: str, wanted: Iterable[Place]) -> dict[Place, bytes]:
    """These tiles, one query for each MANY; a tile that is not there is left out."""
    places, out = sorted(set(wanted)), dict[Place, bytes]()
    for at in range(0, len(places), MANY):
        levels: dict[int, list[int]] = defaultdict(list)
        for level, number in places[at : at + MANY]:
            levels[level].append(number)
        some = reduce(or_, (Q(level=level, number__in=numbers) for level, numbers in levels.items()))
        for level, number, hashes in Tile.objects.filter(some, log=log).values_list("level", "number", "hashes"):
            out[level, number] = bytes(hashes)
    return out


def proved(log: str, ask: Callable[[merkle.Node], T]) -> T:
    """What `ask` makes of a log's nodes: it runs once to learn which tiles it wants, and again with them."""
    wanted: set[Place] = set()

    def noted(level: int, index: int) -> bytes:
        tile, number, _, _ = merkle.place(level, index)
        wanted.add((tile, number))
        return merkle.EMPTY

    ask(noted)
    tiles = read(log, wanted)
    return ask(merkle.from_tiles(lambda level, number: tiles.get((level, number), b"")))


def leaves(log: str, begin: int, end: int) -> bytes:
    """The leaf hashes [begin, end) end to end."""
    numbers = range(begin // merkle.WIDTH, -(-end // merkle.WIDTH))
    tiles = read(log, [(0, number) for number in numbers])
    whole = b"".join(tiles.get((0, number), b"") for number in numbers)
    first = begin % merkle.WIDTH * merkle.HASH
    return whole[first : first + (end - begin) * merkle.HASH]


def grow(log: str, size: int, fresh: Iterable[bytes]) -> merkle.Compact:
    """Append leaf hashes to a log of `size` leaves and store the tiles that changed; returns the tree as it then is."""
    tree = proved(log, lambda node: merkle.compact(size, node))
    added: dict[Place, list[bytes]] = defaultdict(list)
    for leaf in fresh:
        for level, index, value in tree.add(leaf):
            tile, rest = divmod(level, merkle.HEIGHT)
            if not rest:
                added[tile, index // merkle.WIDTH].append(value)
    begun = {place for place in added if (size >> place[0] * merkle.HEIGHT) // merkle.WIDTH == place[1]}
    before = read(log, begun) if begun else {}
    rows = [
        Tile(log=log, level=level, number=number, hashes=before.get((level, number), b"") + b"".join(values))
        for (level, number), values in sorted(added.items())
    ]
    Tile.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["log", "level", "number"], update_fields=["hashes"], batch_size=200
    )
    return tree
