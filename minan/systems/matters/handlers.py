"""What follows an event by itself: a matter counts who joined it; who broke the glass without need gets a strike."""

from __future__ import annotations

import json

from minan.kernel import glass_kept, pushed
from minan.kernel.access import CLOCK
from minan.kernel.act import act
from minan.kernel.listen import Told, on
from minan.kernel.models import Body, Case


@on("matter.merge")
def join(events: list[Told]) -> None:
    """Tell the matter another one was merged into; once, by the event's own key."""
    for told in events:
        merged = Case.objects.filter(county=told.county, id=told.case_id).first()
        into = Case.objects.filter(code=merged.merged_into).first() if merged else None
        if into is not None and into.open:
            act(into, "absorb", by=CLOCK, key=f"joined:{told.id.hex}", at=max(told.at, into.changed_at))


@on("matter.push_refused")
def pushed_down(events: list[Told]) -> None:
    """Count the refused attempts to push a matter down to a village."""
    pushed.keep(events)


@on("matter.reject_glass")
def strike(events: list[Told]) -> None:
    """Remember it against the person whose breaking of the glass was rejected; once an event."""
    for told in events:
        body = Body.objects.filter(county=told.county, case_id=told.case_id, n=told.n).values_list("text", flat=True)
        for text in body:
            glass_kept.strike(told.county, told.case_id, told.n, json.loads(text)["note"]["of"], told.at)
