"""What a door sends: what happened in an hour as counts and sealed lines, and how it is. A forced or held door becomes an alarm."""

from __future__ import annotations

import hashlib
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from minan.kernel.directory import LOCAL
from minan.systems.doors import alarms, homes, registry
from minan.systems.doors.models import Batch, Door, Order

LINE, LINES_MOST = 40, 4000
RESULTS = frozenset(
    {"opened", "remote", "fire", "forged", "not_yet", "expired", "revoked", "other_door", "stale", "replayed", "unknown", "throttled",
     "forced", "held"}
)  # fmt: skip
COUNT_MOST = 100_000
LATE_DAYS = 3  # what a door kept while its line was down
STATES = ("fire", "forced", "held")
log = logging.getLogger("minan.doors")


class Unfit(ValueError):
    """A door sent what no door sends."""


def _counts(said: Any) -> dict[str, int]:
    if not isinstance(said, dict) or not RESULTS.issuperset(said):
        raise Unfit("counts")
    if not all(isinstance(n, int) and not isinstance(n, bool) and 0 <= n <= COUNT_MOST for n in said.values()):
        raise Unfit("counts")
    return {name: said[name] for name in sorted(said)}


def _lines(said: Any) -> bytes:
    if not isinstance(said, list) or len(said) > LINES_MOST:
        raise Unfit("lines")
    try:
        raw = sorted(bytes.fromhex(one) for one in said)
    except (TypeError, ValueError):
        raise Unfit("lines") from None
    if any(len(one) != LINE for one in raw):
        raise Unfit("lines")
    return b"".join(raw)


def _when(door: Door, said: Any, now: datetime) -> tuple[datetime, int]:
    """(a moment in the hour, the hour of Beijing or -1 for the day)."""
    if not isinstance(said, int) or isinstance(said, bool) or said % 3600:
        raise Unfit("hour")
    if not (now - timedelta(days=LATE_DAYS)).timestamp() <= said <= now.timestamp() + 3600:
        raise Unfit("hour")
    at = datetime.fromtimestamp(said, UTC).astimezone(LOCAL)
    return at, -1 if registry.by_day(door) else at.hour


def batch(door: Door, said: Any, now: datetime) -> bool:
    """Keep what a door says of an hour; the same one twice is kept once. False: it was there. Raises Unfit.

    Of a door with few homes behind it only the day is kept, whatever it sends.
    """
    if not isinstance(said, dict):
        raise Unfit("batch")
    at, hour = _when(door, said.get("hour"), now)
    try:
        point = homes.point(str(said.get("point")))
    except ValueError:
        raise Unfit("point") from None
    name = hashlib.sha256(f"{door.pk.hex} {said['hour']} {point.hex()}".encode()).hexdigest()
    row = {
        "door": door,
        "day": at.date(),
        "hour": hour,
        "point": point.hex(),
        "lines": _lines(said.get("lines")),
        "counts": _counts(said.get("counts")),
    }
    return Batch.objects.get_or_create(id=name, defaults=row)[1]


def state(door: Door, said: Any, now: datetime) -> None:
    """How the door is; an order it has carried out is done; what is new and wrong becomes an alarm. Raises Unfit."""
    if not isinstance(said, dict) or not all(isinstance(said.get(word, False), bool) for word in STATES):
        raise Unfit("state")
    done = said.get("opened", [])
    if not isinstance(done, list) or len(done) > 50 or not all(isinstance(one, str) for one in done):
        raise Unfit("opened")
    if done and Order.objects.filter(door=door, pk__in=done, done=False).update(done=True):
        registry.changed(door.compound)  # handed out no more: a door that begins anew would open again
    fresh: dict[str, Any] = {word: True for word in STATES if said.get(word)}
    began = [word for word in fresh if not door.state.get(word)]
    case = next((one for one in [alarms.raised(door, word, now) for word in began] if one), door.state.get("case", ""))
    if not fresh and any(door.state.get(word) for word in alarms.WRONG):
        alarms.over(door, now)
    Door.objects.filter(pk=door.pk).update(
        seen_at=now.replace(second=0, microsecond=0), state=fresh | ({"case": case} if case else {})
    )
    if began:
        log.info("door", extra={"door": door.pk.hex, "words": began})
