"""The phones that may send what was done without network, each a person's own."""

from __future__ import annotations

from django.db import models

from minan.kernel.models import User


class Device(models.Model):
    """A phone on which somebody of the staff set a PIN. Only the hash of its key is kept; the key itself lies sealed on the phone."""

    mark = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    password = models.CharField(max_length=64)  # a hash by which a new password ends it
    made_at = models.DateTimeField()
    until = models.DateTimeField()  # moved on at each contact, never past DAYS from `made_at`
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.mark[:8]
