"""What the pages and screens read: a copy of what is public just now, made from the cases (showing.py); screens; seats; plain counts.

A row here says nothing that its case does not say; all of `Shown` can be thrown away and made again.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import models

from minan.lib.uuid7 import uuid7


class Shown(models.Model):
    """One public thing at one place: a bulletin, a post, an event. Valid from `starts_at` to `ends_at`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case_id = models.UUIDField()
    county = models.CharField(max_length=6)
    code = models.CharField(max_length=15)
    n = models.PositiveIntegerField()  # the event it was made after
    what = models.CharField(max_length=12)  # bulletin, lost, gathering
    sort = models.CharField(max_length=12, blank=True)
    topic = models.CharField(max_length=12, blank=True)
    place = models.CharField(max_length=15)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    body = models.JSONField(default=dict)  # title, text, place_words, pictures (their hashes), by
    note = models.TextField(blank=True)  # the same, signed, for screens; "" for what no screen shows

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case_id", "place"], name="shown_once")]
        indexes = [models.Index(fields=["place", "ends_at"], name="shown_at")]

    @property
    def begins(self) -> datetime | None:
        """When an event begins; None for what is none."""
        return datetime.fromtimestamp(self.body["when"], UTC) if self.body.get("when") else None

    @property
    def picture(self) -> str:
        found = self.body.get("pictures") or [""]
        return str(found[0])


class Screen(models.Model):
    """A screen by a door. Nobody's: it has a place and a secret of its own, of which only the hash is kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=40, blank=True)
    place = models.CharField(max_length=15, blank=True)
    mark = models.CharField(max_length=64, unique=True)
    code = models.CharField(max_length=8, blank=True)  # shown on the screen until somebody of the desk typed it
    made_at = models.DateTimeField()
    paired_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)  # its last call, to the minute
    hour = models.DateTimeField(null=True)  # the last hour that was counted

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code"], condition=~models.Q(code=""), name="screen_code_once")]
        indexes = [models.Index(fields=["place"], name="screen_place")]


class Reach(models.Model):
    """How far something reached on a day: hours on screens, openings of its page. Counters: no cookie, no person, no address."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case_id = models.UUIDField()
    day = models.DateField()
    hours = models.PositiveIntegerField(default=0)
    opened = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case_id", "day"], name="reach_once")]


class Hall(models.Model):
    """The seats of one event that is open for booking; gone when it is over."""

    id = models.UUIDField(primary_key=True)  # of its case
    county = models.CharField(max_length=6)
    code = models.CharField(max_length=15, unique=True)
    seats = models.PositiveIntegerField()
    starts_at = models.DateTimeField()


class Seat(models.Model):
    """One seat given to one booking. The database gives no seat twice."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    hall = models.ForeignKey(Hall, on_delete=models.CASCADE)
    number = models.PositiveIntegerField()
    case_id = models.UUIDField(null=True)
    ticket = models.CharField(max_length=15, blank=True)
    entered = models.BooleanField(default=False)  # the ticket was used; gone with the event, only the number stays

    class Meta:
        constraints = [models.UniqueConstraint(fields=["hall", "number"], name="seat_once")]
        indexes = [models.Index(fields=["case_id"], name="seat_case")]


class Waiting(models.Model):
    """A booking that waits for seats, in the order of coming."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    hall = models.ForeignKey(Hall, on_delete=models.CASCADE)
    case_id = models.UUIDField(unique=True)
    people = models.PositiveSmallIntegerField()
