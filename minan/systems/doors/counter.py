"""At the counter: a home is enrolled, and what is handed over stands on one slip of paper, shown once and kept nowhere."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import transaction

from minan.kernel.procedure import Words
from minan.systems.doors import homes, keys, shown
from minan.systems.doors.homes import PAPERS
from minan.systems.doors.models import CARD, Compound, Home
from minan.systems.doors.registry import Unfit

CARDS_MOST = keys.MOST[CARD]
__all__ = ["PAPERS", "slip"]


@transaction.atomic
def slip(compound: Compound, said: Mapping[str, Any], address: str, now: datetime) -> dict[str, Any]:
    """Everything on the slip: the code to join with, and where asked cards, a PIN and the key for the household's own lines.

    Raises Unfit: no proof was seen, or the flat is not written out.
    """
    if said.get("paper") not in dict(PAPERS):
        raise Unfit(
            Words(
                "先看一样住址证明：看过就行，不复印",
                "Look at a proof of address first: looking is enough, copy nothing",
            )
        )
    building, entrance, flat = (str(said.get(name, ""))[:8] for name in ("building", "entrance", "flat"))
    home, code = homes.enrol(compound, building, entrance, flat, now)
    cards = str(said.get("cards", "0"))
    count = min(int(cards), CARDS_MOST) if cards.isascii() and cards.isdigit() else 0
    by_hand = bool(count or said.get("pin"))
    found = {
        "home": shown.way(home),
        "code": homes.shown(code),
        "hours": homes.INVITE_HOURS,
        "flat": str(said.get("flat", ""))[:8],
    }
    if by_hand:
        found["paper"] = paper_key(home, address)
    if said.get("pin"):
        digits = keys.pin(home)
        found["pin"] = f"{digits[:4]} {digits[4:]}"
    return found | {"cards": [keys.card(home) for _ in range(count)]}


def paper_key(home: Home, address: str) -> str:
    """An address with a new private key behind its #, for the paper; of the key only the public half stays."""
    private = ec.generate_private_key(ec.SECP256R1())
    homes.set_seal(home, private.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint))
    public = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)[1:]
    raw = private.private_numbers().private_value.to_bytes(32) + public
    return f"{address}#{homes.reader(home)}.{base64.urlsafe_b64encode(raw).decode().rstrip('=')}"
