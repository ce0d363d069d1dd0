"""What follows from the events of these cases: the public copy is brought up to date, seats are freed, filled and forgotten."""

from __future__ import annotations

from uuid import UUID

from minan.kernel import alerts, live
from minan.kernel.listen import Told, on
from minan.kernel.models import Case
from minan.systems.bulletins import booking, here, screens, showing


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
