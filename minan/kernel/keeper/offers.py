"""Sealed offers in the keeper's memory: a payer's most and a claimant's least, held until both are in, compared once, forgotten.

Nothing of it is ever written: openings come closed to a key that is made when this process begins and dies with it, so that not
even the keys on the disk open what somebody caught on the way. What leaves is "overlap" or "none" and, of an overlap, the
midpoint. After a restart nothing is there: whoever asks is told which are missing.

commitment = SHA-256(nonce ‖ amount): nonce 32 bytes; amount the sum in fen 分 as ASCII decimal digits, no sign, no leading
zeros, no unit: 50 000.00 yuan is the seven bytes "5000000".
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from minan.kernel.keeper import envelope, protocol

HOURS_MOST = 24 * 3600.0  # seconds an opening is held at most
NONCE, FEN_MOST = 32, 10**12  # bytes; below ten thousand million yuan
HELD_MOST, EACH_MOST, ASKED_MOST = 20_000, 12, 200  # openings in all, of one side in one round, commitments in one request
ROLES = ("payer", "claimant")


def commitment(nonce: bytes, fen: int) -> str:
    """Hex SHA-256 of the nonce (32 bytes) followed by the digits of the sum in fen."""
    if len(nonce) != NONCE or not 0 <= fen < FEN_MOST:
        raise ValueError("a nonce has 32 bytes and a sum lies between 0 and ten thousand million yuan")
    return hashlib.sha256(nonce + str(fen).encode("ascii")).hexdigest()


@dataclass(frozen=True, slots=True)
class Opening:
    case: str
    k: int
    role: str
    fen: int
    until: float

    def __repr__(self) -> str:
        return "Opening(…)"  # in no message and no trace


@dataclass(frozen=True, slots=True)
class Met:
    result: dict[str, Any]
    until: float


class Offers:
    """What this process holds. Every method that opens raises envelope.Shut or protocol.Unfit, without a word of what was in it."""

    def __init__(self) -> None:
        self.private = X25519PrivateKey.generate()
        self.held: dict[str, Opening] = {}
        self.met: dict[tuple[str, int, str, str], Met] = {}

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes_raw()

    @property
    def busy(self) -> bool:
        """Something is held: a keeper that was started on demand stays for it."""
        return bool(self.held or self.met)

    def purge(self, now: float) -> None:
        """Forget what is over."""
        self.held = {c: one for c, one in self.held.items() if one.until > now}
        self.met = {key: one for key, one in self.met.items() if one.until > now}

    def put(self, code: str, wrapped: bytes, sealed: bytes, until: float, now: float) -> str:
        """Hold one opening; returns its commitment. The same again is the same."""
        said = envelope.opened(envelope.unwrap(self.private, code, wrapped), code, sealed)
        fen, k, role, nonce = said.get("fen"), said.get("k"), said.get("role"), protocol.data(said.get("nonce"))
        if type(fen) is not int or type(k) is not int or role not in ROLES or until <= now:
            raise protocol.Unfit
        try:
            name = commitment(nonce, fen)
        except ValueError:
            raise protocol.Unfit from None
        each = sum((one.case, one.k, one.role) == (code, k, role) for one in self.held.values())
        if len(self.held) >= HELD_MOST or each >= EACH_MOST:
            raise protocol.Unfit
        self.held[name] = Opening(code, k, role, fen, min(until, now + HOURS_MOST))
        return name

    def meet(self, code: str, k: int, payer: str, claimant: str) -> dict[str, Any]:
        """{"result": "overlap", "mid": fen} or {"result": "none"}, and both openings are gone; {"missing": roles} where one is not here.

        The midpoint is rounded down to the fen. Asked again, the answer is the same as long as the round lasts.
        """
        key = (code, k, payer, claimant)
        if key in self.met:
            return self.met[key].result
        mine = {role: self.held.get(name) for role, name in zip(ROLES, (payer, claimant), strict=True)}
        fit = {role: one for role, one in mine.items() if one and (one.case, one.k, one.role) == (code, k, role)}
        if len(fit) < len(ROLES):
            return {"missing": [role for role in ROLES if role not in fit]}
        most, least = fit["payer"], fit["claimant"]
        result: dict[str, Any] = {"result": "none"}
        if most.fen >= least.fen:
            result = {"result": "overlap", "mid": (most.fen + least.fen) // 2}
        self.met[key] = Met(result, most.until)
        self.held = {c: one for c, one in self.held.items() if (one.case, one.k) != (code, k)}
        return result

    def here(self, names: list[str]) -> list[str]:
        """Those of the commitments whose openings are held."""
        return [name for name in names[:ASKED_MOST] if name in self.held]

    def forget(self, names: list[str]) -> int:
        """Let go of these; returns how many there were."""
        return sum(self.held.pop(name, None) is not None for name in names[:ASKED_MOST])
