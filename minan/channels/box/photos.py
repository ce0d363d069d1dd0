"""The photographs of slips on disk: closed under a key of KEYS, so that neither the disk nor a backup alone shows anybody's handwriting.

Each lies once, under the hash of the picture as it was sent, beside the pictures of matters; a backup takes it along as it lies.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from minan.kernel import attachments, ballast, vault
from minan.lib import folders

NONCE = 12  # bytes before the closed picture


def path_of(sha256: str) -> Path:
    """Where the closed picture with this hash lies."""
    return attachments.path_of(sha256).with_suffix(".slip")


def _cipher() -> AESGCM:
    return AESGCM(HKDF(hashes.SHA256(), 32, None, b"minan:box:photo").derive(vault.reply_key()))


def keep(sha256: str, data: bytes) -> None:
    """Keep a picture; one that is there stays as it is. Raises ballast.Full where the disk is nearly full."""
    path, nonce = path_of(sha256), os.urandom(NONCE)
    if path.exists():
        return
    if ballast.low():
        raise ballast.Full
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{nonce.hex()}")
    with open(part, "wb") as out:
        out.write(nonce + _cipher().encrypt(nonce, data, sha256.encode()))
        out.flush()
        os.fsync(out.fileno())
    folders.hour_only(part)
    part.replace(path)
    folders.hour_only(path.parent, path.parent.parent)


def read(sha256: str) -> bytes | None:
    """The picture; None where it is gone, was changed, or KEYS are not those it was closed with."""
    try:
        held = path_of(sha256).read_bytes()
        return _cipher().decrypt(held[:NONCE], held[NONCE:], sha256.encode())
    except (OSError, ValueError, InvalidTag):
        return None


def erase(sha256: str) -> None:
    with suppress(OSError):
        path_of(sha256).unlink()
        folders.hour_only(path_of(sha256).parent)
