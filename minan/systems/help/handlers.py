"""What the help system does by itself: a day after a call is over the position at the press is erased, and its passes are revoked."""

from __future__ import annotations

from datetime import datetime, timedelta

from minan.kernel import cards
from minan.kernel.access import CLOCK
from minan.kernel.act import act
from minan.kernel.listen import Told, each_turn, on
from minan.kernel.models import Case
from minan.systems.help import own_list, passing
from minan.systems.help.procedure import ENDED

AFTER, EVERY = timedelta(hours=24), timedelta(minutes=1)
BATCH = 100
_looked: dict[str, datetime] = {}


@each_turn
def forget_positions(now: datetime) -> int:
    """Once a minute: calls over for a day that still have a position. Returns how many were cleared."""
    if _looked.get("at") and now - _looked["at"] < EVERY and now >= _looked["at"]:
        return 0
    _looked["at"] = now
    over = Case.objects.filter(
        procedure="help", state__in=ENDED, closed_at__lte=now - AFTER, closed_at__gt=now - AFTER * 8
    )
    done = 0
    for case in [case for case in over.order_by("closed_at")[: BATCH * 4] if not case.marks.get("position_gone")][
        :BATCH
    ]:
        act(case, "forget_position", by=CLOCK, key=f"position:{case.code}", at=now)
        done += 1
    return done


@on("help.close")
@on("help.false_alarm")
def end_passes(events: list[Told]) -> None:
    """A pass for the doors ends with its call, whichever page closed it."""
    for told in events:
        case = Case.objects.filter(county=told.county, id=told.case_id).first()
        if case is not None:
            passing.revoke(case)


cards.register("help", own_list.call)
cards.register("help_enrolment", own_list.enrolment)
