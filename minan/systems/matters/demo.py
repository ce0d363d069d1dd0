"""What the demo shows of this system: three months of matters, played through the one door and ending now."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

from django.db.models import F

from minan.kernel import worker
from minan.kernel.models import Message
from minan.systems.matters.story import play
from minan.systems.matters.story.stage import Stage


def make(empty: bool) -> None:
    """Called by `minan demo`: the story, unless only the empty city is wanted."""
    if not empty:
        seed(datetime.now(UTC))


def seed(now: datetime, matters: int = play.MATTERS) -> Stage:
    """Play the story so that it ends at `now`; then count, index and tell, as the worker would. Same seed, same story."""
    begin = now - timedelta(days=play.DAYS)
    stage = Stage(play.SEED, begin)
    play.everyday(stage, begin, now, matters)
    stage.play(now, lambda at: print(".", end="", file=sys.stderr, flush=True))
    worker.settle(now)
    Message.objects.filter(sent_at=None, made_at__lte=now).update(sent_at=F("made_at"))
    print("", file=sys.stderr)
    return stage
