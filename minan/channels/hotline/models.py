"""Calls while they last, what was typed during them, and what is left of them: a count. The number is sealed and gone at hang-up."""

from __future__ import annotations

from django.db import models

from minan.lib.uuid7 import uuid7


class Call(models.Model):
    """One call the exchange told of. After the hang-up nothing of who called is left, and the row goes within the hour."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    mark = models.CharField(max_length=64, unique=True)  # hash of the exchange's own name for the call
    agent = models.BigIntegerField(null=True, db_index=True)  # the operator's account
    state = models.CharField(max_length=8)  # ringing taken over
    wrapped = models.BinaryField(null=True)  # the number, sealed for the keeper; null: gone
    sealed = models.BinaryField(null=True)
    rang_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    over_at = models.DateTimeField(null=True)
    agreed = models.BooleanField(default=False)  # the caller said yes, once
    shown = models.JSONField(default=list)  # codes of their own matters, while the call lasts


class Draft(models.Model):
    """What an operator typed and has not sent: sealed, given back to the same operator alone, gone when sent or dropped."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user_id = models.BigIntegerField(db_index=True)
    key = models.CharField(max_length=32)  # a hash of the form's key (drafts.py)
    wrapped = models.BinaryField()
    sealed = models.BinaryField()
    began_at = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user_id", "key"], name="hotline_draft_once")]


class Told(models.Model):
    """An event of the exchange that was taken: told twice it counts once."""

    mark = models.CharField(max_length=64, primary_key=True)
    at = models.DateTimeField(db_index=True)


class Count(models.Model):
    """What stays of calls: how many a day, how many were taken, how long they lasted together."""

    day = models.DateField(primary_key=True)
    rang = models.PositiveIntegerField(default=0)
    taken = models.PositiveIntegerField(default=0)
    seconds = models.PositiveBigIntegerField(default=0)
