"""Speakers' judgements reach the unit they judge ten at a time, so that nobody there can tell who said what (RELIABILITY.md §1).

Who rules above, the desk of another unit and the numbers see each at once. What must be known to do the work again is told with
the order to do so.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Max

from minan.kernel import registry
from minan.kernel.listen import Told, on
from minan.kernel.models import Case, Judged

TOGETHER = 10


def _is_judgement(told: Told) -> bool:
    procedure = registry.get(told.name.split(".", 1)[0])
    step = procedure.step(told.name.split(".", 1)[1]) if procedure else None
    return step is not None and step.batched


@on("*")
def gather(events: list[Told]) -> None:
    """Note each judgement under the unit it judges; where ten wait, they become one batch."""
    fresh = [
        Judged(county=told.county, case_id=told.case_id, n=told.n, unit=told.delta["a"]["unit"])
        for told in events
        if _is_judgement(told) and told.delta.get("a", {}).get("unit")
    ]
    if not fresh:
        return
    Judged.objects.bulk_create(fresh, ignore_conflicts=True)
    for unit in sorted({one.unit for one in fresh}):
        while len(waiting := list(Judged.objects.filter(unit=unit, batch=None).order_by("id")[:TOGETHER])) == TOGETHER:
            last = Judged.objects.filter(unit=unit).aggregate(m=Max("batch"))["m"] or 0
            Judged.objects.filter(id__in=[one.id for one in waiting]).update(batch=last + 1)


def released(case: Case, units: Iterable[str], numbers: Iterable[int]) -> set[int]:
    """Of the judgements with these event numbers, those that people of `units` may read: not of themselves, or in a full batch."""
    wanted, own = set(numbers), set(units)
    found = Judged.objects.filter(county=case.county, case_id=case.id, n__in=wanted).values_list("n", "unit", "batch")
    rows = {n: (unit, batch) for n, unit, batch in found}
    return {n for n in wanted if (row := rows.get(n, (case.unit, None)))[1] is not None or row[0] not in own}
