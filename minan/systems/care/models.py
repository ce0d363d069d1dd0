"""Whose sign is awaited today, and which bed is taken on which night. No row here tells of a day before yesterday.

`Watch` holds one row a running agreement. Its two facts of the day (`given`, `visit`) are overwritten at midnight and gone; a pause is
its last day, no place and no beginning. Nothing counts them, nothing keeps them: who dumps every table learns about today only (a test
tries). `Night` holds one row a bed and night that is taken; past nights are swept.
"""

from __future__ import annotations

from django.db import models

from minan.lib.uuid7 import uuid7


class Watch(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField(max_length=6)
    case_id = models.UUIDField(unique=True)  # the agreement
    place = models.CharField(max_length=15)
    unit = models.CharField(max_length=32, db_index=True)  # the point whose worker would come
    way = models.CharField(max_length=8)
    hour = models.CharField(max_length=5)  # 09:00 of the city's clock
    number = models.PositiveIntegerField(default=0)  # its line on the paper plan of the point; 0: none
    device = models.CharField(max_length=60, blank=True, db_index=True)  # the gateway at home that judges by itself
    given = models.BooleanField(default=False)  # a sign came today
    visit = models.UUIDField(null=True)  # the visit of today, or one that is still open
    paused_until = models.DateField(null=True)  # no sign is awaited up to and including this day
    next_at = models.DateTimeField(db_index=True)  # when it is looked at: the hour, or the midnight that clears the day

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["device"], condition=~models.Q(device=""), name="care_device_once"),
            models.UniqueConstraint(fields=["unit", "number"], condition=models.Q(number__gt=0), name="care_line_once"),
        ]


class Centre(models.Model):
    """A care centre 托养中心, loaded from the city's care_centres.csv."""

    number = models.PositiveIntegerField(primary_key=True)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=80)
    place = models.CharField(max_length=15)  # of its community, or of the street itself
    street = models.CharField(max_length=12, db_index=True)  # the township-level code: who has no wish gets any bed of it
    hours = models.CharField(max_length=60)
    hours_en = models.CharField(max_length=80, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name

    @property
    def open_hours(self) -> dict[str, str]:
        """When somebody is there, in both languages."""
        return {"zh": self.hours, "en": self.hours_en}


class Bed(models.Model):
    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="beds")
    number = models.PositiveIntegerField()
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["centre", "number"], name="care_bed_once")]


class Night(models.Model):
    """A bed on a night: taken by at most one stay, whoever is faster."""

    bed = models.ForeignKey(Bed, on_delete=models.PROTECT, related_name="nights")
    day = models.DateField()
    case_id = models.UUIDField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bed", "day"], name="care_night_once")]
        indexes = [models.Index(fields=["day"], name="care_night_day")]
