"""The public page's numbers: read at most once a minute by each process, a handful of small rows however many matters there are."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Min, Sum

from minan.kernel import directory
from minan.kernel.directory import LOCAL
from minan.kernel.models import Outbox, Tally
from minan.kernel.tallies import MEASURES
from minan.systems.proof import bundle, health, keys
from minan.systems.proof.models import CITY, Checkpoint, Cosignature, Count, Deferral

FOR = 60.0  # seconds the numbers are kept
SIGNING = timedelta(minutes=15)  # how long witnesses, who look on their own, are given
# How a matter can end, as the page names it: from (state, step or judgement). What is not named stands under "other".
ENDINGS = {
    "own": ("closed.own",), "staff": ("closed.staff",), "uphold": ("closed.uphold",),
    "unheard": ("unheard.close_unheard",), "refused": ("refused.refuse",), "withdrawn": ("withdrawn.withdraw",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint as the page shows it, and how many independent witnesses stand under it."""

    size: int
    root: str
    at: datetime
    witnesses: tuple[str, ...]


@dataclass(slots=True)
class Numbers:
    """Everything the page says; `as_of`: until when the events are counted."""

    as_of: datetime
    sums: dict[str, int]
    ended: dict[str, int]
    missing: int  # events older than five minutes without a leaf
    deferrals: int
    glass: dict[str, int]  # this year: broken, confirmed, rejected, waiting
    last: Signed | None
    witnessed: Signed | None  # the last one that anybody signed
    named: int  # witnesses whose word this city takes
    extract: dict[str, Any] | None = field(default=None)

    @property
    def matters(self) -> int:
        return self.sums["open"] + sum(self.ended.values())

    @property
    def signing(self) -> bool:
        """The last checkpoint has nobody's signature yet, but is young, and an earlier one has."""
        return bool(
            self.last and not self.last.witnesses and self.witnessed and self.as_of - self.last.at < SIGNING
            and self.last.at - self.witnessed.at < SIGNING
        )  # fmt: skip


_kept: list[Any] = [0.0, None]


def forget() -> None:
    """Read anew at the next look (tests)."""
    _kept[:] = [0.0, None]


def numbers(now: datetime) -> Numbers:
    """The numbers, at most a minute old. Nine queries when they are read anew, none else."""
    if _kept[1] is None or time.monotonic() - _kept[0] > FOR:
        _kept[:] = [time.monotonic(), _read(now)]
    found: Numbers = _kept[1]
    return found


def _read(now: datetime) -> Numbers:
    city = next((s.code for s in directory.city().places.values() if s.level == "city"), "")
    totals = Tally.objects.filter(place=city, by="all").aggregate(**{m: Sum(m) for m in MEASURES})
    waiting = Outbox.objects.aggregate(at=Min("at"))["at"]
    signed = _signed()
    witnesses = {key.text() for key in _witnesses()}
    standing = bundle.standing()
    return Numbers(
        min(now, waiting) if waiting else now, {m: totals[m] or 0 for m in MEASURES}, _ended(), health.late(now), Deferral.objects.count(),
        _glass(now.astimezone(LOCAL).year), signed[0], signed[1], len(witnesses), standing[1] if standing else None,
    )  # fmt: skip


def _ended() -> dict[str, int]:
    rows = Count.objects.filter(by="end").values_list("key").annotate(sum=Sum("n"))
    found: Counter[str] = Counter()
    names = {end: name for name, ends in ENDINGS.items() for end in ends}
    for key, n in rows:
        found[names.get(key.split(".", 1)[1], "other")] += n
    return dict(found)


def _glass(year: int) -> dict[str, int]:
    """This year's breakings of the glass; whoever waits for a head's word may have begun last year."""
    rows = dict(Count.objects.filter(by="step", key__endswith="_glass").values_list("key").annotate(sum=Sum("n")))
    mine = Count.objects.filter(by="step", key__endswith="_glass", year=year).values_list("key").annotate(sum=Sum("n"))
    now = dict(mine)
    open_ = rows.get("break_glass", 0) - rows.get("confirm_glass", 0) - rows.get("reject_glass", 0)
    return {
        "broken": now.get("break_glass", 0),
        "confirmed": now.get("confirm_glass", 0),
        "rejected": now.get("reject_glass", 0),
        "waiting": max(0, open_),
    }


def _witnesses() -> tuple[Any, ...]:
    try:
        return keys.witnesses()
    except ValueError:  # a line of the file is no key: then nobody's word is taken
        return ()


def _signed() -> tuple[Signed | None, Signed | None]:
    """The last checkpoint, and the last that a witness signed."""
    last = Checkpoint.objects.filter(log=CITY).order_by("-size").prefetch_related("cosignatures").first()
    line = Cosignature.objects.filter(log=CITY).order_by("-id").select_related("checkpoint").first()
    return (_told(last) if last else None, _told(line.checkpoint) if line else None)


def _told(row: Checkpoint) -> Signed:
    named = sorted({one.witness.split("+", 1)[0] for one in row.cosignatures.all()})
    return Signed(row.size, row.root, row.at, tuple(named))
