"""Pictures and recordings on disk, by their hash, under DATA/attachments; written before the case that names them, so that none is missing.

Of the time of a file the hour alone is left (RELIABILITY.md P7).
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from pathlib import Path

from django.conf import settings

from minan.kernel import ballast, reads, registry, sounds
from minan.kernel.models import Attachment, Case
from minan.kernel.pictures import Picture
from minan.kernel.sounds import Recording
from minan.lib import folders


def folder() -> Path:
    return Path(settings.DATA) / "attachments"


def path_of(sha256: str, *, thumb: bool = False) -> Path:
    """Where the picture (or its small version) with this hash lies."""
    return folder() / sha256[:2] / (sha256 + (".thumb" if thumb else ""))


def of(case: Case, *, staff: bool, person: str = "", roles: Collection[str] = ()) -> list[Attachment]:
    """The pictures and recordings a reader of this case may have, by event: of what was passed on none to staff but who holds the report.
    Of the staff only the desk hears a voice: it tells who speaks, and who is complained about may be the lead.

    `person`, `roles`: the id of a member of staff, and what they are to this case. Where the procedure names whose its pictures are,
    nobody else has them.
    """
    if staff and case.privacy == "passed":
        return []
    procedure = registry.get(case.procedure)
    if procedure is not None and procedure.pictures_for and not (staff and person and case.facts.get(procedure.pictures_for) == person):
        return []
    tail = 'WHERE t."county" = %s AND t."case_id" = %s ORDER BY t."id"'
    found = reads.objects(Attachment, tail, [case.county, reads.row_id(case.id)])
    if case.privacy == "sealed" and case.parent is not None:
        rows = reads.objects(Attachment, 'WHERE t."case_id" = %s ORDER BY t."id"', [reads.row_id(case.parent)])
        for row in rows:
            row.n = 1
        found = [*rows, *found]
    return found if not staff or "desk" in roles else [row for row in found if not sounds.is_sound(row.mime)]


def _put(path: Path, data: bytes) -> None:
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.{id(data)}")
    with open(part, "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    folders.hour_only(part)
    os.replace(part, path)
    folders.hour_only(path.parent, path.parent.parent)


def store(pictures: Iterable[Picture | Recording]) -> None:
    """Keep the pictures; a picture already there is not written again. Raises ballast.Full where the disk is nearly full."""
    for picture in pictures:
        if ballast.low():
            raise ballast.Full
        _put(path_of(picture.sha256), picture.data)
        if picture.thumb:
            _put(path_of(picture.sha256, thumb=True), picture.thumb)
