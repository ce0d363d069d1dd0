"""The city's signature under what a screen shows: Ed25519 over a signed note (kernel/notes.py), by a key of its own in KEYS.

A screen learns the public key when it is paired and shows nothing that this key did not sign, that is not for its place, or that
is over by its own clock; whoever can change what goes over the line can leave something out, but not put anything up.
"""

from __future__ import annotations

import base64
import json
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from minan.kernel import notes

FILE, HEAD = "bulletins.key", "minan bulletin v1"


@lru_cache(maxsize=4)
def _signer(folder: str, name: str) -> notes.Signer:
    path = Path(folder) / FILE
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return notes.Signer(name, notes.seed(path))


def signer() -> notes.Signer:
    """The key, made at the first need; losing it means pairing every screen again."""
    return _signer(str(settings.KEYS), f"{settings.ORIGIN}/bulletins")


def public() -> str:
    """The 32 bytes of the public key in base64, as a screen pins them."""
    return base64.b64encode(signer().key.public).decode()


def _epoch(at: datetime) -> int:
    return int(at.timestamp())


def note(row: dict[str, Any], places: list[str]) -> str:
    """The signed note of what is shown: a line that names the form, a line of JSON with sorted keys. Moments are seconds since 1970."""
    body = row["body"]
    said = {
        "code": row["code"], "n": row["n"], "what": row["what"], "sort": row["sort"], "topic": row["topic"], "places": places,
        "from": _epoch(row["starts_at"]), "until": _epoch(row["ends_at"]), "title": body["title"], "text": body["text"],
        "where": body.get("place_words") or "", "when": body.get("when") or 0, "by": body.get("by_name") or "",
        "case": str(row["case_id"]), "picture": (body.get("pictures") or [""])[0],
    }  # fmt: skip
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return notes.sign(f"{HEAD}\n{text}\n", signer())
