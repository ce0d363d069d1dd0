"""A place: a division of the country by its full code; codes change, so each has its time and its successor."""

from __future__ import annotations

from django.db import models


class Place(models.Model):
    code = models.CharField(max_length=15, primary_key=True)  # 12 digits, 15 for a grid
    name = models.CharField(max_length=80)
    level = models.CharField(max_length=8)  # city county town village grid
    parent = models.CharField(max_length=15, blank=True, db_index=True)
    tag = models.CharField(
        max_length=2, blank=True
    )  # counties and the city: the two characters that begin a case's code
    lon = models.FloatField(null=True)  # WGS-84, where truly known
    lat = models.FloatField(null=True)
    slon = models.FloatField(null=True)  # schematic centre: good for proposing, never for deciding
    slat = models.FloatField(null=True)
    outline = models.JSONField(null=True)  # GeoJSON geometry, WGS-84
    since = models.DateField(null=True)
    until = models.DateField(null=True)
    successor = models.CharField(max_length=15, blank=True)

    def __str__(self) -> str:
        return f"{self.name} {self.code}"
