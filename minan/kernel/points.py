"""What the first words of a call sound like: points for every piece of one to three letters, in the file emergency_points.tsv.

Rules know the words that somebody thought of; people in fear say others (俺娘厥过去咧). So sentences that people might say were
written down, of each danger and of none, and the points were counted from them (tools/danger.py, by logistic regression):
each piece of a text adds its points for each danger, and the sums become shares. Who wonders why reads the lines of the file.
Pure: a text in, shares out, in well under a millisecond.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from minan.lib.text import folded

FILE = Path(__file__).with_name("emergency_points.tsv")
SCALE = 20  # points of one unit of log-odds
LONGEST = 3  # letters of a piece
NONE = "-"  # the column of what is no danger
ALWAYS = "*"  # the piece that every text has
_between = re.compile(r"[\W_]+")


def pieces(text: str) -> set[str]:
    """Every run of one to three letters that no blank or mark breaks, and the one that every text has."""
    out = {ALWAYS}
    for run in _between.split(folded(text)):
        out.update(run[at : at + size] for size in range(1, LONGEST + 1) for at in range(len(run) - size + 1))
    out.discard("")
    return out


@dataclass(frozen=True, slots=True)
class Sounds:
    """Shares that add up to 1, of each danger and of none; and the pieces that told most, longest first."""

    shares: Mapping[str, float]
    because: Mapping[str, tuple[str, ...]]

    @property
    def danger(self) -> float:
        """The share of all dangers together, 0 to 1."""
        return 1.0 - self.shares[NONE]


@dataclass(frozen=True, slots=True)
class Points:
    """The columns, and for each piece one signed byte a column."""

    names: tuple[str, ...]
    of: Mapping[str, bytes]

    def heard(self, text: str, signs: Iterable[str] = ()) -> Sounds:
        """How this text sounds; `signs`: what is known of it besides, as pieces that begin with @."""
        found = [(piece, row) for piece in sorted({*pieces(text), *signs}) if (row := self.of.get(piece)) is not None]
        sums = [sum(column) - 128 * len(found) for column in zip(*(row for _, row in found), strict=True)]
        most = max(sums)
        parts = [math.exp((one - most) / SCALE) for one in sums]
        shares = {name: part / sum(parts) for name, part in zip(self.names, parts, strict=True)}
        return Sounds(shares, {name: _tellers(found, n, text) for n, name in enumerate(self.names) if name != NONE})


def _tellers(found: Iterable[tuple[str, bytes]], column: int, text: str) -> tuple[str, ...]:
    """At most three pieces of two letters or more with the most points for this danger, none inside another."""
    out: list[str] = []
    for piece, _ in sorted(found, key=lambda one: (-one[1][column], -len(one[0]), one[0])):
        if len(piece) > 1 and piece[0] != "@" and not any(piece in other or other in piece for other in out):
            out.append(piece)
        if len(out) == 3:
            break
    return tuple(sorted(out, key=text.find))


def parsed(lines: Iterable[str]) -> Points:
    """A file of points: the first line names the columns, each other one is `piece<TAB>fire 31 gas -4`. Raises ValueError, KeyError."""
    rows = (line.rstrip("\n").split("\t") for line in lines if not line.startswith("#"))
    names = tuple(next(rows))
    place = {name: n for n, name in enumerate(names)}
    of = {}
    for piece, told in rows:
        row = bytearray([128]) * len(names)
        words = told.split(" ")
        for name, points in zip(words[::2], words[1::2], strict=True):
            row[place[name]] = int(points) + 128
        of[piece] = bytes(row)
    return Points(names, of)


@cache
def points() -> Points:
    """The points that come with the program."""
    with FILE.open(encoding="utf-8") as lines:
        return parsed(lines)
