"""What a duty room has before it: calls for help, alarms, urgent matters and faults that are open with the reader's units, newest first.

Nothing here knows a system: a case is on the board by its procedure's name, by the mark of danger or by its urgency. Whatever
happens to such a case is told to the screens of all units that see it (live.tell); what stands there is read from the records.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import Q

from minan.kernel import access, live, possible, reads, registry
from minan.kernel.access import Actor
from minan.kernel.listen import Told, on
from minan.kernel.models import Case, User
from minan.kernel.procedure import Step
from minan.kernel.sheet import Sheet, steps_for

CALL, ALARM, URGENT, FAULT = "call", "alarm", "urgent", "fault"
LANES = {"help": CALL, "alarm": ALARM, "fault": FAULT}  # procedure → lane; everything else by danger and urgency
ORDER = (CALL, ALARM, URGENT, FAULT)
SHOWN = {CALL: 60, ALARM: 60, URGENT: 40, FAULT: 20}  # rows of a lane; how many more there are is said
LOOKED_AT = 2000  # of a unit's open cases the newest so many; one in danger is found however old it is
DANGER_MOST = 200
TAKING = ("accept", "sign")  # steps by which work is taken on, besides those a procedure marks as near
BUTTONS = 2
TOPIC = "duty"


def lane_of(procedure: str, urgency: str, marks: Mapping[str, Any]) -> str:
    """The lane of a case; "" where a duty room has nothing to do with it."""
    return LANES.get(procedure) or (URGENT if marks.get("danger") or urgency not in ("", "ordinary") else "")


@dataclass(slots=True)
class Entry:
    """One case on the board. `waits`: nobody has taken it on; `mine`: a unit of the reader must act next."""

    case: Case
    lane: str
    mine: bool
    waits: bool
    steps: list[Step] = field(default_factory=list)


@dataclass(slots=True)
class Board:
    entries: dict[str, list[Entry]]
    more: dict[str, int]

    @property
    def waiting(self) -> int:
        """How many nobody has taken on; a drill disturbs nobody."""
        return sum(e.waits and not e.case.marks.get("drill") for entries in self.entries.values() for e in entries)


_ONE = (
    'SELECT * FROM (SELECT i."county", i."case_id", i."procedure", i."flags", i."mine" FROM "kernel_inbox" i '
    'WHERE i."unit" = %s AND i."open"{more} AND {wall} ORDER BY i."case_id" DESC LIMIT {most}) u'
)


def _rows(user: User) -> list[tuple[Case, bool]]:
    """The cases of the board, newest first; one query."""
    units = access.units_of(user)
    if not units:
        return []
    wall, keys = reads.walled("i", "case_id", access.keys_of(user))
    found = "strpos" if connection.vendor == "postgresql" else "instr"
    marked = f" AND {found}(i.\"flags\", ',danger,') > 0 AND NOT (i.\"flags\" = ',,')"
    each = [
        _ONE.format(more="", wall=wall, most=LOOKED_AT),
        _ONE.format(more=marked, wall=wall, most=DANGER_MOST),
    ]
    named, procedures = reads.among('r."procedure"', list(LANES))
    sql = (
        f'JOIN ({" UNION ALL ".join(each * len(units))}) r ON r."county" = t."county" AND r."case_id" = t."id" '
        f"WHERE {named} OR {found}(r.\"flags\", ',danger,') > 0 OR t.\"urgency\" <> 'ordinary' ORDER BY t.\"id\" DESC"
    )
    params = [value for unit in units for value in (unit, *keys) * 2]
    return reads.paired(Case, 'r."mine"', sql, [*params, *procedures], anew=True)


def board(user: User, now: datetime | None = None) -> Board:
    """What is open now for this person's units. One query, whatever there is."""
    who, at = access.actor(user), now or datetime.now(UTC)
    cases: dict[Any, tuple[Case, bool]] = {}
    for case, mine in _rows(user):
        cases[case.id] = case, mine or cases.get(case.id, (case, False))[1]
    lanes: dict[str, list[Entry]] = {lane: [] for lane in ORDER}
    more = dict.fromkeys(ORDER, 0)
    for case, mine in cases.values():
        lane = lane_of(case.procedure, case.urgency, case.marks)
        if lane == URGENT and (case.outcome or case.marks.get("parked")):
            continue  # answered, or put aside until a day: no business of this minute
        if len(lanes[lane]) >= SHOWN[lane]:
            more[lane] += 1
            continue
        lanes[lane].append(Entry(case, lane, mine, waits(case), taking(case, who, at)))
    return Board(lanes, more)


def waits(case: Case) -> bool:
    """True while nobody has taken it on: it stands where it began."""
    procedure = registry.get(case.procedure)
    return procedure is not None and case.state == procedure.first


def taking(case: Case, who: Actor, at: datetime) -> list[Step]:
    """The steps by which this person takes it on with one press: they ask nothing, lead on, and no rule is known to refuse them."""
    procedure, roles = registry.get(case.procedure), access.roles_of(who, case.as_view())
    if procedure is None or not roles:
        return []
    sheet = Sheet(case, [], [], [], frozenset(roles))
    return [
        step
        for step in steps_for(case, who, roles)
        if (step.near or step.name in TAKING)
        and step.targets
        and not any(f.required for f in step.fields)
        and not any(procedure.state(target).final for target in step.targets)
        and possible.why_not(step, sheet, who, at) is None
    ][:BUTTONS]


# ---- telling


def tell(case: Case, why: str = "") -> None:
    """Tell the screens of all units that see this case that it is there or that something happened to it."""
    seen = access.audience(case.as_view())
    live.tell(seen, TOPIC, walls=case.walls, code=case.code, n=case.n, why=why)


@on("*")
def heard(events: Iterable[Told]) -> None:
    """Whatever happens to a case of the board, and that a matter became urgent or dangerous, is told to the duty screens."""
    steps = {told.case_id: told.name for told in events}
    wanted = Q(procedure__in=list(LANES)) | ~Q(urgency="ordinary") | Q(marks__has_key="danger")
    for case in Case.objects.filter(wanted, county__in={told.county for told in events}, id__in=list(steps)):
        if lane_of(case.procedure, case.urgency, case.marks):
            tell(case, steps[case.id])
