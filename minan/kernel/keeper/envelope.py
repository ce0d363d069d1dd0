"""How a case's key is closed to the keeper's public key, and facts to the case's key: the same bytes for who seals and who opens.

wrapped = version (1 byte) | the first 4 bytes of SHA-256 of the public key | ephemeral public key (32) | AES-256-GCM of the
case's key (48); the key of that last part is HKDF-SHA256 of the X25519 secret, salted with both public keys (RFC 7748, 5869).
sealed = nonce (12) | AES-256-GCM of the facts as JSON. Both are bound to the case's code.
"""

from __future__ import annotations

import hashlib
import json
import os
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = 1
MARK, HEAD, POINT, NONCE = 4, 5, 32, 12  # bytes
WRAPPED = HEAD + POINT + 48
_ONCE = b"\0" * NONCE  # the key under it is used for this one message


class Shut(Exception):
    """These bytes do not open with this key; without a word about what was in them."""


def mark_of(public: bytes) -> bytes:
    """By which a wrapped key says whose it is: 4 bytes."""
    return hashlib.sha256(public).digest()[:MARK]


def whose(wrapped: bytes) -> bytes:
    """The mark of the key that opens this one. Raises Shut where it is none of ours."""
    if len(wrapped) != WRAPPED or wrapped[0] != VERSION:
        raise Shut
    return wrapped[1:HEAD]


@lru_cache(maxsize=8)
def _public(raw: bytes) -> X25519PublicKey:
    return X25519PublicKey.from_public_bytes(raw)


def _between(shared: bytes, point: bytes, public: bytes) -> AESGCM:
    return AESGCM(HKDF(hashes.SHA256(), 32, point + public, b"minan:vault:1").derive(shared))


def wrap(public: bytes, code: str, key: bytes) -> bytes:
    """A case's key for the holder of the private half of `public` (32 bytes) alone."""
    own = X25519PrivateKey.generate()
    point = own.public_key().public_bytes_raw()
    head = bytes([VERSION]) + mark_of(public)
    closed = _between(own.exchange(_public(public)), point, public).encrypt(_ONCE, key, head + b"key:" + code.encode())
    return head + point + closed


def unwrap(private: X25519PrivateKey, code: str, wrapped: bytes) -> bytes:
    """The case's key of `wrap`. Raises Shut."""
    head, point, closed = wrapped[:HEAD], wrapped[HEAD : HEAD + POINT], wrapped[HEAD + POINT :]
    public = private.public_key().public_bytes_raw()
    try:
        shared = private.exchange(_public(point))
        return _between(shared, point, public).decrypt(_ONCE, closed, head + b"key:" + code.encode())
    except (InvalidTag, ValueError):
        raise Shut from None


def lock(key: bytes, data: bytes, bound: bytes) -> bytes:
    """nonce + AES-256-GCM of `data`, good only together with `bound`."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, data, bound)


def unlock(key: bytes, data: bytes, bound: bytes) -> bytes:
    """What `lock` closed. Raises Shut."""
    try:
        return AESGCM(key).decrypt(data[:NONCE], data[NONCE:], bound)
    except (InvalidTag, ValueError):
        raise Shut from None


def shut(key: bytes, code: str, facts: dict[str, Any]) -> bytes:
    """Facts under their case's key."""
    return lock(key, json.dumps(facts, ensure_ascii=False).encode(), b"facts:" + code.encode())


def opened(key: bytes, code: str, sealed: bytes) -> dict[str, Any]:
    """The facts of `shut`. Raises Shut."""
    facts: dict[str, Any] = json.loads(unlock(key, sealed, b"facts:" + code.encode()))
    return facts
