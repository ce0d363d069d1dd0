"""Whose a matter is, by rules the centre writes; which ends a publication moves; and what was refused to be pushed down."""

from __future__ import annotations

from django.db import models

from minan.kernel.models.city import Versioned
from minan.lib.uuid7 import uuid7


class RoutingRule(Versioned):
    """One line of the routing table 派单规则: the first line by rank that fits wins, before the duty list. Empty means any."""

    rank = models.PositiveIntegerField(default=100)
    kind = models.CharField(max_length=40, blank=True)
    group = models.CharField(max_length=24, blank=True)
    place = models.CharField(max_length=15, blank=True)  # and all that lies in it
    words = models.CharField(max_length=300, blank=True)  # any of these stands in the text; separated by blanks
    channel = models.CharField(max_length=16, blank=True)
    urgency = models.CharField(max_length=12, blank=True)
    hours = models.CharField(max_length=8, blank=True)  # "office", "off": when it was said
    level = models.CharField(max_length=8, blank=True)  # with `word`: the nearest unit of this word from this level up
    word = models.CharField(max_length=24, blank=True)
    unit = models.CharField(max_length=32, blank=True)  # or this one unit
    rule = models.CharField(max_length=60)
    article = models.CharField(max_length=200, blank=True)


class Planned(models.Model):
    """One end that an edition moves: written with the edition, carried out by the worker, kept as what was promised to happen."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    edition = models.PositiveIntegerField()
    county = models.CharField(max_length=6)
    case_id = models.UUIDField()
    clock = models.UUIDField()
    was = models.DateTimeField()
    due = models.DateTimeField()
    limit = models.JSONField(default=dict)  # of a change of limits: what the clock's row says from now on
    done = models.CharField(max_length=8, blank=True)  # "", "moved", "passed": it had ended or changed meanwhile

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "clock", "edition"], name="planned_once")]
        indexes = [
            models.Index(fields=["edition", "id"], name="planned_edition"),
            models.Index(fields=["id"], name="planned_open", condition=models.Q(done="")),
        ]


class Pushed(models.Model):
    """An attempt to hand a village what is not its duty, refused: one row an event, for the month's count."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField(max_length=6)
    case_id = models.UUIDField()
    n = models.PositiveIntegerField()
    place = models.CharField(max_length=15)
    by = models.CharField(max_length=32)  # the unit that tried
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "case_id", "n"], name="pushed_once")]
        indexes = [models.Index(fields=["place", "at"], name="pushed_place")]
