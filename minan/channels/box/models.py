"""Boxes, the slips printed for them, each opening, and the photographs of what was taken out. Who spoke stands in none of them."""

from __future__ import annotations

from django.db import models

from minan.lib.uuid7 import uuid7

PRINTED, TAKEN, MADE, VOID = "printed", "taken", "made", "void"
WAITS, SETTLED, AGAIN, ERASED = "waits", "settled", "again", "erased"


class Box(models.Model):
    """A speaking box 说事箱: where it hangs and which unit empties it. Its seal is that of its last opening."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    unit = models.CharField(max_length=32, db_index=True)
    place = models.CharField(max_length=15, db_index=True)
    name = models.CharField(max_length=40)
    where = models.CharField(max_length=120, blank=True)
    keys = models.CharField(max_length=120, blank=True)  # which posts hold its keys, in words
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class Book(models.Model):
    """Slips printed in one go; the same form pressed twice prints the same ones."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    box = models.ForeignKey(Box, on_delete=models.PROTECT, related_name="books")
    key = models.CharField(
        max_length=64, unique=True
    )  # hash of the form's key: the codewords can be made again by who has the form alone
    first = models.PositiveIntegerField()  # running number of its first slip at this box
    count = models.PositiveSmallIntegerField()
    by = models.CharField(max_length=60)  # the post that printed
    at = models.DateTimeField()


class Opening(models.Model):
    """Which case (procedure `opening`) is the opening of which box; how it stands, the case knows."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    box = models.ForeignKey(Box, on_delete=models.PROTECT, related_name="openings")
    county = models.CharField(max_length=6)
    case_id = models.UUIDField(unique=True)
    at = models.DateTimeField()


class Slip(models.Model):
    """One printed slip. Its code becomes the code of what is said on it; of the stub's codeword only a verifier is kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="slips")
    number = models.PositiveIntegerField()  # running number at its box
    code = models.CharField(max_length=15, unique=True)
    verifier = models.CharField(max_length=200)  # scrypt, as of whoever speaks without a name
    state = models.CharField(max_length=8, default=PRINTED)  # printed, taken (out of a box), made (a matter), void
    opening = models.ForeignKey(Opening, null=True, on_delete=models.PROTECT, related_name="slips")
    case_id = models.UUIDField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["book", "number"], name="box_slip_once")]


class Sheet(models.Model):
    """One photograph of what came out of a box. Handwriting tells who wrote: only who types it in sees it, and it is erased on its
    day, or as soon as a matter on it is confidential, sealed or lost words (keeping.py)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    opening = models.ForeignKey(Opening, on_delete=models.PROTECT, related_name="sheets")
    sha256 = models.CharField(max_length=64)
    likeness = models.CharField(max_length=16)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    state = models.CharField(
        max_length=8, default=WAITS
    )  # waits (nothing read in it, or not all typed), settled, again, erased
    plain = models.PositiveSmallIntegerField(default=0)  # papers without a number on it that were taken in
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["opening", "sha256"], name="box_sheet_once")]


class Plain(models.Model):
    """A matter made from a paper without a number on this photograph."""

    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="papers")
    case_id = models.UUIDField(unique=True)


class Seen(models.Model):
    """Which slip is on which photograph."""

    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="seen")
    slip = models.ForeignKey(Slip, on_delete=models.CASCADE, related_name="seen")
    by_hand = models.BooleanField(default=False)  # the number was typed: it could not be read

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sheet", "slip"], name="box_seen_once")]
