"""A pass that was taken back before its time; the row goes when the pass would have ended anyway. It names no person and no door."""

from __future__ import annotations

from django.db import models


class Revoked(models.Model):
    """`number` counts the list: a door that has it knows which is newer."""

    number = models.BigAutoField(primary_key=True)
    pass_id = models.CharField(max_length=16, unique=True)  # hex
    ends = models.BigIntegerField()  # seconds since 1970
