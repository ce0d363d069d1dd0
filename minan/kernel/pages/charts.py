"""Pictures a leader's page is drawn with: a map of places and twelve weeks, as plain figures for an SVG template. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

WIDTH, HEIGHT_MOST, EDGE = 330.0, 460.0, 14.0
CALM, BUSY = 2.0, 3.0  # late of a hundred open: where the ground turns from quiet to warm to red
Point = tuple[float, float]


@dataclass(slots=True)
class Area:
    """One place on the map: an outline, or a dot where only a schematic centre is known."""

    code: str
    name: str
    short: str = ""
    path: str = ""
    x: float = 0.0
    y: float = 0.0
    tone: str = ""
    open: int = 0
    late: int = 0
    url: str = ""


@dataclass(slots=True)
class Map:
    width: float
    height: float
    areas: list[Area] = field(default_factory=list)
    ground: str = ""  # the outline around the dots

    @property
    def box(self) -> str:
        return f"0 0 {self.width:.0f} {self.height:.0f}"


@dataclass(frozen=True, slots=True)
class Bar:
    week: str
    x: float
    width: float
    y: float
    height: float
    late_y: float
    late_height: float
    count: int
    late: int


def tone(late: int, count: int, least: int) -> str:
    """The ground of a place: "" where there are too few to say, then 1, 2, 3."""
    if count < least:
        return ""
    share = 100 * late / count
    return "1" if share < CALM else "2" if share < BUSY else "3"


def rings(geometry: Mapping[str, Any]) -> list[list[Point]]:
    """The rings of a GeoJSON polygon or multipolygon."""
    parts = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [[(float(x), float(y)) for x, y, *_ in ring] for part in parts for ring in part]


class Frame:
    """Puts longitude and latitude on the sheet: one scale both ways at the middle latitude, north up."""

    def __init__(self, points: Sequence[Point]) -> None:
        self.west, self.east = min(p[0] for p in points), max(p[0] for p in points)
        self.south, self.north = min(p[1] for p in points), max(p[1] for p in points)
        self.squeeze = math.cos(math.radians((self.south + self.north) / 2))
        wide = max((self.east - self.west) * self.squeeze, 1e-6)
        high = max(self.north - self.south, 1e-6)
        self.scale = min((WIDTH - 2 * EDGE) / wide, (HEIGHT_MOST - 2 * EDGE) / high)
        self.width, self.height = wide * self.scale + 2 * EDGE, high * self.scale + 2 * EDGE

    def at(self, point: Point) -> Point:
        x = EDGE + (point[0] - self.west) * self.squeeze * self.scale
        return round(x, 1), round(EDGE + (self.north - point[1]) * self.scale, 1)

    def path(self, geometry: Mapping[str, Any]) -> str:
        lines = []
        for ring in rings(geometry):
            lines.append("M" + "L".join(f"{x} {y}" for x, y in map(self.at, ring)) + "z")
        return "".join(lines)


def middle(geometry: Mapping[str, Any]) -> Point:
    """Where a name stands: the centroid of the largest ring."""
    ring = max(rings(geometry), key=lambda r: abs(_area(r)))
    twice = 2 * _area(ring)
    if not twice:
        return ring[0]
    x = y = 0.0
    for (ax, ay), (bx, by) in zip(ring, ring[1:] + ring[:1], strict=True):
        cross = ax * by - bx * ay
        x, y = x + (ax + bx) * cross, y + (ay + by) * cross
    return x / (3 * twice), y / (3 * twice)


def _area(ring: Sequence[Point]) -> float:
    return sum(ax * by - bx * ay for (ax, ay), (bx, by) in zip(ring, [*ring[1:], ring[0]], strict=True)) / 2


def outlined(shapes: Mapping[str, tuple[str, Mapping[str, Any]]]) -> Map | None:
    """A map of places by code → (name, outline); None without any."""
    if not shapes:
        return None
    frame = Frame([p for _, geometry in shapes.values() for ring in rings(geometry) for p in ring])
    areas = []
    for code, (name, geometry) in shapes.items():
        x, y = frame.at(middle(geometry))
        areas.append(Area(code, name, name, frame.path(geometry), x, y))
    return Map(frame.width, frame.height, areas)


def dotted(ground: Mapping[str, Any] | None, dots: Mapping[str, tuple[str, Point]]) -> Map | None:
    """A map of schematic centres, code → (name, point), on the outline around them; None without any."""
    if not dots:
        return None
    edge = [p for ring in rings(ground) for p in ring] if ground else []
    frame = Frame(edge + [point for _, point in dots.values()])
    areas = []
    for code, (name, point) in dots.items():
        x, y = frame.at(point)
        areas.append(Area(code, name, name, "", x, y))
    return Map(frame.width, frame.height, areas, frame.path(ground) if ground else "")


BAR_WIDE, BAR_HIGH, BAR_TOP = 44.0, 120.0, 18.0


def bars(weeks: Iterable[tuple[str, int, int]]) -> list[Bar]:
    """Twelve weeks as bars of what was said, (week, said, still late); the tallest fills the sheet."""
    rows = list(weeks)
    most = max((count for _, count, _ in rows), default=0) or 1
    out = []
    for number, (week, count, late) in enumerate(rows):
        high, red = BAR_HIGH * count / most, BAR_HIGH * min(late, count) / most
        foot = BAR_TOP + BAR_HIGH
        place = round(number * BAR_WIDE + 6, 1)
        out.append(
            Bar(
                week,
                place,
                BAR_WIDE - 12,
                round(foot - high, 1),
                round(high, 1),
                round(foot - red, 1),
                round(red, 1),
                count,
                late,
            )
        )
    return out
