"""The folder of the private keys: how it begins, turns to a new key, is copied sealed and comes back; run as the keeper's user.

keeper/key-0001 … hold X25519 private keys, the highest number seals; keeper/marks holds the secret behind the keyed hashes
of accounts and cases. keeper.pub beside the folder is what who seals may read.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from minan.kernel.keeper import envelope, protocol
from minan.lib.folders import write_whole

PASSPHRASE_LEAST = 12
SCRYPT: dict[str, int] = {"n": 1 << 15, "r": 8, "p": 1}  # 32 MiB and a tenth of a second a guess
COPIES, LOG, LIMITS, MARKS = "copies.json", "log.jsonl", "limits.toml", "marks"


class Refused(Exception):
    """It was not done; says why and what to do, never anything secret."""


class Lost(Refused):
    """The public key is there, the private ones are not."""


@dataclass(frozen=True, slots=True)
class Keys:
    """All private keys by the mark of their public half."""

    private: dict[bytes, X25519PrivateKey]
    numbers: dict[bytes, int]
    marks: bytes

    @property
    def current(self) -> bytes:
        """The mark of the key that seals today: the one with the highest number."""
        return max(self.numbers, key=lambda mark: self.numbers[mark])

    @property
    def public(self) -> bytes:
        return self.private[self.current].public_key().public_bytes_raw()


def owned(folder: Path) -> None:
    """Raises Refused where somebody else's keys would be touched: what root writes there the keeper could not read."""
    room = folder / protocol.ROOM
    if room.is_dir() and room.stat().st_uid != os.geteuid():
        raise Refused(f"{room} belongs to user {room.stat().st_uid}: run this as that user")


def _raw(room: Path) -> dict[int, bytes]:
    return {int(p.name[4:]): protocol.data(p.read_text("ascii").strip()) for p in sorted(room.glob("key-[0-9]*"))}


def load(folder: Path) -> Keys:
    """What lies in folder/keeper. Raises Lost."""
    room = folder / protocol.ROOM
    try:
        raw = _raw(room)
        marks = protocol.data((room / MARKS).read_text("ascii").strip())
    except (OSError, ValueError, protocol.Unfit):
        raw, marks = {}, b""
    if not raw or len(marks) != 32:
        raise Lost(f"{room} has no whole set of keys: `minan keeper restore COPY`")
    private = {n: X25519PrivateKey.from_private_bytes(key) for n, key in raw.items()}
    numbers = {envelope.mark_of(key.public_key().public_bytes_raw()): n for n, key in private.items()}
    return Keys({mark: private[n] for mark, n in numbers.items()}, numbers, marks)


def begin(folder: Path, public_mode: int = 0o600) -> Keys:
    """The keys, made where there never were any. Raises Lost where there were."""
    room = folder / protocol.ROOM
    if not any(room.glob("key-[0-9]*")):
        if (folder / protocol.PUBLIC).exists():
            raise Lost(f"{folder / protocol.PUBLIC} is there and its private half is not: `minan keeper restore COPY`")
        room.mkdir(mode=0o700, parents=True, exist_ok=True)
        room.chmod(0o700)
        if not (room / MARKS).exists():
            write_whole(room / MARKS, protocol.text(secrets.token_bytes(32)).encode())
        _make(room, 1)
    keys = load(folder)
    show(folder, keys, public_mode)
    return keys


def show(folder: Path, keys: Keys, mode: int = 0o600) -> bool:
    """Put the public key where who seals reads it; True where something else stood there."""
    said = protocol.text(keys.public).encode() + b"\n"
    path = folder / protocol.PUBLIC
    try:
        if path.read_bytes() == said:
            return False
        other = True
    except OSError:
        other = False
    write_whole(path, said, mode)
    return other


def _make(room: Path, number: int) -> None:
    write_whole(room / f"key-{number:04}", protocol.text(X25519PrivateKey.generate().private_bytes_raw()).encode())


def rotate(folder: Path) -> Keys:
    """One more key, which seals from now on; the old ones still open. Raises Lost, Refused."""
    owned(folder)
    keys = load(folder)
    _make(folder / protocol.ROOM, max(keys.numbers.values()) + 1)
    keys = load(folder)
    mode = (folder / protocol.PUBLIC).stat().st_mode & 0o777 if (folder / protocol.PUBLIC).exists() else 0o600
    show(folder, keys, mode)
    return keys


def destroy(folder: Path, mark: str) -> None:
    """Overwrite and remove an old key: what is still closed to it never opens again. Raises Refused for the current one."""
    owned(folder)
    keys = load(folder)
    found = bytes.fromhex(mark)
    if found not in keys.numbers:
        raise Refused(f"no key {mark} here")
    if found == keys.current:
        raise Refused(f"{mark} is the key that seals now: rotate and rewrap first")
    path = folder / protocol.ROOM / f"key-{keys.numbers[found]:04}"
    with path.open("r+b") as file:
        file.write(b"\0" * path.stat().st_size)
        file.flush()
        os.fsync(file.fileno())
    path.unlink()


# ---- two sealed copies


def _stretched(passphrase: str, salt: bytes, **cost: int) -> bytes:
    return hashlib.scrypt(passphrase.encode(), salt=salt, dklen=32, maxmem=256 << 20, **cost)


def sealed_copy(folder: Path, passphrase: str) -> bytes:
    """Everything that cannot be made again, closed with a passphrase: one line of JSON. Raises Refused."""
    if len(passphrase) < PASSPHRASE_LEAST:
        raise Refused(f"a passphrase has at least {PASSPHRASE_LEAST} characters")
    keys, raw, salt = load(folder), _raw(folder / protocol.ROOM), secrets.token_bytes(16)
    head = {"minan": "keeper copy 1", "made": _now(), "keys": [mark.hex() for mark in keys.numbers]}
    inside = {"keys": {str(n): protocol.text(key) for n, key in raw.items()}, "marks": protocol.text(keys.marks)}
    bound = json.dumps(head, sort_keys=True).encode()
    closed = envelope.lock(_stretched(passphrase, salt, **SCRYPT), json.dumps(inside).encode(), bound)
    return json.dumps(head | SCRYPT | {"salt": protocol.text(salt), "sealed": protocol.text(closed)}).encode() + b"\n"


def open_copy(content: bytes, passphrase: str) -> dict[str, Any]:
    """{"keys": {number: bytes}, "marks": bytes} of a sealed copy. Raises Refused."""
    try:
        said = protocol.parsed(content)
        cost = {name: int(said[name]) for name in SCRYPT}
        if cost["n"] > 1 << 20 or cost["r"] > 16 or cost["p"] > 4:
            raise protocol.Unfit
        head = {name: said[name] for name in ("minan", "made", "keys")}
        key = _stretched(passphrase, protocol.data(said["salt"]), **cost)
        closed = protocol.data(said["sealed"])
    except (KeyError, TypeError, ValueError, protocol.Unfit):
        raise Refused("this is no copy of a keeper's keys") from None
    try:
        inside = json.loads(envelope.unlock(key, closed, json.dumps(head, sort_keys=True).encode()))
    except envelope.Shut:
        raise Refused("the passphrase does not open this copy, or a byte of it was changed") from None
    return {
        "keys": {int(n): protocol.data(k) for n, k in inside["keys"].items()},
        "marks": protocol.data(inside["marks"]),
    }


def copies(folder: Path, targets: list[Path], passphrases: list[str]) -> list[Path]:
    """Two sealed copies in two folders, each with a passphrase of its own, read back and opened before they count."""
    owned(folder)
    if len(targets) != 2 or targets[0].resolve() == targets[1].resolve():
        raise Refused("give two folders, in two places")
    if passphrases[0] == passphrases[1]:
        raise Refused("give each copy a passphrase of its own, kept by another person")
    for target in targets:
        if target.resolve().is_relative_to(folder.resolve()):
            raise Refused(f"{target} lies beside the keys themselves: a copy there would be lost with them")
        if not target.is_dir():
            raise Refused(f"{target} is no folder")
    keys, made = load(folder), []
    for target, passphrase in zip(targets, passphrases, strict=True):
        path = target / f"minan-keeper-{_now()[:10]}-{keys.current.hex()}.sealed"
        write_whole(path, sealed_copy(folder, passphrase))
        if open_copy(path.read_bytes(), passphrase)["keys"] != _raw(folder / protocol.ROOM):
            raise Refused(f"{path} does not hold what was written: try another disk")
        made.append(path)
    said = {"at": _now(), "keys": sorted(mark.hex() for mark in keys.numbers)}
    write_whole(folder / protocol.ROOM / COPIES, json.dumps(said).encode())
    return made


def restore(folder: Path, copy: Path, passphrase: str) -> Keys:
    """Bring the keys back from one sealed copy; keys that are there stay. Raises Refused."""
    owned(folder)
    found = open_copy(copy.read_bytes(), passphrase)
    room = folder / protocol.ROOM
    room.mkdir(mode=0o700, parents=True, exist_ok=True)
    room.chmod(0o700)
    if (room / MARKS).exists() and protocol.data((room / MARKS).read_text("ascii").strip()) != found["marks"]:
        raise Refused(f"{room} has keys of another city, or new ones made after the loss: move it away first, keep it")
    for number, key in _raw(room).items():
        if found["keys"].get(number, key) != key:
            raise Refused(f"{room} has another key number {number}: move it away first, keep it")
    write_whole(room / MARKS, protocol.text(found["marks"]).encode())
    for number, key in found["keys"].items():
        write_whole(room / f"key-{number:04}", protocol.text(key).encode())
    keys = load(folder)
    show(folder, keys)
    return keys


def copied(folder: Path) -> dict[str, Any]:
    """{"at", "keys"} of the last two copies; {} where none were made."""
    try:
        return protocol.parsed((folder / protocol.ROOM / COPIES).read_bytes())
    except (OSError, protocol.Unfit):
        return {}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
