"""Who spoke is told what came of it: once each, by the channel they chose (kernel/came_of.py), after one click."""

from __future__ import annotations

from minan.kernel import came_of
from minan.kernel.access import CLOCK
from minan.kernel.act import act
from minan.kernel.listen import Told, on
from minan.kernel.models import Case


@on("improvement.tell")
def tell_who_spoke(events: list[Told]) -> None:
    """Delivered twice it tells nobody twice: each case remembers which project told."""
    for told in events:
        project = Case.objects.filter(county=told.county, id=told.case_id).first()
        if project is None or not project.facts.get("public"):
            continue
        n = sum(came_of.tell(case, project.code, project.facts["public"][:600], told.at) for case in cases(project))
        if n:
            act(project, "told", by=CLOCK, facts={"n": n}, key=f"told:{told.id.hex}", at=max(told.at, project.changed_at))


def cases(project: Case) -> list[Case]:
    """What the project came from and what was linked to it, whoever asks: for the program."""
    found = list(Case.objects.filter(code__in=project.facts.get("links") or []).order_by("id"))
    parent = Case.objects.filter(county=project.county, id=project.parent).first() if project.parent else None
    return [*([parent] if parent is not None and parent.id not in {c.id for c in found} else []), *found]
