"""What a matter does when another event is heard: the matter that others were merged into counts who joined it."""

from __future__ import annotations

from minan.kernel.access import CLOCK
from minan.kernel.act import act
from minan.kernel.listen import Told, on
from minan.kernel.models import Case


@on("matter.merge")
def join(events: list[Told]) -> None:
    """Tell the matter another one was merged into; once, by the event's own key."""
    for told in events:
        merged = Case.objects.filter(county=told.county, id=told.case_id).first()
        into = Case.objects.filter(code=merged.merged_into).first() if merged else None
        if into is not None and into.open:
            act(into, "absorb", by=CLOCK, key=f"joined:{told.id.hex}", at=max(told.at, into.changed_at))
