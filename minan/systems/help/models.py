"""On whose phone a unit's calls ring: a person of the staff who put themselves on, with the number and the device sealed."""

from __future__ import annotations

from django.db import models

from minan.kernel.models import User
from minan.lib.uuid7 import uuid7


class Ear(models.Model):
    """One person's phone for one unit. `sealed`: {"phone", "push"}, closed with the lane's key (sealing.py), not in a dump to read."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    unit = models.CharField(max_length=32, db_index=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    rank = models.PositiveSmallIntegerField(default=0)  # who rings first
    sealed = models.BinaryField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "user"], name="help_ear_once")]

    def __str__(self) -> str:
        return f"{self.unit}:{self.rank}"
