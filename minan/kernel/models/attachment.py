"""A picture (re-encoded, without metadata) or a recording that belongs to an event, stored by its hash under DATA/attachments."""

from __future__ import annotations

from django.db import models

from minan.lib.uuid7 import uuid7


class Attachment(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField(max_length=6)
    case_id = models.UUIDField()
    n = models.PositiveIntegerField()  # the event it came with
    name = models.CharField(max_length=120, blank=True)
    mime = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    thumb = models.CharField(max_length=64, blank=True)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    bytes = models.PositiveIntegerField()
    likeness = models.CharField(max_length=16, blank=True)  # difference hash, to recognise a photo used before
    part1 = models.PositiveIntegerField(default=0)  # the hash in four parts of 16 bits (reused.py)
    part2 = models.PositiveIntegerField(default=0)
    part3 = models.PositiveIntegerField(default=0)
    part4 = models.PositiveIntegerField(default=0)
    released = models.BooleanField(default=False)  # a desk let the world see it
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["county", "case_id"], name="attachment_case"),
            models.Index(fields=["sha256"], name="attachment_file"),
            *(models.Index(fields=[f"part{i}"], name=f"attachment_part{i}") for i in range(1, 5)),
        ]
