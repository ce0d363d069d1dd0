"""A stored answer to a POST with an Idempotency-Key, kept 7 days, readable only with that key (CONTRACTS.md "Idempotency")."""

from __future__ import annotations

from django.db import models

from minan.lib.uuid7 import uuid7


class Reply(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField(max_length=6, blank=True)
    caller = models.CharField(max_length=64)
    mark = models.CharField(max_length=64)  # hash of the key
    body = models.CharField(max_length=64)  # hash of the request
    sealed = models.BinaryField(null=True)  # null: still being answered
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["caller", "mark"], name="reply_once")]
