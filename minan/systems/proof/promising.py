"""The promise: signed in the very answer that takes something in, before any tree exists (CONTRACTS.md "Receipts and checkpoints")."""

from __future__ import annotations

import base64
from datetime import datetime

from minan.kernel import ledger, notes
from minan.systems.proof import keys

WORD = "promise"


def promise(code: str, leaf: str, at: datetime) -> str:
    """A signed note: origin, the word `promise`, code, leaf hash in base64, the event's own moment. The same bytes each time.

    Who holds one older than five minutes without inclusion holds proof of a breach; an anonymous case's moment is cut to
    the hour, and the five minutes begin at that hour's end.
    """
    lines = (keys.origin(), WORD, code, base64.b64encode(bytes.fromhex(leaf)).decode(), ledger.stamp(at))
    return notes.sign("".join(f"{line}\n" for line in lines), keys.signer())
