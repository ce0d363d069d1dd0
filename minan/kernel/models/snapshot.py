"""Every version of a procedure ever used, as data; and the numbered series of documents."""

from __future__ import annotations

from django.db import models


class Snapshot(models.Model):
    procedure = models.CharField(max_length=24)
    version = models.PositiveSmallIntegerField()
    declared = models.JSONField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["procedure", "version"], name="snapshot_once")]


class Serial(models.Model):
    """The last number given out in a series (督办, 催办) of a unit in a year."""

    unit = models.CharField(max_length=32)
    series = models.CharField(max_length=16)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "series", "year"], name="serial_once")]
