"""What becomes of disputes, in numbers: how many, of which kind, how long, agreed, fulfilled, confirmed; each with what it is counted of.

Counted from the disputes themselves in one query of narrow rows. No number of any person: a committee, place, kind or quarter with
fewer than ten is told together with others, a cell of fewer than five is told as that. What a side did after a written notice
of no agreement (art. 26) nobody here knows, and nothing here pretends to.
"""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models.fields.json import KeyTextTransform

from minan.kernel import directory
from minan.kernel.directory import LOCAL
from minan.kernel.models import Case, Inbox
from minan.kernel.pages.overview import DESKS

K, FEW = 10, 5  # fewer than K are told together with others; a cell of fewer than FEW as "fewer than five"
FOR, MANY, KEPT_MOST = 60.0, 1_000, 64  # seconds, disputes, answers
REST = ""  # the group of those that are too few alone
EARLY = ("applied", "refused", "withdrawn")  # never accepted
BELOW = {"city": "county", "county": "town", "town": "village"}


class Dispute(NamedTuple):
    """One dispute as it is counted. `effective`: when its agreement took effect, as ISO text."""

    desk: str
    place: str
    title: str
    state: str
    opened_at: datetime
    closed_at: datetime | None
    effective: str | None
    court: str | None
    oral: str | None

    @property
    def days(self) -> float | None:
        """From the application to the agreement, or to the end without one."""
        end = datetime.fromisoformat(self.effective) if self.effective else self.closed_at if self.state == "ended" else None
        return None if end is None else max(0.0, (end - self.opened_at).total_seconds() / 86400)


@dataclass(frozen=True, slots=True)
class Cell:
    """A numerator of a denominator."""

    n: int
    of: int

    @property
    def enough(self) -> bool:
        return self.of >= K

    @property
    def few(self) -> bool:
        """Told as "fewer than five": itself or what it leaves of its whole."""
        return self.enough and (0 < self.n < FEW or 0 < self.of - self.n < FEW)

    @property
    def percent(self) -> int:
        return round(100 * self.n / self.of) if self.of else 0

    @property
    def told(self) -> str:
        """The numerator as it may be told: "" where the whole is too few, "<5" and ">95" at both ends."""
        if not self.enough:
            return ""
        return f"<{FEW}" if 0 < self.n < FEW else f">{self.of - FEW}" if self.few else str(self.n)


@dataclass(slots=True)
class Sums:
    """The disputes of one group."""

    key: str
    n: int = 0
    refused: int = 0
    accepted: int = 0
    open: int = 0
    agreed: int = 0
    oral: int = 0
    ended: int = 0
    fulfilled: int = 0
    broken: int = 0
    asked: int = 0
    confirmed: int = 0
    spent: list[float] = field(default_factory=list)

    def add(self, one: Dispute) -> None:
        effective = bool(one.effective)
        self.n += 1
        self.refused += one.state == "refused"
        self.accepted += one.state not in EARLY
        self.open += one.closed_at is None and not effective
        self.agreed += effective
        self.oral += effective and one.oral in ("true", "1")
        self.ended += one.state == "ended"
        self.fulfilled += one.state == "fulfilled"
        self.broken += one.state in ("breached", "elsewhere")
        self.asked += one.court is not None
        self.confirmed += one.court == "confirmed"
        if (days := one.days) is not None:
            self.spent.append(days)

    def join(self, other: Sums) -> None:
        for name in COUNTED:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.spent += other.spent

    @property
    def cells(self) -> dict[str, Cell]:
        """Every rate with its denominator: of what was decided, of what was agreed, of what was asked of the court."""
        decided = self.agreed + self.ended
        return {
            "accepted": Cell(self.accepted, self.n), "agreed": Cell(self.agreed, decided), "ended": Cell(self.ended, decided),
            "oral": Cell(self.oral, self.agreed), "fulfilled": Cell(self.fulfilled, self.agreed), "broken": Cell(self.broken, self.agreed),
            "asked": Cell(self.asked, self.agreed - self.oral), "confirmed": Cell(self.confirmed, self.asked),
        }  # fmt: skip

    def day(self, share: float) -> float | None:
        """The day by which this share of what was decided was decided (nearest rank); None for fewer than ten."""
        if len(self.spent) < K:
            return None
        return round(sorted(self.spent)[max(0, math.ceil(share * len(self.spent)) - 1)], 1)

    @property
    def median(self) -> float | None:
        return self.day(0.5)

    @property
    def ninetieth(self) -> float | None:
        return self.day(0.9)


COUNTED = ("n", "refused", "accepted", "open", "agreed", "oral", "ended", "fulfilled", "broken", "asked", "confirmed")


def quarter(at: datetime) -> str:
    local = at.astimezone(LOCAL)
    return f"{local.year}Q{(local.month + 2) // 3}"


def grouped(rows: Iterable[Dispute], key: Callable[[Dispute], str]) -> list[Sums]:
    """Groups, largest first; those of fewer than K as one under REST, which is never smaller either where it could be told."""
    found: dict[str, Sums] = {}
    for row in rows:
        name = key(row)
        found.setdefault(name, Sums(name)).add(row)
    large = sorted((s for s in found.values() if s.n >= K), key=lambda s: (-s.n, s.key))
    small, rest = [s for s in found.values() if s.n < K], Sums(REST)
    for one in small:
        rest.join(one)
    while small and rest.n < K and large:  # else the whole less the large would say it
        rest.join(large.pop())
    return [*large, *([rest] if rest.n else [])]


@dataclass(slots=True)
class Numbers:
    """Everything the page and the file say of one scope and period."""

    total: Sums
    by: dict[str, list[Sums]]


def count(rows: Sequence[Dispute], level: str) -> Numbers:
    """`level`: the level of the scope's place; it is split into the places one level down."""
    total, below = Sums("all"), BELOW.get(level, "village")
    for row in rows:
        total.add(row)
    spots = {code: directory.within(code, below) or code for code in {row.place for row in rows}}
    keys: dict[str, Callable[[Dispute], str]] = {
        "sort": lambda one: one.title, "committee": lambda one: one.desk, "quarter": lambda one: quarter(one.opened_at),
        "place": lambda one: spots[one.place],
    }  # fmt: skip
    out = {name: grouped(rows, key) for name, key in keys.items()}
    out["quarter"].sort(key=lambda sums: sums.key)
    return Numbers(total, out)


# ---- whose


class Scope(NamedTuple):
    """Whose numbers somebody reads: a unit, its place's level, and the committees in it."""

    unit: str
    level: str
    committees: tuple[str, ...]


def scopes(user: Any) -> list[Scope]:
    """By posts as supervisor: of a committee its own; of a desk, a centre or the judicial office all committees of its place."""
    out: dict[str, Scope] = {}
    units = directory.city().units
    for post in directory.posts_of(user.pk):
        office = directory.office(post.unit)
        if office is None or post.role != "supervisor":
            continue
        if office.word == "mediation":
            out.setdefault(office.id, Scope(office.id, office.level, (office.id,)))
        elif office.kind in DESKS or office.word in ("judicial", "justice"):
            under = [u.id for u in units.values() if u.word == "mediation" and directory.within(u.place, office.level) == office.place]
            if under:
                out.setdefault(office.id, Scope(office.id, office.level, tuple(sorted(under))))
    return list(out.values())


def read(scope: Scope, since: datetime, until: datetime) -> list[Dispute]:
    """The disputes of a scope that were applied for in a period. One query."""
    lying = Inbox.objects.filter(unit__in=scope.committees, procedure="dispute").values("case_id")
    counties = {directory.within(directory.city().units[unit].place, "county")[:6] for unit in scope.committees}
    found = Case.objects.filter(county__in=counties, id__in=lying, desk__in=scope.committees, opened_at__gte=since, opened_at__lt=until)
    names = ("desk", "place", "title", "state", "opened_at", "closed_at")
    extra = (KeyTextTransform(name, "facts") for name in ("effective", "court", "oral"))
    return [Dispute(*row) for row in found.filter(procedure="dispute").values_list(*names, *extra)]


_kept: dict[tuple[Scope, datetime, datetime], tuple[float, Numbers]] = {}


def of(scope: Scope, since: datetime, until: datetime) -> Numbers:
    """What page and file say; where it is MANY disputes, at most a minute old in each process. One query, then none."""
    key = (scope, since, until)
    if (found := _kept.get(key)) is not None and time.monotonic() - found[0] < FOR:
        return found[1]
    rows = read(scope, since, until)
    made = count(rows, scope.level)
    if len(rows) >= MANY:
        if len(_kept) >= KEPT_MOST:
            _kept.clear()
        _kept[key] = (time.monotonic(), made)
    return made


HEAD = (
    "by", "group", "disputes", "refused", "accepted", "open", "decided", "agreed", "oral", "no_agreement", "fulfilled", "broken",
    "confirmation_asked", "confirmed", "days_n", "days_median", "days_90",
)  # fmt: skip


def table(numbers: Numbers, name: Callable[[str, str], str]) -> Iterator[list[Any]]:
    """The rows of the file: counts; "<5" and empty cells as on the page."""
    yield list(HEAD)
    groups: dict[str, list[Sums]] = defaultdict(list, {"all": [numbers.total]}) | numbers.by
    for by, rows in groups.items():
        for sums in rows:
            if sums.n < K:  # of so few nothing but how many: as on the page
                yield [by, name(by, sums.key), sums.n, *[""] * (len(HEAD) - 3)]
                continue
            cells = sums.cells
            told: list[Any] = [by, name(by, sums.key), sums.n]
            told += [_plain(sums.refused), cells["accepted"].told, _plain(sums.open), cells["agreed"].of if cells["agreed"].enough else ""]
            told += [cells[one].told for one in ("agreed", "oral", "ended", "fulfilled", "broken", "asked", "confirmed")]
            yield [*told, len(sums.spent) if len(sums.spent) >= K else "", sums.median or "", sums.ninetieth or ""]


def _plain(n: int) -> Any:
    return n if n == 0 or n >= FEW else f"<{FEW}"
