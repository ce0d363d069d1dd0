"""What came from another system and what went back to it. No name, no number of a speaker and no word said: these lie with the case."""

from __future__ import annotations

from django.db import models

from minan.lib.uuid7 import uuid7


class Foreign(models.Model):
    """One matter of a partner's: its number there, the one case here."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    partner = models.CharField(max_length=20)
    number = models.CharField(max_length=64)
    county = models.CharField(max_length=6, blank=True)
    case_id = models.UUIDField(null=True)  # None: a sealed report; nothing here leads to it, no list shows its number
    state = models.CharField(max_length=12, default="open")  # open, answered, ended, returned, cancelled
    due_at = models.DateTimeField(null=True)  # the partner's deadline
    received_at = models.DateTimeField()
    way = models.CharField(max_length=8)  # file, folder, api, mail
    mark = models.CharField(max_length=64)  # keyed hash of the content as it was last sent
    marks = models.JSONField(default=dict)  # field → keyed hash of its value: by it we know what changed
    seen = models.JSONField(
        default=list
    )  # keyed hashes of all contents so far: an old file brought again changes nothing
    echo = models.JSONField(default=dict)  # columns that must go back as they came; never a speaker's

    class Meta:
        constraints = [models.UniqueConstraint(fields=["partner", "number"], name="foreign_once")]
        indexes = [
            models.Index(fields=["case_id"], name="foreign_case"),
            models.Index(fields=["partner", "-received_at"], name="foreign_new"),
        ]

    def __str__(self) -> str:
        return f"{self.partner} {self.number}"


class Sent(models.Model):
    """One message on its way back; its id is the partner's idempotency key. Its words are read from the case when it goes."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    foreign = models.ForeignKey(Foreign, on_delete=models.PROTECT, related_name="sent")
    partner = models.CharField(max_length=20)
    county = models.CharField(max_length=6)
    kind = models.CharField(max_length=12)  # answer, not_accepted, withdrawn, returned, passed_on
    n = models.PositiveIntegerField()  # the event that says it
    round = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=10, default="waiting")  # waiting, sent, accepted, refused, parked, replaced
    replaces = models.UUIDField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True)
    batch = models.CharField(max_length=40, blank=True)  # of a file: its name without ending
    payload = models.CharField(max_length=64, blank=True)  # SHA-256 of what was sent
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    acked_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)  # why the partner refused it, scrubbed

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["foreign", "n"], name="sent_event_once"),
            models.UniqueConstraint(fields=["foreign", "round"], name="sent_round_once"),
            models.UniqueConstraint(fields=["foreign"], condition=models.Q(kind="returned"), name="sent_return_once"),
        ]
        indexes = [
            models.Index(fields=["next_at"], name="sent_due", condition=models.Q(state="waiting")),
            models.Index(fields=["partner", "state"], name="sent_state"),
        ]


class Intake(models.Model):
    """One file or mail: what it held and what became of it. The file itself waits sealed, under a key only its page has."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    partner = models.CharField(max_length=20)
    way = models.CharField(max_length=8)
    name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    user_id = models.BigIntegerField(null=True)
    county = models.CharField(max_length=6, blank=True)  # of a county's centre that brought it
    made_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    rows = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)  # opened, more, same, again, cancelled, rejected
    sealed = models.BinaryField(null=True)
    left = models.BinaryField(null=True)  # the rejected rows, sealed likewise

    class Meta:
        indexes = [models.Index(fields=["partner", "-made_at"], name="intake_new")]


class Nonce(models.Model):
    """A signed call that was taken; the same one again is a replay."""

    partner = models.CharField(max_length=20)
    nonce = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["partner", "nonce"], name="nonce_once")]
        indexes = [models.Index(fields=["at"], name="nonce_at")]


class Hand(models.Model):
    """What a person must look at: a mail or a receipt that cannot be read. The mail itself stays in the mailbox."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    partner = models.CharField(max_length=20)
    mark = models.CharField(max_length=64)  # SHA-256 of its bytes
    where = models.CharField(max_length=120)  # where it lies: the mailbox's folder, or the file's name
    why = models.CharField(max_length=200)
    why_en = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    user_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["partner", "mark"], name="hand_once")]
