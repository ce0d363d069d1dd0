"""The day's list of a unit's late matters 催办单: one number a unit and day, told once, at the hour offices open.

A case's own event `remind` stands at the moment its clock ran out and names the list it goes on; the list goes out at the
next cut. Urgent and emergency matters are told at once besides (notices.py). A list names codes only: who reads it sees the
matters they may see.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from heapq import merge
from typing import Any

from django.conf import settings
from django.db import transaction

from minan.kernel import access, directory, registry, routing, serials
from minan.kernel.clocks import owner_of, ran_out
from minan.kernel.directory import LOCAL
from minan.kernel.models import Case, Clock, Reminder, Serial
from minan.kernel.procedure import Procedure

SERIES, CUT = "催办单", "cut"
ITEMS_MOST = 500  # of one list, those whose end is oldest; the rest is told as a number
DAYS_AHEAD = 30
CHUNK = 1000
Lists = dict[str, dict[str, dict[str, str]]]  # unit → code → item, {} beyond ITEMS_MOST
Found = dict[str, tuple[list[dict[str, str]], int]]  # unit → items, how many more


def _hour() -> tuple[int, int]:
    hours, minutes = settings.REMIND_AT.split(":")
    return int(hours), int(minutes)


def _cut() -> date:
    """The day of the last cut."""
    last = Serial.objects.filter(unit="", series=CUT, year=0).values_list("last", flat=True).first()
    return date.fromordinal(last) if last else date(2000, 1, 1)


def _working(day: date) -> date:
    calendar = directory.calendar("default")
    return next((d for n in range(DAYS_AHEAD) if calendar.is_workday(d := day + timedelta(days=n))), day)


def day_of(at: datetime) -> date:
    """The day of the list that what runs out now goes on: today's until it is cut, then the next working day's."""
    today = at.astimezone(LOCAL).date()
    return _working(max(today, _cut() + timedelta(days=1)))


def holder(procedure: Procedure, clock: str, case: Mapping[str, Any]) -> str:
    """The unit that is reminded of a late clock; of a lead's clock whoever rules, while a ruling is awaited."""
    spec = procedure.clock(clock)
    if spec.owner == "lead" and procedure.state(case["state"]).holder == "ruler" and case["ruler"]:
        return str(case["ruler"])
    return owner_of(spec, case)


def number(procedure: Procedure, clock: str, case: Mapping[str, Any], at: datetime) -> str:
    """The number of the list this case's reminder goes on; "" for a sealed case, which is on none. Within a transaction."""
    unit = holder(procedure, clock, case)
    return "" if case["privacy"] == "sealed" else _list(unit, day_of(at), at).number


def _list(unit: str, day: date, at: datetime) -> Reminder:
    found = Reminder.objects.filter(unit=unit, sent_at=None).first()
    if found is None:  # two at once: the second is refused by the database and looks again
        issuer = routing.above(unit, "block") or unit
        found = Reminder.objects.create(unit=unit, day=day, issuer=issuer, number=serials.number(issuer, SERIES, at))
    return found


# ---- the cut


def fold(now: datetime) -> int:
    """At the hour of a working day: fill and send every unit's list, once; returns how many went out. Called each turn."""
    local = now.astimezone(LOCAL)
    today = local.date()
    if (local.hour, local.minute) < _hour() or today <= _cut() or not directory.calendar("default").is_workday(today):
        return 0
    found = late(now)  # read before the transaction: on SQLite nobody else writes during it
    with transaction.atomic():
        Serial.objects.get_or_create(unit="", series=CUT, year=0)
        row = Serial.objects.select_for_update().get(unit="", series=CUT, year=0)
        if row.last >= today.toordinal():
            return 0  # another worker was faster
        Serial.objects.filter(pk=row.pk).update(last=today.toordinal())
        return _send(found, today, now)


def _send(found: Found, today: date, now: datetime) -> int:
    lists = {r.unit: r for r in Reminder.objects.filter(sent_at=None)}
    for unit in sorted(found.keys() - lists.keys()):
        lists[unit] = _list(unit, today, now)
    for unit, one in lists.items():
        one.items, one.more = found.get(unit, ([], 0))
        one.sent_at, one.day = now, today
        one.read_at = None if one.items else now  # all were done before it went out
    done = list(lists.values())
    Reminder.objects.bulk_update(done, ["items", "more", "sent_at", "day", "read_at"], batch_size=CHUNK)
    return len(done)


def late(now: datetime) -> Found:
    """Unit → its late matters, the oldest end first, and how many more there are; two queries a thousand."""
    since = _last_sent()
    risen = {c.name for p in registry.procedures().values() for c in p.clocks if c.while_late}
    open_ones = Clock.objects.filter(done_at=None).order_by("due_at", "id")
    told = open_ones.filter(told__gte=1)  # each by an index of its own: no table is read whole
    up = open_ones.filter(told=0, name__in=risen, next_at__isnull=False)
    rows = merge(told.iterator(CHUNK), up.iterator(CHUNK), key=lambda r: (r.due_at, r.id))
    out: Lists = defaultdict(dict)
    batch: list[Clock] = []
    for row in rows:
        batch.append(row)
        if len(batch) == CHUNK:
            _sort(batch, risen, since, out)
            batch = []
    _sort(batch, risen, since, out)
    listed = {unit: [one for one in items.values() if one] for unit, items in out.items()}
    return {unit: (some, len(out[unit]) - len(some)) for unit, some in listed.items()}


def _last_sent() -> datetime:
    last = Reminder.objects.exclude(sent_at=None).order_by("-sent_at").values_list("sent_at", flat=True).first()
    return last or datetime(2000, 1, 1, tzinfo=UTC)


def _sort(rows: list[Clock], risen: Iterable[str], since: datetime, out: Lists) -> None:
    keys = {(r.county, r.case_id) for r in rows}
    found = Case.objects.filter(county__in={c for c, _ in keys}, id__in=[i for _, i in keys], closed_at=None)
    cases = {c.id: c for c in found if c.privacy not in ("sealed", "house", "passed")}
    for row in rows:
        case = cases.get(row.case_id)
        procedure = registry.get(case.procedure) if case else None
        spec = next((c for c in procedure.clocks if c.name == row.name), None) if procedure else None
        step = procedure.step(spec.at_due) if procedure and spec else None
        if (
            case is None
            or procedure is None
            or spec is None
            or spec.quiet
            or not ((step and step.folds) or spec.while_late)
        ):
            continue
        if row.paused_at is not None and not ran_out(vars(row)):
            continue
        unit = access.free(holder(procedure, row.name, case.as_view()), case.walls)
        why = "up" if row.name in risen else "due" if row.due_at > since else "still"
        if unit and case.code not in out[unit]:  # each matter once, by the clock that is late longest
            item = {"code": case.code, "clock": row.name, "due": row.due_at.isoformat(), "why": why}
            out[unit][case.code] = item if len(out[unit]) < ITEMS_MOST else {}
