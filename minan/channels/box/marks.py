"""The symbols on a slip: what they say, how they are drawn, and which of those read in a photograph are ours. Knows no record."""

from __future__ import annotations

import segno

from minan.lib import codes

MARK = "SLIP"  # before the code, so that no other symbol is taken for a slip


def mark(code: str) -> str:
    """What the symbols on a slip say."""
    return MARK + code


def read(symbol: str) -> str | None:
    """The code behind what a symbol says; None where it is no slip's, or its check character is wrong."""
    return codes.parse(symbol.removeprefix(MARK)) if symbol.startswith(MARK) else None


def drawn(text: str) -> tuple[str, int]:
    """The path of a symbol and how many modules wide it is; at the highest level of correction a third of it may be lost."""
    rows = segno.make(text, error="h", micro=False, boost_error=False).matrix
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    return path, len(rows)
