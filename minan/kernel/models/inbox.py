"""What a unit may see, one row a unit and case, with all a list needs; and the counts folded from events by the worker."""

from __future__ import annotations

from django.db import models

from minan.lib.uuid7 import uuid7


class Inbox(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    unit = models.CharField(max_length=32)
    county = models.CharField(max_length=6)
    case_id = models.UUIDField()
    procedure = models.CharField(max_length=24)
    state = models.CharField(max_length=24)
    kind = models.CharField(max_length=40, blank=True)
    place = models.CharField(max_length=15)
    open = models.BooleanField(default=True)
    mine = models.BooleanField(default=False)  # this unit must act next
    due_at = models.DateTimeField(null=True)
    warn_at = models.DateTimeField(null=True)
    flags = models.CharField(max_length=240, blank=True)  # ",urged,supervised,"

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "case_id", "unit"], name="inbox_once")]
        indexes = [
            models.Index(fields=["unit", "-case_id"], name="inbox_new"),
            models.Index(fields=["unit", "state", "kind", "-case_id"], name="inbox_state"),
            models.Index(fields=["unit", "place", "-case_id"], name="inbox_place"),
            models.Index(fields=["unit", "due_at", "case_id"], name="inbox_due", condition=models.Q(open=True)),
            # What is open is a tenth of all: the desk's lists, of what it holds and of what is marked.
            models.Index(fields=["unit", "-case_id"], name="inbox_open", condition=models.Q(open=True)),
            models.Index(fields=["unit", "-case_id"], name="inbox_mine", condition=models.Q(open=True, mine=True)),
            models.Index(
                fields=["unit", "-case_id"], name="inbox_flag", condition=models.Q(open=True) & ~models.Q(flags=",,")
            ),
        ]


class Tally(models.Model):
    """Counts of one place (city 4, county 6, town 9, village 12 digits) by one dimension; only the worker writes it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField(max_length=6)
    place = models.CharField(max_length=15)
    by = models.CharField(max_length=8)  # state kind unit week all
    key = models.CharField(max_length=40)
    opened = models.IntegerField(default=0)
    open = models.IntegerField(default=0)
    late = models.IntegerField(default=0)
    answered = models.IntegerField(default=0)
    on_time = models.IntegerField(default=0)
    contact_due = models.IntegerField(default=0)
    contacted = models.IntegerField(default=0)
    rated = models.IntegerField(default=0)  # by the speaker's own link
    rated_solved = models.IntegerField(default=0)
    rated_satisfied = models.IntegerField(default=0)
    visited = models.IntegerField(default=0)  # taken down by staff
    visited_solved = models.IntegerField(default=0)
    visited_satisfied = models.IntegerField(default=0)
    unheard = models.IntegerField(default=0)
    sent_back = models.IntegerField(default=0)
    reopened = models.IntegerField(default=0)
    routed = models.IntegerField(default=0)  # answered for the first time after somebody handed it to a unit
    routed_right = models.IntegerField(default=0)  # … by the unit it was handed to first

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "place", "by", "key"], name="tally_once")]
