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
    channel = models.CharField(max_length=16)  # page board posted; of those that leave the house: sms mail push wechat
    words = models.CharField(max_length=300)  # never a name, a number or what was said
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    # Of those that leave the house (outgoing.py): when it is looked at again (null: not any more); since when it lies with a
    # provider that has not answered; which one; why it has not gone (outcomes.py).
    next_at = models.DateTimeField(null=True)
    held_at = models.DateTimeField(null=True)
    provider = models.CharField(max_length=16, blank=True)
    reason = models.CharField(max_length=16, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "case_id", "n", "to", "channel"], name="message_once")]
        indexes = [
            models.Index(fields=["to", "-made_at"], name="message_to"),
            models.Index(fields=["next_at"], name="message_next", condition=models.Q(next_at__isnull=False)),
            models.Index(fields=["held_at"], name="message_held", condition=models.Q(held_at__isnull=False)),
        ]


class Sparing(models.Model):
    """A moment at which one number got one message, or was promised one; by a keyed mark, for a day (sparing.py)."""

    id = models.BigAutoField(primary_key=True)
    mark = models.CharField(max_length=48)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["mark", "at"], name="sparing_mark"), models.Index(fields=["at"], name="sparing_at")]


class ProviderState(models.Model):
    """How a provider of a channel does: failures in a row, until when it rests, what it said last (providers.py)."""

    name = models.CharField(max_length=24, primary_key=True)  # "sms.aliyun"
    failures = models.PositiveIntegerField(default=0)  # in a row
    rests_until = models.DateTimeField(null=True)
    worked_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=16, blank=True)
    detail = models.CharField(max_length=60, blank=True)  # the provider's own code, never an address
