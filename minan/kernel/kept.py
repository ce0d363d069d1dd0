"""Photos of a form that came back: kept on disk by their hash, carried in the form as a signed list, for an hour."""

from __future__ import annotations

from collections.abc import Sequence

from django.core import signing

from minan.kernel import attachments
from minan.kernel.facts import PHOTOS_MAX
from minan.kernel.pictures import Picture

KEPT_SECONDS = 3600
_SALT = "kept-photos:"


def token(pictures: Sequence[Picture], key: str) -> str:
    """The pictures stored, and their signed list; it is good for the form with this key only."""
    attachments.store(pictures)
    rows = [[p.sha256, p.mime, p.width, p.height, p.dhash] for p in pictures[:PHOTOS_MAX]]
    return signing.dumps(rows, salt=_SALT + key, compress=True)


def again(text: str, key: str) -> list[Picture]:
    """The pictures of a signed list; [] where it is not ours, of another form, too old, or a file is gone."""
    try:
        rows = signing.loads(text, salt=_SALT + key, max_age=KEPT_SECONDS) if text else []
        return [
            Picture(
                data=attachments.path_of(sha).read_bytes(), mime=mime, width=width, height=height, sha256=sha,
                thumb=attachments.path_of(sha, thumb=True).read_bytes(), dhash=dhash,
            )
            for sha, mime, width, height, dhash in rows
        ]  # fmt: skip
    except (signing.BadSignature, OSError):
        return []
