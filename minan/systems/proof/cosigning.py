"""Takes in a witness's signature under a checkpoint: of witnesses this city names only, of what it signed itself only, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from minan.kernel import notes
from minan.kernel.procedure import Words
from minan.systems.proof import keys
from minan.systems.proof.asked import Problem
from minan.systems.proof.models import CITY, Checkpoint, Cosignature

SKEW = timedelta(minutes=5)  # between a witness's clock and ours
MOST_BYTES = 64 * 1024
BAD = Words("这不是带签名的检查点，或者签名对不上", "This is no signed checkpoint, or a signature does not hold")
UNKNOWN = Words("本市没有签过这个检查点", "This city did not sign such a checkpoint")
NOBODY = Words("没有本市名单上的见证人的签名", "It carries no signature of a witness on this city's list")
WRONG_TIME = Words("见证人的签名时间和这里的钟差得太远", "The time the witness gives is far from the clock here")


def _at(seconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise Problem(400, WRONG_TIME) from None


def _checkpoint(opened: notes.Opened) -> Checkpoint:
    """The checkpoint of ours that was cosigned, word for word. Raises Problem 400, 404."""
    try:
        said = notes.Checkpoint.parse(opened.text)
    except notes.Wrong:
        raise Problem(400, BAD) from None
    row = Checkpoint.objects.filter(log=CITY, size=said.size).first()
    if row is None or notes.parts(row.note)[0] != opened.text:
        raise Problem(404, UNKNOWN)
    return row


def take(note: bytes, now: datetime) -> int:
    """Keep the witnesses' lines of a cosigned checkpoint; returns how many were new. Raises Problem."""
    try:
        witnesses = [key for key in keys.witnesses() if key.kind == notes.COSIGNATURE]
        opened = notes.open_note(note, (keys.signer().key, *witnesses))
    except notes.Wrong:
        raise Problem(400, BAD) from None
    row = _checkpoint(opened)
    lines = [one for one in opened.signed if one.key in witnesses]
    if not lines:
        raise Problem(403, NOBODY)
    if any(not row.at - SKEW <= _at(one.at) <= now + SKEW for one in lines):
        raise Problem(400, WRONG_TIME)
    before = Cosignature.objects.filter(checkpoint=row).count()
    fresh = [
        Cosignature(checkpoint=row, witness=one.key.text()[:200], line=one.line, at=_at(one.at), taken_at=now)
        for one in lines
    ]
    Cosignature.objects.bulk_create(fresh, ignore_conflicts=True)
    return Cosignature.objects.filter(checkpoint=row).count() - before
