"""Keys of devices on the bus (kernel/bus)."""

from __future__ import annotations

from django.db import models


class BusAccount(models.Model):
    """One device's key: a hash of its secret, and the place whose topics are its own."""

    device = models.CharField(max_length=40, primary_key=True)
    area = models.CharField(max_length=15)
    hash = models.CharField(max_length=140, blank=True)  # empty: ended
    changed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)


class BusParked(models.Model):
    """A message that no handler could take, after three tries; the doctor tells, and it is gone after 30 days."""

    id = models.BigAutoField(primary_key=True)
    topic = models.CharField(max_length=160)
    payload = models.BinaryField(max_length=4096)  # its beginning
    size = models.PositiveIntegerField()
    handler = models.CharField(max_length=80)
    error = models.CharField(max_length=300)
    tries = models.PositiveSmallIntegerField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="bus_parked_at")]


class BusCount(models.Model):
    """What was not taken as it came, by day and reason: every message that did not reach a handler whole is in one of these counts."""

    day = models.DateField()
    reason = models.CharField(max_length=16)  # heard folded overflow refused retained parked
    count = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "reason"], name="bus_count_once")]


class BusEar(models.Model):
    """One row: whether this city hears its bus. Silence counts only while somebody listened."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    since = models.DateTimeField()  # the connection stands since
    at = models.DateTimeField()  # and stood last
