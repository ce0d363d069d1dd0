"""A press that found the lane away: one closed file each in DATA/help/spool, on the disk before the page says so; the lane takes them up.

A reserve of a few blocks is given up when the disk is full, so that the last press of a full disk still has room.
"""

from __future__ import annotations

import errno
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings

from minan.kernel import ballast
from minan.lib import folders
from minan.systems.help import sealing

NAME = re.compile(r"[0-9a-f]{32}")
RESERVE = 1 << 20  # bytes
MOST = 10_000  # files looked at


def folder() -> Path:
    place = sealing.room() / "spool"
    place.mkdir(mode=0o700, exist_ok=True)
    return place


def reserve() -> None:
    """Lay the reserve down where there is room for it."""
    path = sealing.room() / "reserve"
    with suppress(OSError):
        if not path.exists():
            folders.write_whole(path, b"\0" * RESERVE)


def put(press: str, message: dict[str, Any]) -> None:
    """Keep one press until the lane is back; the same press once. Raises OSError where nothing more goes onto the disk."""
    if not NAME.fullmatch(press):
        raise ValueError("no press")
    path, raw = folder() / press, sealing.shut(message, f"spool:{press}")
    try:
        folders.write_once(path, raw)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        for name in (sealing.room() / "reserve", Path(settings.DATA) / ballast.NAME):
            with suppress(OSError):
                name.unlink()
        folders.write_once(path, raw)


def waiting() -> list[tuple[str, dict[str, Any]]]:
    """(press, message) of what waits; a file that is none of ours is left alone."""
    out = []
    with suppress(OSError):
        for name in sorted(os.listdir(folder()))[:MOST]:
            if NAME.fullmatch(name):
                with suppress(OSError, sealing.Torn):
                    out.append((name, sealing.opened((folder() / name).read_bytes(), f"spool:{name}")))
    return out


def done(press: str) -> None:
    (folder() / press).unlink(missing_ok=True)
