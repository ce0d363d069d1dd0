"""The hash chain of one case's events, and commitments that survive erasure (CONTRACTS.md "Receipts and checkpoints").

An event commits to its body by SHA-256(salt ‖ canonical body) only; body and salt lie in a table of their own that may be
erased (PIPL art. 47), and the chain still verifies. Leaf hashes are those of RFC 6962, so that a Merkle log can take them up.
Pure: no Django.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

ZERO = "0" * 64  # what the first event of a case points back to


_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical(value: Mapping[str, Any]) -> bytes:
    """Sorted compact JSON in UTF-8; with ASCII keys, strings and integers only it equals RFC 8785."""
    return _canonical.encode(value).encode()


def salt() -> bytes:
    return secrets.token_bytes(32)


def commit(salt_bytes: bytes, body: Mapping[str, Any]) -> str:
    """Hex SHA-256(salt ‖ canonical body)."""
    return hashlib.sha256(salt_bytes + canonical(body)).hexdigest()


def stamp(at: datetime) -> str:
    """UTC to the microsecond with a Z: the form of `at` in every canonical event."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


@dataclass(frozen=True, slots=True)
class Link:
    """One event as it is chained; `by` is the post that acted, or "resident", or "clock"."""

    log: str
    case: str
    n: int
    prev: str
    step: str
    at: datetime
    by: str
    body: str

    def canonical(self) -> bytes:
        return canonical(
            {
                "v": 1, "log": self.log, "case": self.case, "n": self.n, "prev": self.prev,
                "step": self.step, "at": stamp(self.at), "by": self.by, "body": self.body,
            }
        )  # fmt: skip

    def leaf(self) -> str:
        """Hex SHA-256(0x00 ‖ canonical event), the leaf of RFC 6962 §2.1."""
        return hashlib.sha256(b"\x00" + self.canonical()).hexdigest()


def faults(links: Iterable[tuple[Link, str]], head: str | None = None) -> list[str]:
    """Every break in one case's chain, as sentences; `links` are (event, its stored hash) in order of n."""
    out, prev, n = [], ZERO, 0
    for link, stored in links:
        n += 1
        if link.n != n:
            out.append(f"{link.case}: event {n} is missing, found {link.n}")
            n = link.n
        if link.prev != prev:
            out.append(f"{link.case}: event {link.n} does not follow the one before it")
        if link.leaf() != stored:
            out.append(f"{link.case}: event {link.n} was changed")
        prev = stored
    if head is not None and head != prev:
        out.append(f"the case's head is not the hash of its last event ({n})")
    return out
