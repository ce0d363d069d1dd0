"""Where a case is, as a small drawing: the county's outline, its townships' centres and one pin; schematic pins say so."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from shapely.geometry import shape

from minan.kernel import directory, places
from minan.kernel.models import Case, Place

WIDTH, HEIGHT, EDGE = 288, 170, 10
DETAIL = 0.004  # degrees an outline may be off by: half a pixel at this size
DOTS_MOST = 80


class Frame(NamedTuple):
    """How degrees become pixels for one county, and its outline as an SVG path."""

    west: float
    north: float
    across: float
    down: float
    path: str

    def spot(self, lon: float, lat: float) -> tuple[float, float]:
        return round((lon - self.west) * self.across, 1), round((self.north - lat) * self.down, 1)


@lru_cache(maxsize=32)
def _frame(county: str, stamp: int) -> Frame | None:
    outline = Place.objects.filter(code=county).values_list("outline", flat=True).first()
    if not outline:
        return None
    it: Any = shape(outline).simplify(DETAIL)
    west, south, east, north = it.bounds
    scale = min((WIDTH - 2 * EDGE) / (0.77 * (east - west)), (HEIGHT - 2 * EDGE) / (north - south))
    across, down = scale * 0.77, scale  # 0.77: how much narrower a degree of longitude is at 39.5° north
    west -= (WIDTH / across - (east - west)) / 2
    north += (HEIGHT / down - (north - south)) / 2
    bare = Frame(west, north, across, down, "")
    rings = [p.exterior.coords for p in (it.geoms if hasattr(it, "geoms") else [it])]
    path = "".join(
        "M" + "L".join(f"{x} {y}" for x, y in (bare.spot(a, b) for a, b, *_z in ring)) + "Z" for ring in rings
    )
    return bare._replace(path=path)


def of(case: Case) -> dict[str, Any] | None:
    """The drawing of a case; None where its county is not known or has no outline. No query but the first for a county."""
    county = directory.within(case.place, "county")
    frame = _frame(county, directory.city().stamp) if county else None
    if frame is None:
        return None
    nodes = places.tree().nodes
    town = directory.within(case.place, "town")
    near = [n for n in nodes.values() if n.parent == town and (n.centre or n.sketch)][:DOTS_MOST] if town else []
    dots = [frame.spot(*(n.centre or n.sketch or (0.0, 0.0))) for n in near]
    here, exact = None, case.lon is not None and case.lat is not None
    if case.lon is not None and case.lat is not None:
        here = frame.spot(case.lon, case.lat)
    elif town and (node := nodes.get(case.place)) and (centre := node.centre or node.sketch):
        here = frame.spot(*centre)
    return {
        "path": frame.path, "dots": dots, "here": here, "exact": exact,
        "width": WIDTH, "height": HEIGHT, "county": directory.place_name(county),
    }  # fmt: skip
