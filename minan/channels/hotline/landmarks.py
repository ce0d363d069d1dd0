"""Places as people say them: divisions by their everyday names, and the city's own list of landmarks (landmarks.csv)."""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from minan.kernel import choices, directory
from minan.lib.text import folded

FILE, MOST = "landmarks.csv", 8


class Spot(NamedTuple):
    """A place to choose: its code, what was found (a landmark or the division's name), and where that lies, down from the county."""

    code: str
    name: str
    within: str


@lru_cache(maxsize=2)
def _read(path: Path, stamp: int) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.reader(file) if row and not row[0].startswith("#")]
    return tuple((row[0].strip(), row[1].strip(), tuple(folded(row[2]).split())) for row in rows[1:] if len(row) > 2)


def all_of_them() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """(name, place code, other names) of each landmark; none where the city has no such file."""
    path = Path(settings.CITY) / FILE
    try:
        return _read(path, path.stat().st_mtime_ns)
    except OSError:
        return ()


def _spot(code: str, name: str = "") -> Spot:
    return Spot(code, name or directory.place_name(code), directory.place_name(code, full=True))


def found(typed: str, most: int = MOST) -> list[Spot]:
    """What was typed into the field for the place: landmarks first, then divisions, towns before villages."""
    word = folded(typed).strip()
    if not word:
        return []
    known = directory.city().places
    marks = [
        (n, c) for n, c, others in all_of_them() if c in known and (word in folded(n) or any(word in o for o in others))
    ]
    spots = [_spot(code, name) for name, code in sorted(marks, key=lambda m: len(m[0]))]
    codes = choices.looked_for(typed) or choices.named(typed)
    return (spots + [_spot(code) for code in codes])[:most]


def named(text: str, most: int = 4) -> list[Spot]:
    """The places that what was said names by itself: landmarks, then villages and towns by their everyday names."""
    said, known = folded(text), directory.city().places
    marks = [
        _spot(c, n)
        for n, c, others in all_of_them()
        if c in known and (folded(n) in said or any(o in said for o in others if len(o) > 2))
    ]
    towns = choices.named(text, most=most * 2)
    within = {code for code in towns for other in towns if code != other and directory.within(other, "town") == code}
    return (marks + [_spot(code) for code in towns if code not in within])[:most]
