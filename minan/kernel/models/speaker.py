"""The vault's row: who spoke, sealed; apart from the work order."""

from __future__ import annotations

from django.db import models

from minan.lib.uuid7 import uuid7


class Speaker(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField(max_length=6)
    case_id = models.UUIDField()
    secret = models.CharField(max_length=200)  # hash of the speaker's secret; of an anonymous one's codeword: scrypt with its salt
    capability = models.CharField(max_length=64, blank=True)  # hash of what lets the speaker judge
    issued = models.CharField(max_length=8, default="server")  # who made it: speaker (their browser), server, staff (passed through hands)
    wrapped = models.BinaryField(null=True)  # the case's key, wrapped; null: erased
    sealed = models.BinaryField(null=True)
    owner = models.CharField(max_length=64, blank=True, db_index=True)  # keyed hash of the account
    # keyed hash of the number, made by the keeper: by it a live call finds its own (live_call.py)
    caller = models.CharField(max_length=64, blank=True, db_index=True, default="", db_default="")
    phone = models.BooleanField(default=False)  # a number is known
    ways = models.CharField(max_length=40, blank=True)  # channels besides text messages whose address is known: "mail push"
    lang = models.CharField(max_length=8, default="zh-hans")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "case_id"], name="speaker_once")]
