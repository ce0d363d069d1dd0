"""Beds and nights: who waits is booked in order, no bed twice, and the board that shows counts and no names.

The order (staying.RULE): whom nobody at home can look after first, then by the moment of acceptance; each time the queue is gone through
from its head, and who fits has the bed. Rows and step are one transaction: the row refuses what another booked a moment before.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Q

from minan.kernel import directory
from minan.kernel.access import CLOCK
from minan.kernel.act import act
from minan.kernel.models import Case, Event
from minan.systems.care import staying
from minan.systems.care.models import Bed, Centre, Night

QUEUE_MOST = 500


def street_of(place: str) -> str:
    return directory.within(place, "town") or place


def days(start: date, until: date) -> list[date]:
    """The nights from `start` on; the last is the one before `until`."""
    return [start + timedelta(days=n) for n in range((until - start).days)]


# ---- the queue


def queue(street: str) -> list[Case]:
    """Who waits for a bed in this street, in their order."""
    waiting = Case.objects.filter(procedure="stay", state="waiting", closed_at=None)[:QUEUE_MOST]
    mine = [case for case in waiting if street_of(case.place) == street]
    return sorted(mine, key=lambda c: (not c.facts.get("urgent"), str(c.facts.get("since", "")), str(c.id)))


def position(case: Case) -> tuple[int, int]:
    """(how manieth, of how many) in the queue; (0, n) where it does not wait."""
    waiting = queue(street_of(case.place))
    return next((n for n, one in enumerate(waiting, 1) if one.id == case.id), 0), len(waiting)


def allot(street: str, now: datetime) -> int:
    """Go through the queue of a street once; how many were booked."""
    return sum(_booked(case, street, now) for case in queue(street))


def _booked(case: Case, street: str, now: datetime) -> bool:
    facts = case.facts
    start = max(date.fromisoformat(facts["start"]), staying.today(now))  # who waited past the first day stays as many nights from today
    until = start + timedelta(days=int(facts["nights"]))
    wish = int(facts.get("centre") or 0)
    where = Q(centre__number=wish) if wish else Q(centre__street=street)
    taken = Night.objects.filter(day__in=days(start, until)).values("bed_id")
    free = Bed.objects.filter(where, active=True, centre__active=True).exclude(pk__in=taken).select_related("centre")
    for bed in free.order_by("centre_id", "number"):
        told = {"centre": bed.centre_id, "bed": bed.number, "from": start.isoformat(), "until": until.isoformat()}
        taken_now = _hold(case, bed, days(start, until), "book", told, now)
        if taken_now is not None:
            return taken_now
    return False


def _hold(case: Case, bed: Bed, nights: list[date], step: str, told: dict[str, Any], now: datetime) -> bool | None:
    """Rows and step together. None: another stay has the bed; False: the case went on meanwhile, nothing is held."""
    try:
        with transaction.atomic():
            Night.objects.bulk_create([Night(bed=bed, day=day, case_id=case.id) for day in nights])
            case.refresh_from_db()
            done = act(case, step, by=CLOCK, facts=told, at=max(now, case.changed_at))
            if not isinstance(done, Event):
                transaction.set_rollback(True)
                return False
    except IntegrityError:
        return None
    return True


# ---- what a step leads to


def settle(case: Case, now: datetime) -> None:
    """After a step on a stay: nights of who left go, a longer stay is tried, and the queue is gone through. The same again changes
    nothing, so a page calls it at once and the worker once more."""
    if case.state not in staying.HELD:
        Night.objects.filter(case_id=case.id).delete()
    elif case.facts.get("agreed") and case.facts.get("more"):
        _longer(case, now)
    allot(street_of(case.place), now)


def _longer(case: Case, now: datetime) -> None:
    old = date.fromisoformat(case.facts["until"])
    until = old + timedelta(days=int(case.facts["more"]))
    bed = Bed.objects.filter(centre_id=int(case.facts["at"]), number=int(case.facts["bed"])).first()
    if bed is None or _hold(case, bed, days(old, until), "extended", {"until": until.isoformat()}, now) is None:
        case.refresh_from_db()
        act(case, "not_extended", by=CLOCK, at=max(now, case.changed_at))


def sweep(now: datetime) -> int:
    """Nights that are past tell where somebody slept, and nobody needs them."""
    return Night.objects.filter(day__lt=staying.today(now)).delete()[0]


# ---- the board


@dataclass(frozen=True, slots=True)
class Line:
    centre: Centre
    beds: int
    taken: tuple[int, ...]  # by day

    @property
    def free(self) -> tuple[int, ...]:
        return tuple(self.beds - n for n in self.taken)


def board(first: date, n: int, *, streets: list[str] | None = None) -> list[Line]:
    """Beds and taken ones by centre and day, counts only. Two queries."""
    centres = Centre.objects.filter(active=True, **({"street__in": streets} if streets is not None else {}))
    held = Counter(
        {
            (row["bed__centre_id"], row["day"]): row["n"]
            for row in Night.objects.filter(day__gte=first, day__lt=first + timedelta(days=n), bed__active=True)
            .values("bed__centre_id", "day").annotate(n=Count("id"))
        }
    )  # fmt: skip
    counted = centres.annotate(n=Count("beds", filter=Q(beds__active=True))).order_by("number")
    return [Line(c, c.n, tuple(held[c.number, first + timedelta(days=d)] for d in range(n))) for c in counted]
