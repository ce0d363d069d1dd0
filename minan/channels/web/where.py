"""The place of what is said, without a map: found by name or stepped down county, town, village; a person always confirms."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.http import QueryDict

from minan.kernel import directory, places
from minan.kernel.directory import Spot
from minan.lib.text import folded

FOUND_MOST = 8
Q_MOST = 40


@dataclass(slots=True)
class Where:
    """What has been chosen so far: `place` is confirmed; county, town and village are the list's own state."""

    place: str = ""
    county: str = ""
    town: str = ""
    village: str = ""
    q: str = ""
    found: list[Spot] = field(default_factory=list)
    lon: float | None = None
    lat: float | None = None
    outside: bool = False  # the point lies in no county of this city

    @property
    def name(self) -> str:
        return directory.place_name(self.place, full=True) if self.place else ""

    @property
    def counties(self) -> list[Spot]:
        return below("")

    @property
    def towns(self) -> list[Spot]:
        return below(self.county) if self.county else []

    @property
    def villages(self) -> list[Spot]:
        return below(self.town) if self.town else []

    @property
    def choices(self) -> list[tuple[str, str]]:
        """The places found by name, each with the ones around it."""
        return [(spot.code, directory.place_name(spot.code, full=True)) for spot in self.found]

    @property
    def point(self) -> tuple[float, float] | None:
        return (self.lon, self.lat) if self.lon is not None and self.lat is not None else None


def below(code: str) -> list[Spot]:
    """The places just below one; the counties for "". Places whose code holds no longer are left out."""
    level = {"": "county", "county": "town", "town": "village"}.get(directory.level_of(code) if code else "")
    rows = directory.city().places.values()
    return [s for s in rows if s.level == level and not s.successor and (not code or s.parent == code)] if level else []


def search(q: str) -> list[Spot]:
    """Towns and villages in whose full name every word of `q` stands, towns first; at most FOUND_MOST."""
    words = folded(q[:Q_MOST]).split()
    if not words:
        return []
    rows = [s for s in directory.city().places.values() if s.level in ("town", "village") and not s.successor]
    last = [s for s in rows if words[-1] in s.name.lower()]
    hits = [s for s in last if all(word in directory.place_name(s.code, full=True).lower() for word in words)]
    return sorted(hits, key=lambda s: (s.level != "town", not s.name.startswith(words[-1]), s.code))[:FOUND_MOST]


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if -180 <= value <= 180 else None


def _known(code: str, parent: str = "") -> str:
    spot = directory.city().places.get(code)
    return code if spot is not None and (not parent or spot.parent == parent) else ""


def read(post: QueryDict, do: str) -> Where:
    """What the form says about the place. `do`: clear forgets it, find looks `place_q` up, below goes down the list."""
    here = Where(q=post.get("place_q", "").strip()[:Q_MOST])
    if do == "clear":
        return here
    here.lon, here.lat = _number(post.get("lon", "")), _number(post.get("lat", ""))
    here.county = _known(post.get("county", ""))
    here.town = _known(post.get("town", ""), here.county) if here.county else ""
    here.village = _known(post.get("village", ""), here.town) if here.town else ""
    chosen = [post.get("place_found", ""), here.village, *post.getlist("place")]
    here.place = next((code for code in chosen if _known(code)), "")
    if not here.place and not do:  # it is being sent: what the list says so far is better than nothing
        here.place = here.town or here.county
    if here.point:
        _by_point(here, *here.point, sent=not do)
    if do == "find" and not here.place:
        here.found = search(here.q)
    return here


def _by_point(here: Where, lon: float, lat: float, *, sent: bool) -> None:
    """A point decides its county by outline, and nothing below: that a person confirms (a schematic centre only proposes)."""
    found = places.find(lon, lat)
    certain = [f for f in found if f.certain and f.level != "city"]
    here.outside = not found and not here.place
    county = directory.within(here.place, "county")
    if not found or (
        county and certain and certain[-1].code != county
    ):  # a place that was confirmed outweighs a press on the map
        here.lon = here.lat = None
    elif sent and not here.place and certain:
        here.place = certain[0].code
