"""What is known of a speaker, sealed with a key per case that is itself wrapped by a key outside the database (KEYS/vault.key).

Losing the wrapping key, or deleting one case's wrapped key, makes the sealed text unreadable everywhere, backups included.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from minan.lib import codes

NONCE = 12
SECRET_LETTERS = 26
_READ_AS = str.maketrans("OIL", "011")
_GAPS = dict.fromkeys(map(ord, " \t\r\n\u3000\u00a0-_./·‐‑–—－"))


class Sealed(Exception):
    """The sealed text cannot be opened with the keys at hand."""


@lru_cache(maxsize=4)
def _master(folder: str) -> bytes:
    path = Path(folder) / "vault.key"
    try:
        return base64.b64decode(path.read_bytes())
    except FileNotFoundError:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = secrets.token_bytes(32)
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                out.write(base64.b64encode(key))
                out.flush()
                os.fsync(out.fileno())
        except FileExistsError:
            return base64.b64decode(path.read_bytes())
        return key


def _key() -> bytes:
    return _master(str(settings.KEYS))


def _lock(key: bytes, data: bytes, bound: bytes) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, data, bound)


def _open(key: bytes, data: bytes, bound: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(data[:NONCE], data[NONCE:], bound)
    except Exception as error:  # cryptography raises InvalidTag without a word; every cause means the same here
        raise Sealed("the vault's key does not open this") from error


def seal(code: str, facts: dict[str, Any], wrapped: bytes | None = None) -> tuple[bytes, bytes]:
    """(wrapped key, sealed facts) for the case `code`; with `wrapped` the case's key is used again."""
    key = _open(_key(), wrapped, b"key:" + code.encode()) if wrapped else AESGCM.generate_key(256)
    text = json.dumps(facts, ensure_ascii=False).encode()
    return wrapped or _lock(_key(), key, b"key:" + code.encode()), _lock(key, text, b"facts:" + code.encode())


def unseal(code: str, wrapped: bytes | memoryview, sealed: bytes | memoryview) -> dict[str, Any]:
    """The facts of `seal`; raises Sealed where the key is wrong, gone or the bytes were touched."""
    key = _open(_key(), bytes(wrapped), b"key:" + code.encode())
    facts: dict[str, Any] = json.loads(_open(key, bytes(sealed), b"facts:" + code.encode()))
    return facts


def owner_mark(subject: str) -> str:
    """Keyed hash by which a person finds their own matters; without the key it names nobody."""
    return hmac.new(_key(), b"owner:" + subject.encode(), hashlib.sha256).hexdigest()


def secret_of(raw: bytes) -> str:
    """A speaker's secret of 16 bytes: 128 bits as 26 letters of Crockford's base-32, none of them easily misread."""
    number = int.from_bytes(raw[:16], "big")
    return "".join(codes.ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))


def secret() -> str:
    """A new secret."""
    return secret_of(secrets.token_bytes(16))


def shown(text: str) -> str:
    """A secret as it is printed, in groups of four: 7K2M-9QXT-…"""
    return "-".join(text[i : i + 4] for i in range(0, len(text), 4)) if len(text) == SECRET_LETTERS else text


def typed(text: str) -> str:
    """A secret as somebody copied it: blanks and dashes go, small letters count as capitals, O is 0, I and L are 1."""
    return text[:120].translate(_GAPS).upper().translate(_READ_AS)


def secret_mark(text: str) -> str:
    """The hash of a secret, however it was copied: it stands in the first event and on the speaker's row."""
    return hashlib.sha256(b"minan:receipt:" + typed(text).encode()).hexdigest()


def same(a: str, b: str) -> bool:
    return hmac.compare_digest(a.encode(), b.encode())
