"""Proposes kinds from the words of a text, each with the words it was proposed for: a person chooses, or does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from minan.kernel import directory
from minan.lib.text import folded

PROPOSED = 3
SHORTEST = 2  # a single character says too little to be named as a reason, but still adds weight


@dataclass(frozen=True, slots=True)
class Guess:
    kind: Any
    because: tuple[str, ...]


def kinds(text: str, most: int = PROPOSED) -> list[Guess]:
    """The kinds whose own words stand in the text, best first; a longer word weighs more than two short ones."""
    said = folded(text)
    scored: list[tuple[int, int, Guess]] = []
    for rank, kind in enumerate(directory.city().kinds.values()):
        hits = [word for word in kind.words.split() if word in said] if kind.active else []
        weight = sum(len(word) ** 2 for word in hits)
        named = tuple(word for word in sorted(hits, key=len, reverse=True) if len(word) >= SHORTEST)
        if named:
            scored.append((-weight, rank, Guess(kind, named[:3])))
    return [guess for _, _, guess in sorted(scored, key=lambda row: row[:2])[:most]]
