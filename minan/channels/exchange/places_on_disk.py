"""The folders a partner's files come and go by: in, out, acks under MINAN_EXCHANGE/CODE; written whole or not at all."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

NAMES = ("in", "out", "acks")
KEEP_DAYS = 30  # of what was written, rejected or set aside here
UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload")
STILL = 2.0  # seconds a file must have lain still before it is read


def folder(code: str, *parts: str) -> Path:
    """One of the partner's folders, made where it is missing and closed to others on this machine but the group."""
    path = Path(settings.EXCHANGE) / code / Path(*parts)
    path.mkdir(parents=True, exist_ok=True, mode=0o770)
    return path


def put(path: Path, data: bytes) -> None:
    """Write a file whole: beside it, to the disk, then its name; the same name again is the same file. Raises OSError."""
    beginning = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    with beginning.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beginning.replace(path)
    held = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)


def lying(path: Path, still: float = STILL) -> Iterator[Path]:
    """The files that lie there whole, oldest first; links and what is still being written are left alone."""
    now = time.time()
    found = [p for p in path.iterdir() if p.is_file() and not p.is_symlink() and not p.name.startswith(".")]
    for one in sorted(found, key=lambda p: (p.stat().st_mtime, p.name)):
        if one.suffix not in UNFINISHED and now - one.stat().st_mtime >= still:
            yield one


def aside(path: Path, where: str) -> Path:
    """Move a file into a folder beside it; one of the same name there gets a number."""
    to = path.parent / where
    to.mkdir(exist_ok=True, mode=0o770)
    target = next(t for n in range(1000) if not (t := to / (path.name if n == 0 else f"{n}-{path.name}")).exists())
    path.replace(target)
    return target


def purge(now: float | None = None) -> int:
    """Forget what is older than KEEP_DAYS; returns how many files. What waits to be read is never among it."""
    root, before, gone = Path(settings.EXCHANGE), (now or time.time()) - KEEP_DAYS * 86400, 0
    for pattern in ("*/out/*", "*/in/*/*", "*/acks/*/*"):
        for path in root.glob(pattern):
            if path.is_file() and path.stat().st_mtime < before:
                path.unlink()
                gone += 1
    return gone
