"""Deletes what was registered under a mode, 14 days after it ran out: talk, vault, voice notes, lists, messages; then says so.

A case at a time, each with an event of the clock on its own chain, so that what stays (hashes, counts) still verifies. The list of what
was erased goes first (kernel/erasures.py), so that no backup brings any of it back.
"""

from __future__ import annotations

import time
from datetime import datetime

from django.db import connection

from minan.kernel import erasures, retention
from minan.kernel.access import CLOCK
from minan.kernel.act import Refused, act
from minan.kernel.listen import Told, each_turn, on
from minan.kernel.models import Body, Case, Message
from minan.systems.emergencies import modes
from minan.systems.emergencies.models import Voice

BATCH = 50  # cases a turn
EVERY = 20.0  # seconds between looks when there was nothing to do
_next = {"at": 0.0}


def soon(events: list[Told]) -> None:
    """A mode is to be deleted: the next turn begins."""
    _next["at"] = 0.0


on("emergency_mode.wipe")(soon)


@each_turn
def sweep(now: datetime) -> int:
    """A batch of the modes that are to be deleted; the last one closes its mode. Returns how much was done."""
    if time.monotonic() < _next["at"]:
        return 0
    done = 0
    for mode in modes.of(("mode_wiping",)):
        found = modes.registered(mode)
        left = list(found.exclude(state="forgotten", title="").order_by("id")[:BATCH])
        left += [] if left else [case for case in found.filter(state="forgotten") if _stays(case)]
        for case in left:
            forget(case, now)
        done += len(left)
        if not left:
            done += _closed(mode, found.count(), now)
    _next["at"] = 0.0 if done else time.monotonic() + EVERY
    return done


def _stays(case: Case) -> bool:
    """Whether anything of a forgotten case is still there: the sweep broke off between two of its steps."""
    mine = {"county": case.county, "case_id": case.id}
    return (
        Voice.objects.filter(**mine).exists()
        or Message.objects.filter(**mine).exists()
        or Body.objects.filter(**mine).count() > 1
    )


def forget(case: Case, now: datetime) -> None:
    """Everything of one case but its chain. Done again where it broke off."""
    at = max(now, case.changed_at)
    if case.state != "forgotten":
        refused = act(case, "forget", by=CLOCK, at=at, key=f"forget:{case.code}")
        if isinstance(refused, Refused):
            raise ValueError(refused.reason.en)
    mine = {"county": case.county, "case_id": case.id}
    erasures.thoroughly()
    Voice.objects.filter(**mine).delete()
    Message.objects.filter(**mine).delete()
    numbers = list(Body.objects.filter(**mine).values_list("n", flat=True))
    retention.forget(case, numbers, at)


def _closed(mode: Case, registered: int, now: datetime) -> int:
    """The mode says that all is deleted, with the count that stays public."""
    erasures.compact()
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM emergencies_voice")
    facts = {"registered": registered, "left": 0}
    done = act(mode, "wiped", by=CLOCK, facts=facts, at=max(now, mode.changed_at), key=f"wiped:{mode.code}")
    return 0 if isinstance(done, Refused) else 1
