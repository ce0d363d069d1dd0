"""What the demo shows of this system: three months of matters, played through the one door and ending now."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import F

from minan.kernel import worker
from minan.kernel.listen import Told, listener, listeners_of
from minan.kernel.models import Message, Outbox
from minan.systems.matters.story import play, scenes
from minan.systems.matters.story.stage import Stage

TOLD_AT_ONCE = 1_000  # events


def make(empty: bool) -> None:
    """Called by `minan demo`: the story, unless only the empty city is wanted."""
    if not empty:
        seed(datetime.now(UTC), so_far=Progress())


class Progress:
    """Says on standard error how far the story is, a quarter at a time: nobody who waits should think that nothing happens."""

    quarter = 0

    def __call__(self, share: float) -> None:
        while self.quarter < min(3, int(share * 4)):
            self.quarter += 1
            print(f"  {self.quarter * 25} %", file=sys.stderr, flush=True)


def seed(now: datetime, matters: int = play.MATTERS, so_far: Callable[[float], None] = lambda _share: None) -> Stage:
    """Play the story so that it ends at `now`; then count, index and tell, as the worker would. Same seed, same story."""
    begin = now - timedelta(days=play.DAYS)
    gc.disable()  # nothing here is garbage until the end; collecting in between costs a tenth of the time
    try:
        stage = Stage(play.SEED, begin, tell)
        play.everyday(stage, begin, now, matters)
        scenes.enter(stage, now)
        stage.play(now, so_far)
        tell()
        for _ in range(2):  # the story's notices went in its past: nothing of it leaves now
            Message.objects.filter(sent_at=None, made_at__lte=now).update(sent_at=F("made_at"), next_at=None)
            worker.settle(now)
    finally:
        gc.enable()
    return stage


def tell() -> None:
    """Hand every event so far to its listeners in large batches: what the worker does in small ones, a row at a time."""
    with transaction.atomic():
        while rows := list(Outbox.objects.order_by("id")[:TOLD_AT_ONCE]):
            hearers = {name: listeners_of(name) for name in {o.name for o in rows}}
            for who in dict.fromkeys(w for o in rows for w in hearers[o.name]):
                hear = listener(who)
                mine = [Told(o.id, o.county, o.case_id, o.n, o.name, o.at, o.delta) for o in rows if who in hearers[o.name]]
                if hear is not None:
                    hear(mine)
            Outbox.objects.filter(id__in=[o.id for o in rows]).delete()
