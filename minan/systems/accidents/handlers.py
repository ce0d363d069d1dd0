"""What happens in the dispute is told to the accident it belongs to, by name; what happens in the accident, to its own children."""

from __future__ import annotations

from minan.kernel import childhood
from minan.kernel.access import CLOCK
from minan.kernel.act import act
from minan.kernel.listen import Told, on
from minan.kernel.models import Case

# Step of the dispute → step of the accident. A name that no dispute knows is never told.
OF_DISPUTE = {
    "take_on": "mediator",
    "stand_aside": "mediator",
    "change_mediator": "mediator",
    "seal": "agreed",
    "oral": "agreed",
    "fulfil": "settled",
    "receipt": "settled",
    "side_received": "settled",
    "end_without": "ended",
    "side_stopped": "ended",
    "refuse": "ended",
    "end_elsewhere": "broken",
}
WALLS = ("stand_aside", "change_mediator", "wall")  # who leaves the dispute, or is kept from it, is kept from the accident too
OVER = {"settled": ("fulfilled",), "ended": ("ended", "refused", "withdrawn")}


def _accident(told: Told) -> tuple[Case | None, Case | None]:
    child = Case.objects.filter(county=told.county, id=told.case_id).first()
    if child is None or not child.parent:
        return child, None
    return child, Case.objects.filter(county=child.county, id=child.parent, procedure="accident").first()


def of_dispute(events: list[Told]) -> None:
    for told in events:
        dispute, accident = _accident(told)
        name = OF_DISPUTE[told.name.split(".", 1)[1]]
        if dispute is None or accident is None or not accident.open or dispute.state not in OVER.get(name, (dispute.state,)):
            continue
        facts = {"mediator": dispute.facts.get("mediator"), "gone": dispute.facts.get("gone") or []} if name == "mediator" else {}
        act(accident, name, by=CLOCK, facts=facts, key=f"{name}:{told.id.hex}", at=max(told.at, accident.changed_at))


def keep_away(events: list[Told]) -> None:
    """What bars somebody from the dispute bars them from the accident, and by it from its parts."""
    for told in events:
        dispute, accident = _accident(told)
        if dispute is None or accident is None:
            continue
        fresh = [who for who in dispute.walls if who not in accident.walls]
        if fresh:
            at = max(told.at, accident.changed_at)
            act(accident, childhood.KEEP_AWAY, by=CLOCK, facts={"walls": fresh}, key=f"walls:{told.id.hex}", at=at)


for _step in WALLS:
    on(f"dispute.{_step}")(keep_away)
for _step in OF_DISPUTE:
    on(f"dispute.{_step}")(of_dispute)


@on("accident.ask_driver")
def ask_the_driver(events: list[Told]) -> None:
    _to_children(events, "road_party", "wanted")


@on("accident.reckon")
def tell_the_figures(events: list[Told]) -> None:
    _to_children(events, "road_party", "figures")


@on("accident.agreed")
def ten_days_to_pay(events: list[Told]) -> None:
    _to_children(events, "cover", "owes")


def _to_children(events: list[Told], procedure: str, step: str) -> None:
    for told in events:
        accident = Case.objects.filter(county=told.county, id=told.case_id).first()
        if accident is None:
            continue
        wanted = accident.facts.get("wanted") or {}
        for child in Case.objects.filter(county=told.county, parent=told.case_id, procedure=procedure, closed_at=None).order_by("id"):
            if step == "wanted" and child.facts.get("ref") != wanted.get("who"):
                continue
            facts = {"amount": wanted.get("amount")} if step == "wanted" else {}
            act(child, step, by=CLOCK, facts=facts, key=f"{step}:{told.id.hex}:{child.code}", at=max(told.at, child.changed_at))
