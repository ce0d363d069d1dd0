"""Whether a photo was used before: looked up by its difference hash, among a million in some milliseconds.

The 64 bits are kept in four parts of 16, each with an index: two hashes that differ in at most three bits have a part in
common (pigeonhole), so nothing within NEAR is missed. Measured on 240 drawn scenes (docs/handbook/endings.md): re-encoded,
scaled and made lighter or darker are found within three bits; of different scenes of one kind 5 in 7,080 pairs are as near.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from minan.kernel import sounds
from minan.kernel.models import Attachment, Case, Inbox

NEAR = 3  # bits
PARTS = ("part1", "part2", "part3", "part4")
PLAIN = 6  # a picture with fewer changes of brightness than this (a wall, the night) is compared as a file only
MOST = 2_000  # rows looked at for one part


@dataclass(frozen=True, slots=True)
class Used:
    """Where a photo was seen first: when, whether in this matter, and the code where the asker may see that case."""

    sha256: str
    at: datetime
    here: bool
    code: str


def parts(likeness: str) -> dict[str, int]:
    """The four parts of a hash by column; all 0 where there is none."""
    number = int(likeness or "0", 16)
    return {name: number >> (48 - 16 * i) & 0xFFFF for i, name in enumerate(PARTS)}


def plain(likeness: str) -> bool:
    """True where the hash says next to nothing."""
    ones = int(likeness or "0", 16).bit_count()
    return ones < PLAIN or ones > 64 - PLAIN


def near(one: str, other: str) -> bool:
    return bool(one and other) and (int(one, 16) ^ int(other, 16)).bit_count() <= NEAR


def same(photo: Mapping[str, Any], sha256: str, likeness: str) -> bool:
    """The same file, or the same picture saved again."""
    if photo["sha256"] == sha256:
        return True
    return not plain(photo["likeness"]) and near(photo["likeness"], likeness)


def _rows(photo: Mapping[str, Any]) -> Iterable[tuple[UUID, str, datetime]]:
    """(case, hash of the file, when) of every picture that is this one again, each part by its own index."""
    values = "case_id", "at", "sha256", "likeness"
    found = list(Attachment.objects.filter(sha256=photo["sha256"]).values_list(*values)[:MOST])
    if not plain(photo["likeness"]):
        for name, value in parts(photo["likeness"]).items():
            found += Attachment.objects.filter(**{name: value}).values_list(*values)[:MOST]
    return {(case, sha, at) for case, at, sha, likeness in found if same(photo, sha, likeness)}


def used(
    code: str, photos: Sequence[Mapping[str, Any]], unit: str, person: str, allowed: Sequence[Mapping[str, Any]] = (),
    own: bool = True,
) -> Used | None:  # fmt: skip
    """The first earlier use of one of these photos, in any case; None where all are new, or `allowed` for this matter.

    `own` False: what this case itself holds does not count.
    """
    mine = None if own else Case.objects.filter(code=code).values_list("id", flat=True).first()
    for photo in photos:
        if any(same(photo, one["sha256"], one["likeness"]) for one in allowed):
            continue
        rows = sorted((row for row in _rows(photo) if row[0] != mine), key=lambda row: row[2])
        if rows:
            case_id, sha256, at = rows[0]
            case = Case.objects.filter(id=case_id).first()
            here = any(one == case_id for one, *_ in rows) and case is not None and case.code == code
            return Used(sha256, at, here, _named(case, unit, person))
    return None


def _named(case: Case | None, unit: str, person: str) -> str:
    """The code, where it is in the asker's own inbox and no wall stands between."""
    if case is None or f"user:{person}" in case.walls:
        return ""
    there = Inbox.objects.filter(county=case.county, case_id=case.id, unit=unit).exists()
    return case.code if there else ""


def pictured(code: str) -> bool:
    """Whether any picture belongs to this case already; a recording is none."""
    case = Case.objects.filter(code=code).only("id", "county").first()
    own = Attachment.objects.exclude(mime__startswith=sounds.KIND)
    return case is not None and own.filter(Q(county=case.county), case_id=case.id).exists()
