"""The lane's own key: what it keeps beside the records is closed with it, so that DATA alone tells nobody who is old and lives alone.

KEYS/help.key, made at the first need. The vault's keeper is not asked: help must go out while it is being started again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import zlib
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from minan.kernel.keeper import envelope
from minan.lib import folders

FILE = "help.key"
TOKEN_BYTES = 16  # 128 bits


class Torn(Exception):
    """These bytes are none of ours, or only half of them."""


def room() -> Path:
    """DATA/help, where the lane keeps its journal, its copy and its socket."""
    place = Path(settings.DATA) / "help"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


@cache
def _key(path: Path) -> bytes:
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folders.write_once(path, secrets.token_hex(32))
    return bytes.fromhex(path.read_text("ascii"))


def key() -> bytes:
    return _key(Path(settings.KEYS) / FILE)


def shut(data: Any, bound: str) -> bytes:
    """JSON, closed; opens only together with `bound`."""
    return envelope.lock(
        key(), zlib.compress(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode(), 1), bound.encode()
    )


def opened(raw: bytes, bound: str) -> Any:
    """What `shut` closed. Raises Torn."""
    try:
        return json.loads(zlib.decompress(envelope.unlock(key(), raw, bound.encode())))
    except (envelope.Shut, zlib.error, ValueError):
        raise Torn from None


def token(press: str, target: str, what: str = "") -> str:
    """What lets whoever was rung answer for this one call: 128 bits in 22 letters; nothing stored tells it.

    `what` "seen": one that says that a device has it, and opens nothing: for screens before which anybody of the unit sits.
    """
    made = hmac.digest(key(), f"help{what}:{press}:{target}".encode(), "sha256")[:TOKEN_BYTES]
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def mark(secret: str) -> str:
    """The hash by which the lane knows an enrolment's secret; as it was typed or scanned (vault.secret_mark)."""
    from minan.kernel import vault  # needs the settings only when it is called

    return vault.secret_mark(secret)


def device_mark(device: str) -> str:
    return hashlib.sha256(f"minan:help:device:{device}".encode()).hexdigest()
