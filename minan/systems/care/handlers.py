"""What care does by itself: the hour of each agreement, midnight, the rungs of a visit, beds after every step of a stay, erasure."""

from __future__ import annotations

from datetime import UTC, datetime

from minan.kernel import retention
from minan.kernel.access import CLOCK
from minan.kernel.act import act
from minan.kernel.listen import Told, each_turn, on
from minan.kernel.models import Body, Case
from minan.systems.care import beds, home, watching

HOURLY: dict[str, datetime] = {}


def _case(told: Told) -> Case | None:
    return Case.objects.filter(county=told.county, id=told.case_id).first()


@on("daily_sign.*")
def follow_agreement(events: list[Told]) -> None:
    """The row of today follows its agreement; with the agreement ended nothing of it is left to read."""
    for told in {told.case_id: told for told in events}.values():
        case = _case(told)
        if case is None:
            continue
        watching.settle(case, told.at)
        if not case.open:
            erase(case, told.at)


def erase(case: Case, at: datetime) -> None:
    """All words, bodies and the vault of an agreement that was ended, at once; its chain says so. Then the links of its helpers."""
    numbers = list(Body.objects.filter(county=case.county, case_id=case.id).values_list("n", flat=True))
    if case.title or case.text:
        retention.forget(case, numbers, max(at, case.changed_at))


@on("visit_care.pass_over")
def tell_kin(events: list[Told]) -> None:
    """The rung of the kin: the narrow case that stood by sends its one message."""
    for told in events:
        visit = _case(told)
        if visit is None or visit.state != "kin":
            continue
        for kin in Case.objects.filter(county=visit.county, parent=visit.id, procedure="visit_kin", state="waiting"):
            act(kin, "tell", by=CLOCK, key=f"tell:{kin.id.hex}", at=max(told.at, kin.changed_at))


@on("stay.*")
def follow_stay(events: list[Told]) -> None:
    for told in {told.case_id: told for told in events}.values():
        case = _case(told)
        if case is not None:
            beds.settle(case, max(told.at, case.changed_at))


@each_turn
def turn(now: datetime) -> int:
    """The agreements whose hour or midnight has come; past nights once an hour."""
    done, last = watching.turn(now), HOURLY.get("nights", datetime.min.replace(tzinfo=UTC))
    if abs((now - last).total_seconds()) > 3600:
        HOURLY["nights"] = now
        done += beds.sweep(now) and 0
    return done


home.listen()
