"""A signature drawn with a finger, as the points it ran through: read strictly, kept small, turned into a picture by us alone.

The text is `600x240;12,34 15,37 …;…`: the size of the sheet, then one stroke after another, whole numbers inside the sheet. No
markup ever comes from a client; what cannot be read is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

TEXT_MOST = 12_000  # characters
STROKES_MOST, POINTS_MOST, POINTS_LEAST = 60, 1500, 6
SIDE_LEAST, SIDE_MOST = 100, 1200
SPREAD = 20  # it must reach so far one way: a tap is no signature
EDGE = 8  # around the ink
FORM = re.compile(r"(\d{3,4})x(\d{3,4})((?:;\d{1,4},\d{1,4}(?: \d{1,4},\d{1,4})*)+)", re.ASCII)
Point = tuple[int, int]


class Unfit(ValueError):
    """This is no drawn signature. `small`: it is one, with hardly any ink."""

    def __init__(self, *, small: bool = False) -> None:
        super().__init__("hardly any ink" if small else "no drawn signature")
        self.small = small


@dataclass(frozen=True, slots=True)
class Drawing:
    """Strokes of points, in units of a sheet of `width` by `height`."""

    width: int
    height: int
    strokes: tuple[tuple[Point, ...], ...]

    def text(self) -> str:
        lines = (" ".join(f"{x},{y}" for x, y in stroke) for stroke in self.strokes)
        return f"{self.width}x{self.height};" + ";".join(lines)

    def svg(self) -> str:
        """The ink alone, cut to its edges, black on nothing; only numbers of ours stand in it."""
        xs, ys = ([p[n] for stroke in self.strokes for p in stroke] for n in (0, 1))
        left, top = min(xs) - EDGE, min(ys) - EDGE
        wide, high = max(xs) - left + EDGE, max(ys) - top + EDGE
        paths = "".join(f'<path d="{_path(stroke)}"/>' for stroke in self.strokes)
        ink = f'fill="none" stroke="#111" stroke-width="{max(3, self.width // 120)}" stroke-linecap="round" stroke-linejoin="round"'
        box = f'viewBox="{left} {top} {wide} {high}" width="{wide}" height="{high}"'
        return f'<svg xmlns="http://www.w3.org/2000/svg" {box}><g {ink}>{paths}</g></svg>'


def _path(stroke: tuple[Point, ...]) -> str:
    """Through the middles between the points, so that a hand's line is round."""
    if len(stroke) == 1:
        return f"M{stroke[0][0]} {stroke[0][1]}h1"
    said = f"M{stroke[0][0]} {stroke[0][1]}"
    for (x, y), (to_x, to_y) in pairwise(stroke[1:]):
        said += f"Q{x} {y} {(x + to_x) / 2:g} {(y + to_y) / 2:g}"
    return said + f"L{stroke[-1][0]} {stroke[-1][1]}"


def read(text: str) -> Drawing:
    """The drawing of a text. Raises Unfit."""
    found = FORM.fullmatch(text) if len(text) <= TEXT_MOST else None
    if found is None:
        raise Unfit
    width, height = int(found[1]), int(found[2])
    strokes = tuple(tuple(_point(one) for one in stroke.split(" ")) for stroke in found[3][1:].split(";"))
    points = [point for stroke in strokes for point in stroke]
    if not (SIDE_LEAST <= width <= SIDE_MOST and SIDE_LEAST <= height <= SIDE_MOST):
        raise Unfit
    if len(strokes) > STROKES_MOST or len(points) > POINTS_MOST or any(x > width or y > height for x, y in points):
        raise Unfit
    spread = max(max(p[n] for p in points) - min(p[n] for p in points) for n in (0, 1))
    if len(points) < POINTS_LEAST or spread < SPREAD:
        raise Unfit(small=True)
    return Drawing(width, height, strokes)


def _point(text: str) -> Point:
    x, _comma, y = text.partition(",")
    return int(x), int(y)
