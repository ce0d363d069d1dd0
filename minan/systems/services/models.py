"""One row an order: which shop, which slot. The database itself refuses that one seat of one slot is given twice."""

from __future__ import annotations

from django.db import models

from minan.lib.uuid7 import uuid7


class Job(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField(max_length=6)
    shop = models.UUIDField()  # the shop's case
    case_id = models.UUIDField()  # the order's
    starts_at = models.DateTimeField(null=True)  # of a booked slot
    seat = models.PositiveSmallIntegerField(default=0)
    held = models.BooleanField(default=True)  # False: declined, cancelled, unanswered: the slot is free again
    running = models.BooleanField(default=True)  # not done, rated or over

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case_id"], name="job_once"),
            models.UniqueConstraint(
                fields=["shop", "starts_at", "seat"],
                name="job_slot",
                condition=models.Q(held=True, starts_at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["shop", "-id"], name="job_shop")]
