"""Pictures on disk, by their hash, under DATA/attachments; written before the case that names them, so that none is missing."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from minan.kernel import ballast
from minan.kernel.pictures import Picture


def folder() -> Path:
    return Path(settings.DATA) / "attachments"


def path_of(sha256: str, *, thumb: bool = False) -> Path:
    """Where the picture (or its small version) with this hash lies."""
    return folder() / sha256[:2] / (sha256 + (".thumb" if thumb else ""))


def _put(path: Path, data: bytes) -> None:
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.{id(data)}")
    with open(part, "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    os.replace(part, path)


def store(pictures: Iterable[Picture]) -> None:
    """Keep the pictures; a picture already there is not written again. Raises ballast.Full where the disk is nearly full."""
    for picture in pictures:
        if ballast.low():
            raise ballast.Full
        _put(path_of(picture.sha256), picture.data)
        _put(path_of(picture.sha256, thumb=True), picture.thumb)
