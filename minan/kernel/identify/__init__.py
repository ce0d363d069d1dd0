"""What in a text tells who somebody is: numbers that are sure, and names, homes and accounts that a clerk must look at. Pure."""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise

from minan.kernel.identify import homes, names, numbers
from minan.kernel.identify.mark import INSTEAD, Mark

__all__ = ["INSTEAD", "Mark", "marks", "replaced", "sure", "unsure"]


READ_MOST = 20_000  # characters read for names and homes: more than any field takes, and what a clerk can look through


def _apart(found: list[Mark], length: int) -> list[Mark]:
    """Without overlaps, in order; where two lie over each other the sure one stays, else the longer, else the first."""
    found.sort()
    if all(before.end <= after.start for before, after in pairwise(found)):
        return found
    found.sort(key=lambda m: (not m.sure, m.start - m.end, m.start))
    taken, covered = [], bytearray(length)
    for mark in found:
        if covered.find(1, mark.start, mark.end) < 0:
            covered[mark.start : mark.end] = b"\1" * (mark.end - mark.start)
            taken.append(mark)
    taken.sort()
    return taken


def sure(text: str) -> list[Mark]:
    """Phones, ID numbers with a right check digit, plates, bank cards, mail addresses and QQ numbers, in order."""
    return _apart(numbers.sure(text), len(text))


def unsure(text: str, places: Collection[str] = ()) -> list[Mark]:
    """Names, homes and account names, and numbers that are nearly right; `places` are names of places and offices, which are nobody's."""
    return [mark for mark in marks(text, places) if not mark.sure]


def marks(text: str, places: Collection[str] = ()) -> list[Mark]:
    """Everything that may identify, in order and without overlaps. Time is linear in the text, whatever it holds."""
    some = text[:READ_MOST]
    found = [*numbers.sure(text), *numbers.doubtful(some), *homes.found(some), *names.found(some, places)]
    return _apart(found, len(text))


def replaced(text: str, found: list[Mark]) -> str:
    """The text with each mark's word in brackets; `found` in order, without overlaps."""
    out, last = [], 0
    for mark in found:
        out += [text[last : mark.start], INSTEAD[mark.sort]]
        last = mark.end
    return "".join([*out, text[last:]])
