"""What happens in a dispute is told to both sides, each by its own link and number; once an event."""

from __future__ import annotations

from minan.kernel.access import CLOCK
from minan.kernel.act import act
from minan.kernel.listen import Told, on
from minan.kernel.models import Case
from minan.systems.disputes.side import NEWS


def tell_sides(events: list[Told]) -> None:
    """A step by the clock on each open side; what they read stands on their page."""
    for told in events:
        name = NEWS[told.name.split(".", 1)[1]][0]
        for side in Case.objects.filter(
            county=told.county, parent=told.case_id, procedure="side", closed_at=None
        ).order_by("id"):
            act(side, name, by=CLOCK, key=f"{name}:{told.id.hex}:{side.code}", at=max(told.at, side.changed_at))


for _step in NEWS:
    on(f"dispute.{_step}")(tell_sides)
