"""An order that nobody answered frees its slot; one that is over runs no more."""

from __future__ import annotations

from minan.kernel.listen import Told, on
from minan.kernel.models import Case
from minan.systems.services import slots


def over(events: list[Told]) -> None:
    for told in events:
        case = Case.objects.filter(county=told.county, id=told.case_id).first()
        if case is not None:
            slots.release(case, held=case.state not in ("unanswered", "cancelled", "declined"))


for _step in ("expire", "close_unrated"):
    on(f"service_order.{_step}")(over)
