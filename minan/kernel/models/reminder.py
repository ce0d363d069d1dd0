"""What is told once a day: the numbered list of a unit's late matters 催办单; and who is on duty when offices are shut 值班表."""

from __future__ import annotations

from django.db import models

from minan.lib.uuid7 import uuid7


class Reminder(models.Model):
    """One list a unit and day. Its number is given with its first late matter, its items when it goes out."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    unit = models.CharField(max_length=32)
    day = models.DateField()
    issuer = models.CharField(max_length=32)  # whose series the number is of: the unit above by block
    number = models.CharField(max_length=40)
    items = models.JSONField(default=list)  # [{"code", "clock", "due", "why": due | still | up}], the oldest end first
    more = models.PositiveIntegerField(default=0, db_default=0)  # late matters besides that found no room on the list
    sent_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "day"], name="reminder_day"),
            models.UniqueConstraint(fields=["issuer", "number"], name="reminder_number"),
        ]


class Rota(models.Model):
    """Who answers for a unit outside office hours: a duty room or person and its telephone, by night, by rest day or both."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    unit = models.CharField(max_length=32)
    when = models.CharField(max_length=8)  # night, rest (days nobody works), always
    weekday = models.CharField(max_length=7, blank=True)  # "67": only these days of the week, Monday is 1; empty: any
    post = models.CharField(max_length=40)  # the duty room or the post on duty, not a person's name
    telephone = models.CharField(max_length=20)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "when", "weekday", "telephone"], name="rota_once")]
