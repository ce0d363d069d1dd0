"""One log a county and one of the city: their leaves, tiles, checkpoints, and who cosigned them (CONTRACTS.md "Receipts and checkpoints").

Row numbers here are plain counters: an id that tells the moment would tell it of anonymous cases too.
"""

from __future__ import annotations

from django.db import models

CITY = "city"  # the log that gathers the counties'; theirs are called by their six digits


class Log(models.Model):
    """How far a log is: `size` leaves have their place; the first `published` of them stand in tiles under `note`."""

    name = models.CharField(max_length=6, primary_key=True)
    size = models.PositiveBigIntegerField(default=0)
    published = models.PositiveBigIntegerField(default=0)  # of a county: as many are in the city's log
    note = models.TextField(blank=True)  # its last signed checkpoint
    at = models.DateTimeField(null=True)  # … and when that was made

    def __str__(self) -> str:
        return self.name


class Leaf(models.Model):
    """The place of one event: its number in the county's log, and once published in the city's."""

    log = models.CharField(max_length=6)
    index = models.PositiveBigIntegerField()
    city_index = models.PositiveBigIntegerField(null=True)
    case_id = models.UUIDField()
    n = models.PositiveIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["log", "case_id", "n"], name="leaf_once"),
            models.UniqueConstraint(fields=["log", "index"], name="leaf_place"),
        ]


class Tile(models.Model):
    """Up to 256 hashes of 32 bytes end to end, as C2SP tlog-tiles cuts a tree; only the last of a level may still grow."""

    log = models.CharField(max_length=6)
    level = models.PositiveSmallIntegerField()
    number = models.PositiveBigIntegerField()
    hashes = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["log", "level", "number"], name="tile_once")]


class Checkpoint(models.Model):
    """What the city's log signed, for good: one root a size. A county's stand in these as lines."""

    log = models.CharField(max_length=6, default=CITY)
    size = models.PositiveBigIntegerField()
    root = models.CharField(max_length=64)
    at = models.DateTimeField()
    note = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["log", "size"], name="checkpoint_once")]


class Cosignature(models.Model):
    """One witness's line under one checkpoint."""

    log = models.CharField(max_length=6, default=CITY)
    checkpoint = models.ForeignKey(Checkpoint, on_delete=models.PROTECT, related_name="cosignatures")
    witness = models.CharField(max_length=200)
    line = models.CharField(max_length=400)
    at = models.DateTimeField()  # as the witness says
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["checkpoint", "witness"], name="cosigned_once")]


class Count(models.Model):
    """What the public page counts, folded from events by counts.py: steps by year (`by` = "step"), endings as they stand ("end")."""

    county = models.CharField(max_length=6)
    by = models.CharField(max_length=8)
    key = models.CharField(max_length=60)  # "break_glass", "matter.closed.own"
    year = models.PositiveSmallIntegerField(default=0)  # of a step; 0 of an ending
    n = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "by", "key", "year"], name="proof_count_once")]


class Deferral(models.Model):
    """A case whose speaker is not yet told of a look, by a deferral in writing that still runs; the public page counts the rows."""

    county = models.CharField(max_length=6)
    case_id = models.UUIDField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "case_id"], name="proof_deferral_once")]
