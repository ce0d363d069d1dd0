"""What happens in a dispute is told to both sides, each by its own link and number; once an event."""

from __future__ import annotations

from minan.kernel.access import CLOCK
from minan.kernel.act import act
from minan.kernel.listen import Told, each_turn, on
from minan.kernel.models import Case
from minan.systems.disputes import sealed, sealing
from minan.systems.disputes.side import NEWS


def tell_sides(events: list[Told]) -> None:
    """A step by the clock on each open side; what they read stands on their page."""
    for told in events:
        name = NEWS[told.name.split(".", 1)[1]][0]
        for side in Case.objects.filter(
            county=told.county, parent=told.case_id, procedure="side", closed_at=None
        ).order_by("id"):
            act(side, name, by=CLOCK, key=f"{name}:{told.id.hex}:{side.code}", at=max(told.at, side.changed_at))


def compare(events: list[Told]) -> None:
    """Both are in: where the page that took the second did not live to ask, this does; what counts no more is forgotten."""
    for told in events:
        case = Case.objects.filter(county=told.county, id=told.case_id).first()
        if case is None:
            continue
        row = case.facts.get("sealed") or {}
        if row and not row["open"] and told.name.endswith("offers_stop"):
            sealing.forget(case.code, [one["c"] for one in row["in"].values()])
        sealing.settle(case, max(told.at, case.changed_at), must=bool(sealed.running(case.facts)))


for _step in ("side_sealed", "side_unsealed", "offers_stop"):
    on(f"dispute.{_step}")(compare)
each_turn(sealing.watch)
for _step in NEWS:
    on(f"dispute.{_step}")(tell_sides)
