"""The places of this installation, in memory: subtrees as ranges, what a point finds, what it only proposes."""

from __future__ import annotations

import threading

from minan.kernel import directory
from minan.kernel.models import Place
from minan.kernel.place_tree import LEVELS, PROPOSED, WIDTH, Found, Node, Tree

__all__ = [
    "LEVELS",
    "WIDTH",
    "Found",
    "Node",
    "Tree",
    "ancestors",
    "find",
    "level",
    "near",
    "ranges",
    "subtree",
    "today",
    "tree",
]

_lock = threading.Lock()
_read: tuple[object, Tree] | None = None


def tree() -> Tree:
    """The tree that belongs to the directory as last read; built anew (some 50 ms) only after the city changed, not with the day."""
    global _read
    known = directory.city().places
    if _read is None or _read[0] is not known:
        with _lock:
            if _read is None or _read[0] is not known:
                _read = (known, _built())
    return _read[1]


def _pair(lon: float | None, lat: float | None) -> tuple[float, float] | None:
    return (lon, lat) if lon is not None and lat is not None else None


def _built() -> Tree:
    columns = ("code", "name", "level", "parent", "lon", "lat", "slon", "slat", "successor", "until")
    nodes = []
    for code, name, lev, parent, lon, lat, slon, slat, successor, until in Place.objects.values_list(*columns):
        nodes.append(Node(code, name, lev, parent, _pair(lon, lat), _pair(slon, slat), successor, until is not None))
    return Tree(nodes, dict(Place.objects.filter(outline__isnull=False).values_list("code", "outline")))


def level(code: str) -> str:
    """The level of a place: city, county, town, village, grid; "" for a code nobody knows."""
    return tree().level(code)


def subtree(code: str) -> tuple[str, str]:
    """(lo, hi): a place and all below it is lo <= code < hi. KeyError for a code nobody knows."""
    return tree().subtree(code)


def ranges(code: str) -> list[tuple[str, str]]:
    """The subtree, and those of the older codes that became part of it."""
    return tree().ranges(code)


def ancestors(code: str) -> list[Node]:
    """The places around it, innermost first, without itself."""
    return tree().ancestors(code)


def today(code: str) -> str:
    """The code that holds today for what `code` was."""
    return tree().today(code)


def find(lon: float, lat: float, count: int = PROPOSED) -> list[Found]:
    """The places of a WGS-84 point, innermost first: villages that are only proposed, then what an outline makes certain."""
    return tree().find(lon, lat, count)


def near(lon: float, lat: float, count: int = PROPOSED) -> list[Found]:
    """The nearest villages, for a person to choose from."""
    return tree().near(lon, lat, count)
