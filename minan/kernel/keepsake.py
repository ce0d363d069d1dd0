"""The one HTML file a resident keeps to check a receipt without us, and its fingerprint, printed on every receipt.

A system that has such a file registers it here (systems/proof does); without that folder there is none and nothing is printed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from minan.kernel import registry

Maker = Callable[[], bytes]
_makers: list[Maker] = []


def register(maker: Maker) -> Maker:
    """Declare who makes the file: the same bytes each time; the last one counts."""
    _makers.append(maker)
    return maker


def page() -> bytes:
    """The file itself; b"" where no system has one."""
    registry.procedures()  # with them the handlers of every system are known
    return _makers[-1]() if _makers else b""


def fingerprint() -> str:
    """Hex SHA-256 of the file; "" where there is none."""
    found = page()
    return hashlib.sha256(found).hexdigest() if found else ""


def shown(mark: str) -> str:
    """A hash as it is printed, in groups of four: people compare it letter by letter."""
    return " ".join(mark[at : at + 4] for at in range(0, len(mark), 4))
