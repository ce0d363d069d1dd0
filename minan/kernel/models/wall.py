"""Who must not come near a case: its subject, their unit and all under it, declared relatives, whoever stood aside.

`who` is "unit:131022-lighting" (everyone who works there or under it, by block or by line) or "user:12".
"""

from __future__ import annotations

from django.conf import settings
from django.db import models

from minan.lib.uuid7 import uuid7


class Wall(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField(max_length=6)
    case_id = models.UUIDField()
    n = models.PositiveIntegerField()  # the event that raised it
    who = models.CharField(max_length=48)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "case_id", "who"], name="wall_once")]


class Tie(models.Model):
    """Two members of staff who are relatives, as one of them declared: where one is complained about, both are walled off."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="ties")
    other = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    said_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "other"], name="tie_once")]


class Judged(models.Model):
    """One judgement of a unit's work by a speaker: its unit reads it only together with nine others."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField(max_length=6)
    case_id = models.UUIDField()
    n = models.PositiveIntegerField()
    unit = models.CharField(max_length=32)
    batch = models.PositiveIntegerField(null=True)  # null: still waits for nine others

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "case_id", "n"], name="judged_once")]
        indexes = [models.Index(fields=["unit", "batch"], name="judged_unit")]


class Strike(models.Model):
    """One breaking of the glass that a head rejected: three in a year end the right (DOMAIN.md, Red lines)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    county = models.CharField(max_length=6)
    case_id = models.UUIDField()
    n = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "case_id", "n"], name="strike_once")]


class Look(models.Model):
    """One opening of the vault by a second person's word; `slot` counts a person's day, so that no two take the same place."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField(max_length=6)
    case_id = models.UUIDField()
    n = models.PositiveIntegerField()  # the event
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    day = models.DateField()  # of Beijing
    slot = models.PositiveSmallIntegerField()  # 1 … ten
    what = models.CharField(max_length=12)  # identity, text

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["county", "case_id", "n"], name="look_once"),
            models.UniqueConstraint(fields=["user", "day", "slot"], name="look_budget"),
        ]
