"""Whether what was said sounds like an emergency, and which telephone numbers stand in front then. Never stops a filing."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from minan.lib.text import folded

ORDER = ("119", "120", "110", "122")


@cache
def words() -> dict[str, tuple[str, ...]]:
    """Word → numbers, from emergency.txt beside this file."""
    lines = Path(__file__).with_name("emergency.txt").read_text("utf-8").splitlines()
    found: dict[str, tuple[str, ...]] = {}
    for line in lines:
        if line.strip() and not line.startswith("#"):
            parts = line.split()
            numbers = tuple(part for part in parts if part.isdigit())
            found[" ".join(part for part in parts if not part.isdigit())] = numbers
    return found


def numbers(text: str) -> list[str]:
    """The numbers to call first for this text, most pressing first; [] where nothing sounds like danger."""
    said = folded(text)
    hit = {number for word, calls in words().items() if word in said for number in calls}
    return [number for number in ORDER if number in hit]
