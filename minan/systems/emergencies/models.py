"""A voice note: sound shut with a key of its own, which lies in the case's vault. Without the vault these bytes say nothing.

It lies with the records, not in a folder: it goes with its row, and a backup that is too old is the only other place it ever was.
"""

from __future__ import annotations

from django.db import models

from minan.lib.uuid7 import uuid7


class Voice(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField(max_length=6)
    case_id = models.UUIDField()
    n = models.PositiveIntegerField()  # the event it came with
    mime = models.CharField(max_length=24)
    seconds = models.PositiveSmallIntegerField()
    shut = models.BinaryField()  # nonce and AES-256-GCM of the sound, bound to case and event

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "case_id", "n"], name="voice_once")]
