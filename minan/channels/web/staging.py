"""Photos between two tries of a form: already re-encoded, kept for a day, named by a signed token that only this form holds."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import signing
from django.utils.translation import gettext as _

from minan.kernel import pictures
from minan.kernel.facts import PHOTOS_MAX
from minan.kernel.pictures import Picture, Unfit
from minan.lib import folders

SALT = "minan.web.photo"
KEEP_SECONDS = 24 * 3600
SWEEP_SECONDS = 3600
_swept = 0.0


@dataclass(frozen=True, slots=True)
class Kept:
    """A photo that waits: its token and its facts."""

    token: str
    sha256: str
    width: int
    height: int
    dhash: str

    def picture(self) -> Picture | None:
        """The picture again, as `pictures.clean` gave it; None where its day is over."""
        try:
            data, thumb = _path(self.sha256).read_bytes(), _path(self.sha256, thumb=True).read_bytes()
        except FileNotFoundError:
            return None
        return Picture(data, "image/jpeg", self.width, self.height, self.sha256, thumb, self.dhash)


def _path(sha256: str, *, thumb: bool = False) -> Path:
    return Path(settings.DATA) / "staging" / (sha256 + (".thumb" if thumb else ""))


def _write(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}.{time.monotonic_ns()}")
    part.write_bytes(data)
    folders.hour_only(part)
    os.replace(part, path)
    folders.hour_only(path.parent)


def _sweep(now: float) -> None:
    """Once an hour, what nobody came back for goes."""
    global _swept
    if now - _swept < SWEEP_SECONDS:
        return
    _swept = now
    for path in _path("x").parent.iterdir():
        with contextlib.suppress(FileNotFoundError):
            if now - path.stat().st_mtime > KEEP_SECONDS:
                path.unlink()


def hold(files: Mapping[str, bytes]) -> None:
    """Put files aside by name."""
    _path("x").parent.mkdir(parents=True, exist_ok=True)
    _sweep(time.time())
    for name, data in files.items():
        _write(_path(name), data)


def held(sha256: str) -> bytes | None:
    """A file that was put aside; None where its day is over."""
    try:
        return _path(sha256).read_bytes()
    except FileNotFoundError:
        return None


def let_go(sha256: str) -> None:
    """A file that was put aside and may not wait any longer."""
    _path(sha256).unlink(missing_ok=True)


def keep(picture: Picture) -> Kept:
    """Put a clean picture aside."""
    hold({picture.sha256: picture.data, _path(picture.sha256, thumb=True).name: picture.thumb})
    facts = [picture.sha256, picture.width, picture.height, picture.dhash]
    return Kept(
        signing.dumps(facts, salt=SALT, compress=True), picture.sha256, picture.width, picture.height, picture.dhash
    )


def read(token: str) -> Kept | None:
    """The photo behind a token; None where the token is none of ours or its day is over."""
    try:
        sha256, width, height, dhash = signing.loads(token, salt=SALT, max_age=KEEP_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return Kept(token, sha256, width, height, dhash) if _path(sha256, thumb=True).exists() else None


def thumb(token: str) -> bytes | None:
    """The small picture behind a token."""
    kept = read(token)
    return _path(kept.sha256, thumb=True).read_bytes() if kept else None


def gather(tokens: Iterable[str], uploads: Iterable[Any]) -> tuple[list[Kept], list[str]]:
    """(photos that are kept, what was wrong with the others): earlier ones by token, then the new uploads, each once."""
    found = {kept.sha256: kept for token in list(tokens)[:PHOTOS_MAX] if (kept := read(token))}
    wrong: list[str] = []
    for upload in uploads:
        if len(found) >= PHOTOS_MAX:
            wrong.append(_("一次最多 %(n)d 张照片，多出来的没有收。") % {"n": PHOTOS_MAX})
            break
        try:
            kept = keep(pictures.clean(upload.read(pictures.MAX_BYTES + 1)))
        except Unfit as unfit:
            wrong.append(f"{_name(upload)}{_(unfit.message)}")
        else:
            found.setdefault(kept.sha256, kept)
    return list(found.values()), wrong


def _name(upload: Any) -> str:
    name = str(getattr(upload, "name", "") or "")[:40]
    return _("“%(name)s”：") % {"name": name} if name else ""
