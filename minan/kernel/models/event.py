"""What happened: one row a step, never changed (the database itself refuses); its words and salt lie in an erasable table."""

from __future__ import annotations

from django.db import models

from minan.lib.uuid7 import uuid7


class Event(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField(max_length=6)
    case_id = models.UUIDField()
    n = models.PositiveIntegerField()
    step = models.CharField(max_length=24)
    source = models.CharField(max_length=24, blank=True)  # state before
    state = models.CharField(max_length=24)  # state after
    at = models.DateTimeField()
    by = models.CharField(max_length=64)  # "131022100-station:clerk", "resident" or "clock"
    body = models.CharField(max_length=64)  # commitment
    prev = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    key = models.CharField(max_length=80)  # idempotency: one key, one event

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["county", "case_id", "n"], name="event_n"),
            models.UniqueConstraint(fields=["county", "key"], name="event_key"),
        ]


class Body(models.Model):
    """What an event commits to. May be erased; the event and its proof stay."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField(max_length=6)
    case_id = models.UUIDField()
    n = models.PositiveIntegerField()
    salt = models.BinaryField(max_length=32)
    text = models.TextField()  # canonical JSON {"facts":…, "note":…, "person":…}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "case_id", "n"], name="body_n")]
