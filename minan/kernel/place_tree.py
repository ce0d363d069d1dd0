"""The tree of places and what a point on the map can say about it. Pure.

A place's width is fixed by its level, never by trailing zeros: 131022100000 is 固安镇, nine digits wide. A point finds
with certainty only what has a real outline; a schematic centre proposes and never decides.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, NamedTuple

import numpy as np
from shapely import STRtree
from shapely.geometry import Point, shape

from minan.lib.geo import metres

WIDTH: Final = {"city": 4, "county": 6, "town": 9, "village": 12, "grid": 15}
LEVELS: Final = tuple(WIDTH)
PARENT_LEVEL: Final = {"city": "", "county": "city", "town": "county", "village": "town", "grid": "village"}
PROPOSED: Final = 5  # how many places a point proposes
STEPS_MOST: Final = 16  # successors followed, ancestors climbed

How = Literal["polygon", "outline", "centre", "schematic"]


class Node(NamedTuple):
    """One place: WGS-84 centre where truly known, schematic centre else; `ended` where its code holds no longer."""

    code: str
    name: str
    level: str
    parent: str
    centre: tuple[float, float] | None = None
    sketch: tuple[float, float] | None = None
    successor: str = ""
    ended: bool = False


class Found(NamedTuple):
    """A place of a point and how it was found; `metres` from its centre where it is only a proposal."""

    code: str
    name: str
    level: str
    how: How
    metres: int | None = None

    @property
    def certain(self) -> bool:
        """True where an outline says so; the others a person must confirm."""
        return self.how in ("polygon", "outline")


class Tree:
    """All places of an installation, in memory."""

    def __init__(self, nodes: Iterable[Node], outlines: Mapping[str, Any] | None = None) -> None:
        """`outlines`: GeoJSON geometry by code, WGS-84; codes that are unknown or ended are left out."""
        self.nodes = {node.code: node for node in nodes}
        self._before: dict[str, list[str]] = {}
        for node in self.nodes.values():
            if node.successor:
                self._before.setdefault(node.successor, []).append(node.code)
        drawn = [c for c in outlines or {} if c in self.nodes and not self.nodes[c].ended]
        # Innermost first; the code settles a point on a border the same way each time.
        self._drawn = sorted(drawn, key=lambda c: (-WIDTH[self.nodes[c].level], c))
        self._index = STRtree([shape((outlines or {})[code]) for code in self._drawn])
        self._villages = [
            n for n in self.nodes.values() if n.level == "village" and not n.ended and (n.centre or n.sketch)
        ]
        points = [n.centre or n.sketch or (0.0, 0.0) for n in self._villages]
        self._points = np.array(points, dtype=float).reshape(-1, 2)
        outlined = {c for c in self._drawn if self.nodes[c].level == "county"}
        # 0: its county has no outline (a development zone), so its villages are proposed wherever they are near.
        counties = [self.within(n.code, "county") for n in self._villages]
        self._county = np.array([int(c[:6]) if c in outlined else 0 for c in counties], dtype=int)

    # ---- the tree

    def level(self, code: str) -> str:
        """The level of a place; "" for a code nobody knows (15 digits are a grid all the same)."""
        node = self.nodes.get(code)
        return node.level if node else "grid" if len(code) == WIDTH["grid"] else ""

    def subtree(self, code: str) -> tuple[str, str]:
        """(lo, hi): every code of the place and below is lo <= code < hi, on any collation (digits only). KeyError if unknown."""
        level = self.level(code)
        if not level:
            raise KeyError(code)
        prefix = code[: WIDTH[level]]
        return prefix, str(int(prefix) + 1).zfill(len(prefix))

    def ranges(self, code: str) -> list[tuple[str, str]]:
        """The subtree, and those of places that became part of it: an old case keeps the code it began with."""
        out: list[tuple[str, str]] = []
        todo, seen = [code], {code}
        while todo:
            here = todo.pop(0)
            lo, hi = self.subtree(here)
            if not any(a <= lo and hi <= b for a, b in out):
                out.append((lo, hi))
            inside = [c for c in self._before if lo <= c < hi]
            todo += [b for c in inside for b in self._before[c] if b not in seen]
            seen.update(todo)
        return out

    def ancestors(self, code: str) -> list[Node]:
        """The places around it, innermost first, without itself."""
        out: list[Node] = []
        here = self.nodes.get(self.nodes[code].parent) if code in self.nodes else None
        while here and len(out) < STEPS_MOST:
            out.append(here)
            here = self.nodes.get(here.parent)
        return out

    def within(self, code: str, level: str) -> str:
        """The full code of the place of this level around (or at) `code`; "" where there is none."""
        around = [self.nodes[code], *self.ancestors(code)] if code in self.nodes else []
        return next((node.code for node in around if node.level == level), "")

    def today(self, code: str) -> str:
        """The code that holds today for what `code` was."""
        for _ in range(STEPS_MOST):
            node = self.nodes.get(code)
            if node is None or not node.successor:
                break
            code = node.successor
        return code

    # ---- the map

    def at(self, lon: float, lat: float) -> list[Found]:
        """What is certain about a WGS-84 point, innermost first; [] outside every outline."""
        hits = sorted(int(i) for i in self._index.query(Point(lon, lat), predicate="intersects"))
        if not hits:
            return []
        node = self.nodes[self._drawn[hits[0]]]
        inner: How = "outline" if node.level in ("county", "city") else "polygon"
        around = [node, *self.ancestors(node.code)]
        return [Found(n.code, n.name, n.level, "outline" if n.level in ("county", "city") else inner) for n in around]

    def near(self, lon: float, lat: float, count: int = PROPOSED) -> list[Found]:
        """The nearest villages by centre, nearest first: proposals for a person to choose from. None outside every county,
        none where a village's own polygon has already said which it is."""
        known = self.at(lon, lat)
        county = next((f.code for f in known if f.level == "county"), "")
        if not county or any(f.level in ("village", "grid") for f in known) or not len(self._points):
            return []
        squeeze = math.cos(math.radians(lat))
        away = ((self._points[:, 0] - lon) * squeeze) ** 2 + (self._points[:, 1] - lat) ** 2
        allowed = (self._county == int(county[:6])) | (self._county == 0)
        town = next((f.code for f in known if f.level == "town"), "")
        if town:
            inside = [n.code[:9] == town[:9] for n in self._villages]
            allowed &= np.array(inside)
        away = np.where(allowed, away, np.inf)
        order = [int(i) for i in np.argsort(away, kind="stable")[:count] if np.isfinite(away[i])]
        return [self._proposal(self._villages[i], lon, lat) for i in order]

    def _proposal(self, node: Node, lon: float, lat: float) -> Found:
        centre = node.centre or node.sketch or (0.0, 0.0)
        how: How = "centre" if node.centre else "schematic"
        return Found(node.code, node.name, node.level, how, round(metres((lon, lat), centre)))

    def find(self, lon: float, lat: float, count: int = PROPOSED) -> list[Found]:
        """All the places of a point, innermost first, each with how it was found: proposals, then what is certain."""
        return self.near(lon, lat, count) + self.at(lon, lat)
