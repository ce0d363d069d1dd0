"""Signed notes, checkpoints and witnesses' cosignatures in the forms of C2SP (signed-note, tlog-checkpoint, tlog-cosignature), Ed25519.

A note is text that ends with a line break, an empty line, and a line `— name base64(key id ‖ signature)` for each who signed.
A verifier key is written `name+key id+base64(kind ‖ public key)`. Pure: no Django.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
import struct
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from minan.kernel import merkle
from minan.lib.folders import write_once

ED25519, COSIGNATURE = 0x01, 0x04  # kinds of key
SEED = 32
DASH = "— "
LONGEST = 1 << 20  # a note longer than this is none
MOST = 100  # signatures on one
NAME = re.compile(r"[^\s+\x00-\x1f]+")
SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


class Wrong(ValueError):
    """A note, key or checkpoint that is not in its form, or a signature that does not hold."""


def _base64(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Wrong("not base64") from error
    if base64.b64encode(data).decode() != text:
        raise Wrong("not the shortest base64")
    return data


def _line(name: str, blob: bytes) -> str:
    return f"{DASH}{name} {base64.b64encode(blob).decode()}\n"


def cosigned(text: str, at: int) -> bytes:
    """What a witness signs for a checkpoint's text at a moment (seconds since 1970): cosignature/v1."""
    return f"cosignature/v1\ntime {at}\n{text}".encode()


@dataclass(frozen=True, slots=True)
class Key:
    """A public key under a name; `kind` says whether it signs notes (1) or cosigns checkpoints with a time (4)."""

    name: str
    public: bytes
    kind: int = ED25519

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name) or self.kind not in (ED25519, COSIGNATURE) or len(self.public) != SEED:
            raise Wrong(f"not a key: {self.name!r}")

    @property
    def id(self) -> bytes:
        """Four bytes by which a signature names its key."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def text(self) -> str:
        """`name+hex id+base64(kind ‖ public)`: what is published and pinned."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(bytes([self.kind]) + self.public).decode()}"

    @classmethod
    def parse(cls, text: str) -> Key:
        """Raises Wrong for what is not a verifier key."""
        parts = text.strip().split("+", 2)
        if len(parts) != 3:
            raise Wrong("a verifier key is name+id+key")
        data = _base64(parts[2])
        key = cls(parts[0], data[1:], data[0] if data else 0)
        if parts[1] != key.id.hex():
            raise Wrong(f"the id of {key.name} is not that of its key")
        return key

    def holds(self, text: str, blob: bytes) -> int | None:
        """Whether `blob` (behind the key's id) signs `text`: None where not, else the time a witness gave (0 for a log)."""
        at, signature, message = 0, blob, text.encode()
        if self.kind == COSIGNATURE:
            if len(blob) != 72:
                return None
            at, signature = struct.unpack(">Q", blob[:8])[0], blob[8:]
            message = cosigned(text, at)
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return None
        return at


@lru_cache(maxsize=16)
def _pair(seed: bytes) -> tuple[Ed25519PrivateKey, bytes]:
    """The private key of a seed and the bytes of its public half: a city signs with the same few all day."""
    private = Ed25519PrivateKey.from_private_bytes(seed)
    return private, private.public_key().public_bytes_raw()


@dataclass(frozen=True, slots=True)
class Signer:
    """A name with the 32-byte seed of its private key; never printed."""

    name: str
    seed: bytes
    kind: int = ED25519

    def __repr__(self) -> str:
        return f"Signer({self.name!r})"

    @property
    def key(self) -> Key:
        return Key(self.name, _pair(self.seed)[1], self.kind)

    def line(self, text: str, at: int | None = None) -> str:
        """The signature line for a note's text; a witness's carries the time `at` (seconds, default now)."""
        private, key = _pair(self.seed)[0], self.key
        if self.kind == COSIGNATURE:
            moment = int(time.time()) if at is None else at
            blob = struct.pack(">Q", moment) + private.sign(cosigned(text, moment))
        else:
            blob = private.sign(text.encode())
        return _line(self.name, key.id + blob)


def seed(path: Path) -> bytes:
    """The 32 bytes of a key file, made whole with mode 0600 where there is none. Raises Wrong for a file that is not one."""
    if not path.exists():
        write_once(path, os.urandom(SEED))  # two threads, or one killed here before: the first counts
    held = path.read_bytes()
    if len(held) != SEED:
        raise Wrong(f"{path} is not a key of {SEED} bytes")
    return held


def sign(text: str, *signers: Signer, at: int | None = None) -> str:
    """The note: `text` (must end with a line break) and a line of each signer."""
    _check(text)
    return text + "\n" + "".join(one.line(text, at) for one in signers)


def _check(text: str) -> None:
    if not text.endswith("\n") or any(c < " " and c != "\n" for c in text):
        raise Wrong("a note's text is printable lines, the last one ended")


@dataclass(frozen=True, slots=True)
class Signature:
    """One line under a note; `at` is the witness's time, 0 for a log's own signature."""

    key: Key
    at: int
    line: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A note whose known signatures hold. `signed` may be empty: who trusts it asks for a key in it."""

    text: str
    signed: tuple[Signature, ...]
    unknown: tuple[str, ...]  # lines of keys nobody told us

    def by(self, key: Key) -> bool:
        return any(one.key == key for one in self.signed)


def parts(note: str | bytes) -> tuple[str, list[str]]:
    """A note's text and its signature lines, unverified. Raises Wrong where it is not a note."""
    try:
        whole = note.decode() if isinstance(note, bytes) else note
    except UnicodeDecodeError as error:
        raise Wrong("not UTF-8") from error
    text, gap, tail = whole.rpartition("\n\n")
    text += "\n"
    if len(whole) > LONGEST or not gap or not tail.endswith("\n"):
        raise Wrong("not a signed note")
    _check(text)
    lines = tail.removesuffix("\n").split("\n")
    if not 0 < len(lines) <= MOST:
        raise Wrong("too many signatures")
    return text, lines


def open_note(note: str | bytes, keys: Iterable[Key]) -> Opened:
    """Check a note against known keys; raises Wrong where it is malformed or a known key's signature does not hold."""
    text, lines = parts(note)
    known = {(key.name, key.id): key for key in keys}
    signed: dict[Key, Signature] = {}
    unknown = []
    for line in lines:
        name, _, encoded = line.removeprefix(DASH).partition(" ")
        if not line.startswith(DASH) or not NAME.fullmatch(name):
            raise Wrong("a signature line is not in its form")
        blob = _base64(encoded)
        if len(blob) < 5:
            raise Wrong("a signature is too short")
        key = known.get((name, blob[:4]))
        if key is None:
            unknown.append(line)
            continue
        at = key.holds(text, blob[4:])
        if at is None:
            raise Wrong(f"the signature of {name} does not hold")
        signed.setdefault(key, Signature(key, at, line))
    return Opened(text, tuple(signed.values()), tuple(unknown))


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says of itself: how many leaves, and their root; `more` are extension lines (a city's: its counties' logs)."""

    origin: str
    size: int
    root: bytes
    more: tuple[str, ...] = ()

    def text(self) -> str:
        lines = (self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.more)
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """From a note's text. Raises Wrong."""
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1] or not all(lines[:-1]) or not SIZE.fullmatch(lines[1]):
            raise Wrong("a checkpoint is origin, size, root, each on its line")
        root = _base64(lines[2])
        if len(root) != merkle.HASH:
            raise Wrong("a root has 32 bytes")
        return cls(lines[0], int(lines[1]), root, tuple(lines[3:-1]))


def open_checkpoint(
    note: str | bytes, log: Key, witnesses: Iterable[Key] = (), *, origin: str = ""
) -> tuple[Checkpoint, Opened]:
    """A checkpoint of `origin` (default: the key's name) signed by its log; raises Wrong where anything known does not hold."""
    opened = open_note(note, (log, *witnesses))
    if not opened.by(log):
        raise Wrong(f"not signed by {log.name}")
    said = Checkpoint.parse(opened.text)
    if said.origin != (origin or log.name):
        raise Wrong(f"a checkpoint of {said.origin}, not of {origin or log.name}")
    return said, opened
