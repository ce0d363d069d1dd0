"""What happens when the disk fills up: photos are refused first, words are taken to the last, and nothing said is lost.

A file of some megabytes, written at the start, is given up when next to nothing is free: even a DELETE needs space in
SQLite's log. Who writes asks the disk first (one system call); the worker lays the file down again when there is room.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db.utils import OperationalError

NAME = "ballast"
SHARE, MOST = 16, 64 << 20  # a sixteenth of the disk, at most 64 MB
LOW = 0.10  # share of the disk below which no photo is taken
LAST = 3 << 20  # bytes free below which the ballast goes
CHUNK = b"\0" * (1 << 20)


class Full(Exception):
    """The disk is nearly full: photos are not taken, words still are."""


def is_full(error: BaseException) -> bool:
    """True for what a database says when there is no space left."""
    return isinstance(error, Full) or (
        isinstance(error, OperationalError) and ("full" in str(error) or "No space left" in str(error))
    )


def _path() -> Path:
    return Path(settings.DATA) / NAME


def low() -> bool:
    """Less than a tenth of the disk is free."""
    with suppress(OSError):
        found = os.statvfs(settings.DATA)
        return found.f_bavail < found.f_blocks * LOW
    return False


def keep(now: datetime | None = None) -> None:
    """Lay the ballast down where there is room for it twice over; at the start, and by the worker every hour."""
    del now
    path = _path()
    with suppress(OSError):
        found = os.statvfs(settings.DATA)
        size = min(MOST, found.f_blocks * found.f_frsize // SHARE)
        if path.exists() or found.f_bavail * found.f_frsize < 2 * size + LAST:
            return
        part = path.with_name(f".{NAME}")
        with part.open("wb") as file:  # written, not only reserved: a sparse file holds no space
            for _ in range(max(1, size // len(CHUNK))):
                file.write(CHUNK)
            os.fsync(file.fileno())
        part.replace(path)


def spare(folder: str) -> None:
    """Before every write: give the ballast up when the disk is at its end."""
    with suppress(OSError):
        found = os.statvfs(folder)
        if found.f_bavail * found.f_frsize < LAST:
            os.unlink(os.path.join(folder, NAME))
