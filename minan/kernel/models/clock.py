"""A promise with an end: one row a clock and round, never started again; it pins the limit and the rule it rests on."""

from __future__ import annotations

from django.db import models

from minan.lib.uuid7 import uuid7


class Clock(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField(max_length=6)
    case_id = models.UUIDField()
    name = models.CharField(max_length=24)
    round = models.PositiveSmallIntegerField(default=1)
    unit = models.CharField(max_length=32, blank=True)  # whose clock it is
    limit = models.CharField(max_length=12)
    rule = models.CharField(max_length=60)
    article = models.CharField(max_length=200, blank=True)
    hours = models.CharField(max_length=24, default="default")
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    warn_at = models.DateTimeField()
    legal = models.CharField(max_length=12, blank=True)
    legal_due_at = models.DateTimeField(null=True)
    legal_article = models.CharField(max_length=200, blank=True)
    provisional = models.BooleanField(default=False)
    paused_at = models.DateTimeField(null=True)
    extended = models.BooleanField(default=False)
    done_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)  # when the worker must look next; null: nothing more to do
    told = models.PositiveSmallIntegerField(default=0)  # 0 nothing, 1 due acted on, 2 gone up

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "case_id", "name", "round"], name="clock_round")]
        indexes = [
            models.Index(fields=["next_at"], name="clock_next", condition=models.Q(next_at__isnull=False)),
            models.Index(fields=["due_at"], name="clock_late", condition=models.Q(told__gte=1, done_at__isnull=True)),
            models.Index(fields=["provisional"], name="clock_prov", condition=models.Q(provisional=True)),
        ]
