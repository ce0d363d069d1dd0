"""The counts held against the events: every tally added up anew from what the bodies say, and the judgements' batches of ten.

What the worker has not folded yet is taken off first. Where bodies were erased the rest can only be a lower bound of what was
counted by event; what is open, late and where it lies is still exact, from the cases' own rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.db.models import Count

from minan.kernel import access, judged, registry, tallies
from minan.kernel.listen import Told
from minan.kernel.models import Case, Delivery, Judged, Outbox, Tally

COUNT, GATHER = "kernel.tallies.count", "kernel.judged.gather"  # listeners
STANDING = ("opened", "open", "late")
NOTHING: dict[str, Any] = {
    "place": "",
    "kind": "",
    "unit": "",
    "state": "",
    "open": False,
    "late": False,
    "shut": False,
}
Sums = dict[tuple[str, str, str, str], dict[str, int]]


@dataclass
class Counted:
    """What the tallies should say; `whole` is False where a body was erased, so that some counts are only at least so high."""

    sums: Sums = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))
    whole: bool = True

    def add(self, told: Iterable[Told], sign: int = 1) -> None:
        for key, row in tallies.sums(list(told)).items():
            for name, number in row.items():
                self.sums[key][name] += sign * number


def _told(case: Case, event: Any, before: Any, after: Any, counts: Mapping[str, int]) -> Told:
    delta = {"b": before, "a": after, "c": counts, "week": f"{case.opened_at:%G-W%V}"}
    return Told(case.id, case.county, case.id, event.n, "", event.at, delta)


def of_case(counted: Counted, case: Case, events: list[Any], said: Mapping[int, dict[str, Any]]) -> None:
    """Add what one case adds, event by event; from its row alone where a body is gone."""
    procedure = registry.get(case.procedure)
    archived = bool(procedure and procedure.archive and any(e.step == procedure.archive for e in events))
    if archived or case.privacy in ("house", "sealed") or not events or not registry.counted(case.procedure):
        return
    if any("after" not in said.get(e.n, {}) for e in events):
        counted.whole = False
        now = {name: getattr(case, name) for name in ("place", "kind", "unit", "state")}
        now |= {"open": case.open, "late": bool(case.marks.get("late")), "shut": access.shut(case.as_view())}
        counted.add([_told(case, events[-1], None, now, {})])
        return
    before, told = None, []
    for event in events:
        after = NOTHING | {k: v for k, v in said[event.n]["after"].items() if k != "c"}
        told.append(_told(case, event, before, after, said[event.n]["after"].get("c", {})))
        before = after
    counted.add(told)


def waiting(listener: str) -> Iterator[Told]:
    """What a listener has not heard yet."""
    for o in Outbox.objects.order_by("id").iterator():
        yield Told(o.id, o.county, o.case_id, o.n, o.name, o.at, o.delta)
    for d in Delivery.objects.filter(listener=listener).order_by("id").iterator():
        yield Told(d.event, d.county, d.case_id, d.n, d.name, d.at, d.delta)


def wrong(counted: Counted) -> list[str]:
    """Every tally that is not what the events add up to."""
    counted.add(waiting(COUNT), -1)
    left, out = {key: dict(row) for key, row in counted.sums.items()}, list[str]()
    for row in Tally.objects.order_by("id").iterator():
        key = (row.county, row.place, row.by, row.key)
        out += _differs(key, left.pop(key, {}), row, counted.whole)
    for key, should in left.items():
        out += _differs(key, should, None, counted.whole)
    return out


def _differs(
    key: tuple[str, str, str, str], should: Mapping[str, int], row: Tally | None, whole: bool
) -> Iterator[str]:
    for name in tallies.MEASURES:
        is_, wanted = getattr(row, name) if row is not None else 0, should.get(name, 0)
        if not whole and name == "opened" and key[2] == "state":
            continue  # where a case began cannot be known any more
        if is_ != wanted if whole or name in STANDING else is_ < wanted:
            yield f"{'/'.join(part or '-' for part in key)}: {name} is {is_}, the events add up to {wanted}"


def batches() -> Iterator[str]:
    """Judgements are released ten at a time, never fewer."""
    full = Judged.objects.exclude(batch=None).values("unit", "batch").annotate(many=Count("id"))
    for row in full.exclude(many=judged.TOGETHER):
        yield f"{row['unit']}: batch {row['batch']} holds {row['many']} judgements, not {judged.TOGETHER}"


def unheard(listener: str, case: Case, n: int) -> bool:
    """Whether the news of an event still waits for this listener."""
    where = {"county": case.county, "case_id": case.id, "n": n}
    return Outbox.objects.filter(**where).exists() or Delivery.objects.filter(listener=listener, **where).exists()


@contextmanager
def one_moment() -> Iterator[None]:
    """Everything read inside is of one moment; nobody is kept from writing."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")  # not Django's own, which would take the write lock
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")
    else:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
