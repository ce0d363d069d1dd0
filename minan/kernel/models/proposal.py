"""A change that two people must want: put forward by one, done when another confirms it, gone after a week."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from minan.lib.uuid7 import uuid7


class Proposal(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    what = models.CharField(max_length=12)  # change, password, export
    table = models.CharField(max_length=24, blank=True)
    row = models.CharField(max_length=64, blank=True)  # its key; "" makes a new one
    values = models.JSONField(default=dict)
    why = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    unit = models.CharField(max_length=32)
    at = models.DateTimeField()
    until = models.DateTimeField()
    state = models.CharField(max_length=8, default="waits")  # waits, done, refused, gone
    second = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    second_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "-at"], name="proposal_state")]
