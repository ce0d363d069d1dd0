"""What is still to be told: one row an event (outbox), one a listener (delivery), one a message to a person or unit."""

from __future__ import annotations

from django.db import models

from minan.lib.uuid7 import uuid7


class Outbox(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField(max_length=6)
    case_id = models.UUIDField()
    n = models.PositiveIntegerField()
    name = models.CharField(max_length=50)  # "matter.answer"
    at = models.DateTimeField()
    delta = models.JSONField(default=dict)  # what the counts need: before and after


class Delivery(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField(max_length=6)
    event = models.UUIDField()  # the outbox row's id
    listener = models.CharField(max_length=80)
    case_id = models.UUIDField()
    n = models.PositiveIntegerField()
    name = models.CharField(max_length=50)
    at = models.DateTimeField()
    delta = models.JSONField(default=dict)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)  # null: parked
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "event", "listener"], name="delivery_once")]
        indexes = [models.Index(fields=["next_at"], name="delivery_next", condition=models.Q(next_at__isnull=False))]


class Message(models.Model):
    """One notice on its way to a speaker or a unit, by one channel; sent at most once per (case, event, channel)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField(max_length=6)
    case_id = models.UUIDField()
    n = models.PositiveIntegerField()
    to = models.CharField(max_length=40)  # "speaker" or a unit's id
    channel = models.CharField(max_length=16)  # page sms board posted
    words = models.CharField(max_length=300)  # never a name, a number or what was said
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "case_id", "n", "to", "channel"], name="message_once")]
        indexes = [models.Index(fields=["to", "-made_at"], name="message_to")]
