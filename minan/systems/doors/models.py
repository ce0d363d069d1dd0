"""Compounds, doors, homes and what a door must know. No row says who passed; none leads from a key back to a home without KEYS.

Where a table would tie a home to something a door sees, the row is found by a number drawn with KEYS (kernel/passes.drawn): a copy
of the records, and of every door, leads nowhere.
"""

from __future__ import annotations

from django.db import models

from minan.lib.uuid7 import uuid7

DOOR, GATE, BARRIER = "door", "gate", "barrier"
CARD, PIN, PLATE, VISIT = "card", "pin", "plate", "visit"


class Compound(models.Model):
    """A compound 小区: whose unit answers for its doors, and what all of them must share."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    unit = models.CharField(max_length=32, db_index=True)
    place = models.CharField(max_length=15)
    path = models.CharField(max_length=40, unique=True)  # 131022100010/c1
    name = models.CharField(max_length=40)
    spaces = models.PositiveIntegerField(default=0)  # parking places: as many plates in all, times three, are taken
    salt = models.CharField(max_length=32)  # of the PINs
    version = models.PositiveIntegerField(default=1)  # grows when what its doors must know changes

    def __str__(self) -> str:
        return self.name


class Door(models.Model):
    """A door, gate or barrier: what it closes, how it is, and by which key it speaks. What it did stands in Batch, by the hour."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    compound = models.ForeignKey(Compound, on_delete=models.PROTECT, related_name="doors")
    name = models.CharField(max_length=40)
    kind = models.CharField(max_length=8, default=DOOR)
    closes = models.CharField(max_length=40)  # 131022100010/c1/3/2
    homes = models.PositiveIntegerField(default=0)  # dwellings behind it, to be read only: what it counts by, the enrolled ones say
    fire = models.BooleanField(default=True)  # has an input from the fire panel
    key = models.CharField(max_length=64, blank=True, unique=True, null=True)  # hash of its credential
    active = models.BooleanField(default=True)
    seen_at = models.DateTimeField(null=True)
    state = models.JSONField(default=dict)  # {"fire", "forced", "held"}: what it said last

    class Meta:
        constraints = [models.UniqueConstraint(fields=["compound", "name"], name="door_name_once")]

    def __str__(self) -> str:
        return self.name


class Home(models.Model):
    """A home in a unit of a building. Which flat it is and whose, only a number drawn with KEYS says."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    compound = models.ForeignKey(Compound, on_delete=models.PROTECT, related_name="dwellings")
    path = models.CharField(max_length=40)
    flat = models.CharField(max_length=64, unique=True)
    reader = models.CharField(max_length=64, unique=True)  # hash of what lets a paper fetch the closed lines
    seal = models.BinaryField(null=True)  # the public key its lines are sealed to, closed with KEYS
    made_on = models.DateField()


class Member(models.Model):
    """An account belongs to a home; by a keyed mark, so that nobody lists who lives where."""

    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="members")
    mark = models.CharField(max_length=64, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["home", "mark"], name="door_member_once")]


class Phone(models.Model):
    """A phone that shows the rotating code: its own public key. When it was used stands nowhere."""

    id = models.CharField(max_length=32, primary_key=True)
    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="phones")
    mark = models.CharField(max_length=64)
    point = models.CharField(max_length=66)  # hex, compressed, P-256
    made_on = models.DateField()


class Invite(models.Model):
    """A code with which somebody joins a home, once."""

    mark = models.CharField(max_length=64, primary_key=True)
    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="invites")
    until = models.DateTimeField()


class Key(models.Model):
    """A card, a PIN, a plate or a visit, as a door must know it: a hash. `handle` is drawn from the home with KEYS."""

    handle = models.CharField(max_length=64, primary_key=True)
    compound = models.ForeignKey(Compound, on_delete=models.CASCADE, related_name="keys")
    kind = models.CharField(max_length=8)
    area = models.CharField(max_length=40)
    mark = models.CharField(max_length=64, blank=True)
    seal = models.CharField(max_length=66, blank=True)  # the public key the line is sealed to; none for a visit
    begins = models.BigIntegerField(default=0)  # seconds since 1970; 0: always
    ends = models.BigIntegerField(default=0)
    once = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["compound", "kind"], name="door_key_kind")]


class Batch(models.Model):
    """What one door said about one hour (or, with few homes behind it, one day): counts, and the sealed lines in no order of time."""

    id = models.CharField(max_length=64, primary_key=True)  # hash of door, hour and point: sent twice is once
    door = models.ForeignKey(Door, on_delete=models.CASCADE, related_name="batches")
    day = models.DateField()
    hour = models.SmallIntegerField()  # -1: the whole day
    point = models.CharField(max_length=66)
    lines = models.BinaryField()  # 40 bytes each, sorted
    counts = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["door", "day"], name="door_batch_day")]


class Order(models.Model):
    """One opening from afar that a door has yet to do; its case says why and by whom."""

    id = models.CharField(max_length=32, primary_key=True)
    door = models.ForeignKey(Door, on_delete=models.CASCADE, related_name="orders")
    until = models.BigIntegerField()  # seconds since 1970
    done = models.BooleanField(default=False)
