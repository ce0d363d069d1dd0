"""What the doctor says of the log: events that still have no leaf, and a log whose key is not where it was."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef

from minan.kernel import findings, notes
from minan.kernel.models import Event
from minan.lib.english import many
from minan.lib.uuid7 import uuid7_at
from minan.systems.proof import keys
from minan.systems.proof.models import CITY, Leaf, Log

OLD = timedelta(minutes=5)  # what a promise says
LOOKED = timedelta(days=2)  # how far back; before that the patrol and `minan verify` look
HOUR = timedelta(hours=1)  # how exact the moments of an anonymous case are


def late(now: datetime) -> int:
    """How many events of the last days have waited for a leaf for more than five minutes."""
    leaf = Leaf.objects.filter(log=OuterRef("county"), case_id=OuterRef("case_id"), n=OuterRef("n"))
    since = uuid7_at((now - LOOKED).timestamp())  # ids sort by time, and have an index
    recent = Event.objects.filter(~Exists(leaf), id__gt=since, at__lt=now - OLD)
    waiting = [at for at in recent.values_list("at", flat=True) if at.minute or at.second or at < now - HOUR - OLD]
    return len(waiting)


def left_behind(now: datetime) -> Iterator[findings.Finding]:
    """Events whose promise is broken, and a key that does not fit what was signed."""
    if count := late(now):
        yield findings.fault(
            f"{count} 个事件五分钟后还没有进日志：给说事人的承诺没有兑现",
            f"{many(count, 'event is', 'events are')} not in the log after five minutes: promises to speakers are broken",
            "看后台进程和停放的投递；修好后它会自己补上", "look at the worker and at parked deliveries; once mended it catches up by itself",
        )  # fmt: skip
    note = Log.objects.filter(name=CITY).values_list("note", flat=True).first()
    try:
        ours = not note or notes.open_note(note, [keys.signer().key]).by(keys.signer().key)
    except notes.Wrong:
        ours = False
    if not ours:
        yield findings.fault(
            "KEYS/log.key 不是签上一个检查点的那把钥匙", "KEYS/log.key is not the key that signed the last checkpoint",
            "从另存的钥匙副本里放回 log.key；换钥匙要先告诉每个见证人", "put log.key back from your separate copy; tell every witness before a key is changed",
        )  # fmt: skip
