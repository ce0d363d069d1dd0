"""Where a request lies: by its point inside the outlines, by a known address_id, or by the names in its address."""

from __future__ import annotations

from functools import lru_cache

from minan.channels.open311.forms import Problem
from minan.kernel import directory, places
from minan.kernel.procedure import Words

OUTSIDE = Words("这个地点不在本市", "This place lies outside the city")
NO_POINT = Words("lat 和 long 要是数字", "lat and long must be numbers")
NO_PLACE = Words(
    "要给出地点：lat 和 long，或 address_string，或 address_id",
    "A location is needed: lat and long, or address_string, or address_id",
)
NO_JURISDICTION = Words("没有这个 jurisdiction_id", "jurisdiction_id was not found")
SUFFIXES = ("地方", "街道办事处", "办事处")


def point(lat: str, lon: str) -> tuple[float, float] | None:
    """(lon, lat), or None where neither is given. Raises Problem 400."""
    if not lat and not lon:
        return None
    try:
        here = float(lon), float(lat)
    except ValueError:
        raise Problem(400, NO_POINT) from None
    if not (-180 <= here[0] <= 180 and -90 <= here[1] <= 90):  # also refuses nan
        raise Problem(400, NO_POINT)
    return here


def jurisdiction(code: str) -> str:
    """A full division code of this city, "" where none was given. Raises Problem 404."""
    if code and code not in directory.city().places:
        raise Problem(404, NO_JURISDICTION)
    return code


@lru_cache(maxsize=4)
def _names(_stamp: int, level: str) -> tuple[tuple[str, str], ...]:
    """(name as people write it, code) of every place of a level, longest names first."""
    found = [(p.name, p.code) for p in directory.city().places.values() if p.level == level and not p.successor]
    for suffix in SUFFIXES:
        found += [
            (name.removesuffix(suffix), code)
            for name, code in found
            if name.endswith(suffix) and len(name) > len(suffix) + 1
        ]
    return tuple(sorted(found, key=lambda row: -len(row[0])))


def _only(words: str, level: str, inside: str) -> str:
    """The one place of a level that the words name; "" where none or several are named."""
    hits = {code for name, code in _names(directory.city().stamp, level) if code.startswith(inside) and name in words}
    return hits.pop() if len(hits) == 1 else ""


def named(words: str) -> str:
    """The county or township a written address names beyond doubt; "" where it does not. A person confirms it at the desk."""
    county = _only(words, "county", "")
    if not county:
        return ""
    return _only(words, "town", county[:6]) or county


def place(here: tuple[float, float] | None, address_id: str, address: str, within: str) -> str:
    """The place of a request, "" where nobody knows yet. A schematic centre never decides: a point gives what an outline gives.

    Raises Problem 400 for a point outside the city (or outside the jurisdiction asked for), and where no location is given.
    """
    if here is not None:
        certain = [found.code for found in places.tree().at(*here)]
        if not certain or (within and within not in certain and not certain[0].startswith(within[: width(within)])):
            raise Problem(400, OUTSIDE)
        return certain[0]
    if address_id and address_id in directory.city().places:
        return address_id
    if not address and not address_id:
        raise Problem(400, NO_PLACE)
    wider = within if directory.level_of(within) not in ("", "city") else ""
    return named(address) or wider


def width(code: str) -> int:
    return directory.LEVELS.get(directory.level_of(code), len(code))
