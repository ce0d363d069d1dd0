"""Where a request lies: by its point inside the outlines, by a known address_id, or by the names in its address."""

from __future__ import annotations

from minan.channels.open311.forms import Problem
from minan.kernel import directory, places
from minan.kernel.place_words import named
from minan.kernel.procedure import Words

OUTSIDE = Words("这个地点不在本市", "This place lies outside the city")
NO_POINT = Words("lat 和 long 要是数字", "lat and long must be numbers")
NO_PLACE = Words(
    "要给出地点：lat 和 long，或 address_string，或 address_id",
    "A location is needed: lat and long, or address_string, or address_id",
)
NO_JURISDICTION = Words("没有这个 jurisdiction_id", "jurisdiction_id was not found")


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
