"""What follows from the events of these cases: the public copy is brought up to date, seats are freed, filled and forgotten."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Sum

from minan.kernel import alerts, live
from minan.kernel.access import CLOCK
from minan.kernel.act import act
from minan.kernel.listen import Told, on
from minan.kernel.models import Case
from minan.systems.bulletins import booking, here, screens, showing
from minan.systems.bulletins.models import Reach


def _case(county: str, case_id: UUID) -> Case | None:
    return Case.objects.filter(county=county, id=case_id).first()


@on("bulletin.*")
@on("lost.*")
@on("gathering.*")
def show(events: list[Told]) -> None:
    for county, case_id in dict.fromkeys((e.county, e.case_id) for e in events):
        case = _case(county, case_id)
        if case is not None:
            showing.refresh(case)


@on("bulletin.expire")
@on("bulletin.withdraw")
def reached(events: list[Told]) -> None:
    """How far it reached is written down once, when it is over: two numbers."""
    for told in events:
        case = _case(told.county, told.case_id)
        if case is None or case.open or case.facts.get("reached"):
            continue
        sums = Reach.objects.filter(case_id=case.id).aggregate(hours=Sum("hours"), opened=Sum("opened"))
        act(case, "reached", by=CLOCK, facts={name: n or 0 for name, n in sums.items()}, at=max(told.at, case.changed_at))


@on("seat.cancel")
def freed(events: list[Told]) -> None:
    for told in events:
        case = _case(told.county, told.case_id)
        if case is not None:
            booking.cancelled(case, told.at)


@on("gathering.end")
def ended(events: list[Told]) -> None:
    for told in events:
        case = _case(told.county, told.case_id)
        if case is not None:
            booking.over(case, "over", told.at)


@on("gathering.call_off")
def called_off(events: list[Told]) -> None:
    for told in events:
        case = _case(told.county, told.case_id)
        if case is not None:
            booking.over(case, "called_off", told.at, words=case.facts.get("why") or "")


def _screen(token: str) -> list[str] | None:
    """By which names the live line reaches a screen: its place and all above it."""
    found = screens.of(token)
    return [f"bulletins:{place}" for place in showing.above(found.place)] if found is not None and found.paired_at else None


live.screen_check(_screen)
alerts.register(here.alert)
