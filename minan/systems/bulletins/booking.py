"""Seats: given by the database once each, freed by a cancellation, filled from the waiting list, forgotten with the event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from minan.kernel.access import CLOCK
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.models import Case, Event
from minan.kernel.procedure import Words
from minan.lib import codes
from minan.systems.bulletins.models import Hall, Seat, Waiting

BEGUN = Words("已经开始了，不能再报", "It has begun: no more bookings")
GONE = Words("这个活动现在不能报名", "This event cannot be booked now")


@dataclass(frozen=True, slots=True)
class Booked:
    case: Case
    secret: str
    numbers: tuple[int, ...]  # the seats; () on the waiting list


class _Undo(Exception):
    """The case was refused: the seats go back."""


def _free(hall: Hall, people: int) -> list[int]:
    """The lowest seats nobody has, as many as asked for, or none: a party is not torn apart."""
    taken = set(Seat.objects.filter(hall=hall).values_list("number", flat=True))
    free = [number for number in range(1, hall.seats + 1) if number not in taken]
    return free[:people] if len(free) >= people else []


def book(
    gathering: Case, facts: dict[str, Any], *, at: datetime, key: str, lang: str = "zh-hans", account: str = ""
) -> Booked | Refused:
    """One booking of one to four people; the same `key` gives the same booking with an empty secret.

    The hall's row is locked while seats are looked for, so one comes after the other; the table itself holds no seat twice.
    """
    if gathering.state != "bookable":
        return Refused(GONE, 422)
    try:
        with transaction.atomic():
            return _book(gathering, facts, at, key, lang, account)
    except _Undo as undo:
        refused: Refused = undo.args[0]
        return refused


def _book(gathering: Case, facts: dict[str, Any], at: datetime, key: str, lang: str, account: str) -> Booked | Refused:
    hall = Hall.objects.select_for_update().filter(id=gathering.id).first()
    if hall is None:
        return Refused(GONE, 422)
    if hall.starts_at <= at:
        return Refused(BEGUN, 422)
    if (before := Event.objects.filter(county=gathering.county, key=key).first()) is not None:  # pressed twice
        case = Case.objects.get(county=before.county, id=before.case_id)
        return Booked(case, "", tuple(Seat.objects.filter(case_id=case.id).values_list("number", flat=True)))
    said = str(facts.get("people") or "")
    people = int(said) if said.isascii() and said.isdigit() and len(said) < 3 else 0
    numbers = _free(hall, people) if people and not Waiting.objects.filter(hall=hall).exists() else []
    more = {"gathering": gathering.code, "what": gathering.title, "granted": bool(numbers)}
    more |= {"place": gathering.place, "desk": gathering.desk}
    opened = open_case("seat", by=CLOCK, facts=facts | more, key=key, at=at, lang=lang, account=account)
    if not isinstance(opened, Opened):
        raise _Undo(opened)
    if numbers:
        _give(hall, opened.case, numbers)
    else:
        Waiting.objects.create(hall=hall, case_id=opened.case.id, people=people)
    return Booked(opened.case, opened.secret, tuple(numbers))


def _give(hall: Hall, case: Case, numbers: list[int]) -> None:
    Seat.objects.bulk_create([Seat(hall=hall, number=n, case_id=case.id, ticket=case.code) for n in numbers])


def left(gathering: Case) -> tuple[int, int]:
    """(free seats, bookings that wait)."""
    hall = Hall.objects.filter(id=gathering.id).first()
    if hall is None:
        return 0, 0
    return hall.seats - Seat.objects.filter(hall=hall).count(), Waiting.objects.filter(hall=hall).count()


def cancelled(seat: Case, at: datetime) -> None:
    """The seats of a cancelled booking are free, and go to who waits longest, as long as they fit."""
    with transaction.atomic():
        hall = Hall.objects.select_for_update().filter(code=seat.facts["gathering"]).first()
        if hall is None:
            return
        Seat.objects.filter(hall=hall, case_id=seat.id).delete()
        Waiting.objects.filter(hall=hall, case_id=seat.id).delete()
        fill(hall, at)


def fill(hall: Hall, at: datetime) -> None:
    """First come, first served: who needs more than is free keeps their place in front."""
    for wait in Waiting.objects.filter(hall=hall).order_by("id"):
        numbers = _free(hall, wait.people)
        if not numbers:
            return
        case = Case.objects.get(county=hall.county, id=wait.case_id)
        wait.delete()
        if not isinstance(act(case, "move_up", by=CLOCK, at=max(at, case.changed_at)), Refused):
            _give(hall, case, numbers)


def over(gathering: Case, step: str, at: datetime, **facts: Any) -> None:
    """The event ended or was called off: the number of who came is written down, every booking ends, every seat is forgotten."""
    hall = Hall.objects.filter(id=gathering.id).first()
    if hall is None:
        return
    seats = list(Seat.objects.filter(hall=hall).values_list("case_id", "entered"))
    if gathering.state == "held":
        count = {"attended": sum(entered for _id, entered in seats), "booked": len(seats)}
        act(gathering, "count", by=CLOCK, facts=count, key=f"count:{gathering.id.hex}", at=max(at, gathering.changed_at))
    waiting = Waiting.objects.filter(hall=hall).values_list("case_id", flat=True)
    for case in Case.objects.filter(county=hall.county, id__in=[*(i for i, _entered in seats), *waiting]):
        act(case, step, by=CLOCK, facts=facts, key=f"{step}:{case.id.hex}", at=max(at, case.changed_at))
    hall.delete()


def enter(hall: Hall, typed: str) -> tuple[int, int] | None:
    """A ticket at the door, whole or by its last five letters: (let in now, of how many). None where no booking has it.

    Used once: the second time (0, n). Nothing is kept of it but the seat's mark, until the event is over.
    """
    tail = "".join(ch for ch in typed.upper().translate(str.maketrans("OIL", "011")) if ch in codes.ALPHABET)
    if len(tail) not in (5, codes.LENGTH):
        return None
    found = list(Seat.objects.filter(hall=hall, ticket__endswith=tail).values_list("ticket", flat=True).distinct()[:2])
    if len(found) != 1:
        return None
    mine = Seat.objects.filter(hall=hall, ticket=found[0])
    return mine.filter(entered=False).update(entered=True), mine.count()
