"""The clocks of one case while a step is taken: started, stopped, paused, resumed, extended, made stricter; never reset."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from minan.kernel import directory, reads
from minan.kernel.calendar import Due, Limit
from minan.kernel.models import Clock
from minan.kernel.procedure import Clock as Declared
from minan.lib.uuid7 import uuid7

FIXED = "date"  # the limit of a clock whose end a person fixed (a review date)
OF_CASE = 'WHERE t."county" = %s AND t."case_id" = %s ORDER BY t."id"'
Row = dict[str, Any]


LAW = ("legal", "legal_due_at", "legal_article")
OWNERS = {"desk": "desk", "lead": "unit", "ruler": "ruler"}


def owner_of(spec: Declared, case: Mapping[str, Any]) -> str:
    """The unit that answers for a clock as the case stands; the desk where there is nobody else."""
    up = case["marks"].get("up") or [""]
    return str((up[-1] if spec.owner == "up" else case[OWNERS[spec.owner]]) or case["desk"])


def ran_out(row: Mapping[str, Any]) -> bool:
    """True of a clock that was over its time when it was paused."""
    return row["paused_at"] is not None and bool(row["paused_at"] > row["due_at"])


def by_law(row: Row, due: Due) -> Due:
    """No pause and no extension moves a promise past the limit of the law, nor a promise that lies past it already."""
    legal = row["legal_due_at"]
    return due if legal is None or due.at <= legal else Due(max(legal, row["due_at"]), due.provisional)


def _nearer(row: Row, law: Row) -> bool:
    """The legal end that stands is as near as the one of the new kind, or the new kind has none."""
    mine, new = row["legal_due_at"], law.get("legal_due_at")
    return new is None or (mine is not None and mine <= new)


class NoLimit(LookupError):
    """A clock has no limit in the city's rules: a defect of the city's data, named so that it can be mended."""


class Clocks:
    """All clocks of a case as rows; `fresh` are new ones, `changed` those to be written back."""

    def __init__(self, rows: list[Row], new_id: Callable[[], UUID] = uuid7) -> None:
        self.new_id = new_id
        self.rows = rows
        self.fresh: list[Row] = []
        self.changed: dict[UUID, Row] = {}

    @classmethod
    def of(cls, county: str, case_id: UUID) -> Clocks:
        return cls(reads.dicts(Clock, OF_CASE, [county, reads.row_id(case_id)]))

    def running(self, name: str = "") -> list[Row]:
        return [r for r in self.rows if r["done_at"] is None and name in ("", r["name"])]

    def view(self) -> dict[str, Row]:
        """Name → the last round of each clock, as pure rules read it."""
        return {
            r["name"]: {
                "due_at": r["due_at"], "started_at": r["started_at"], "running": r["done_at"] is None, "extended": r["extended"],
                "round": r["round"], "paused": r["paused_at"] is not None, "limit": r["limit"], "legal_due_at": r["legal_due_at"],
            }
            for r in self.rows
        }  # fmt: skip

    def _change(self, row: Row, **values: Any) -> None:
        row.update(values)
        if not any(r is row for r in self.fresh):
            self.changed.setdefault(row["id"], {}).update(values)

    def start(self, spec: Declared, case: Row, at: datetime, due: datetime | None = None) -> None:
        """A new round of a clock from now; `due` fixes its end by a person's word."""
        if self.running(spec.name):
            return
        unit = owner_of(spec, case)
        office = directory.office(unit)
        hours = office.hours if office else "default"
        row: Row = {
            "id": self.new_id(), "county": case["county"], "case_id": case["id"], "name": spec.name, "unit": unit, "hours": hours,
            "round": 1 + sum(r["name"] == spec.name for r in self.rows), "started_at": at, "paused_at": None, "extended": False,
            "done_at": None, "told": 0, "legal": "", "legal_due_at": None, "legal_article": "", "provisional": False,
        }  # fmt: skip
        if due is not None:
            row |= {"limit": FIXED, "rule": spec.name, "article": "", "due_at": due, "warn_at": at + (due - at) * 0.75}
        else:
            row |= self._counted(spec.name, case, at, hours)
        row["next_at"] = row["due_at"] if spec.at_due else None
        self.rows.append(row)
        self.fresh.append(row)

    def _counted(self, name: str, case: Row, at: datetime, hours: str) -> Row:
        asked = (name, case["urgency"], case["size"], case["kind"])
        # A clock younger than the edition a case began under takes its limit from the rules of today.
        rule = directory.limit(*asked, case["edition"]) or directory.limit(*asked, directory.city().edition)
        if rule is None:
            raise NoLimit(
                f"limits: no row for clock {name}, urgency {case['urgency']}, size {case['size']}, edition {case['edition']}"
            )
        calendar, limit = directory.calendar(hours), Limit.parse(rule.limit)
        due = calendar.due(at, limit)
        out: Row = {
            "limit": rule.limit, "rule": rule.rule, "article": rule.article, "due_at": due.at, "provisional": due.provisional,
            "warn_at": calendar.warn(at, due.at, limit),
        }  # fmt: skip
        if rule.legal:
            out |= {
                "legal": rule.legal,
                "legal_due_at": calendar.due(at, Limit.parse(rule.legal)).at,
                "legal_article": rule.legal_article,
            }
        return out

    def stop(self, names: tuple[str, ...], at: datetime) -> list[Row]:
        """Stop the named clocks ("*": all); returns those that ran."""
        out = []
        for row in self.running():
            if names == ("*",) or row["name"] in names:
                self._change(row, done_at=at, next_at=None)
                out.append(row)
        return out

    def pause(self, names: tuple[str, ...], at: datetime) -> None:
        for row in self.running():
            if row["paused_at"] is None and row["limit"] != FIXED and (names == ("*",) or row["name"] in names):
                self._change(row, paused_at=at, next_at=None)

    def resume(self, names: tuple[str, ...], at: datetime, *, law_too: bool = False) -> None:
        """Go on; `law_too`: the law itself does not count the time in between (a hearing), so that its end moves along."""
        for row in self.running():
            if row["paused_at"] is not None and (names == ("*",) or row["name"] in names):
                calendar, limit = directory.calendar(row["hours"]), Limit.parse(row["limit"])
                if law_too and row["legal_due_at"] is not None:
                    moved = calendar.resumed(row["legal_due_at"], row["paused_at"], at, Limit.parse(row["legal"]))
                    self._change(row, legal_due_at=moved.at)
                due = by_law(row, calendar.resumed(row["due_at"], row["paused_at"], at, limit))
                warn = (
                    calendar.resumed(row["warn_at"], row["paused_at"], at, limit).at
                    if row["warn_at"] > row["paused_at"]
                    else row["warn_at"]
                )
                self._change(
                    row, paused_at=None, due_at=due.at, warn_at=min(warn, due.at), next_at=self._next(row, due.at)
                )

    def _next(self, row: Row, due: datetime) -> datetime | None:
        return due if row["told"] == 0 else row["next_at"]

    def extend(self, name: str, at: datetime) -> None:
        """Move the end by the clock's own term, once, never past the limit of the law; what is late already stays late."""
        for row in self.running(name):
            if row["extended"] or row["due_at"] < at:
                continue
            calendar, limit = directory.calendar(row["hours"]), Limit.parse(row["limit"])
            due = by_law(row, calendar.extended(row["due_at"], limit))
            warn = calendar.warn(row["started_at"], due.at, Limit(limit.amount * 2, limit.scale))
            self._change(
                row,
                extended=True,
                due_at=due.at,
                warn_at=max(warn, row["warn_at"]),
                next_at=due.at,
                told=0,
                provisional=due.provisional,
            )

    def stricter(self, case: Row, at: datetime) -> None:
        """After a change of kind, urgency or size: what runs keeps its start; a nearer end counted from now applies.

        The law counts from where it began: a change of kind restarts no term of the law, and takes none away.
        """
        for row in self.running():
            if row["limit"] == FIXED:
                continue
            new = self._counted(row["name"], case, at, row["hours"])
            law = self._counted(row["name"], case, row["started_at"], row["hours"])
            kept = {name: row[name] if _nearer(row, law) else law.get(name) for name in LAW}
            if new["due_at"] < row["due_at"]:
                self._change(row, **new | kept, next_at=new["due_at"] if row["next_at"] else None, told=0)
            elif any(row[name] != kept[name] for name in LAW):
                self._change(row, **kept)

    def told(self, name: str, spec: Declared, at: datetime) -> None:
        """The worker acted on a due clock: when it must look again."""
        for row in self.running(name):
            if row["told"] == 0 and spec.at_escalate:
                self._change(row, told=1, next_at=max(self._rises(row), at))
            else:
                self._change(row, told=row["told"] + 1, next_at=None)

    @staticmethod
    def _rises(row: Row) -> datetime:
        """When it goes up: past one and a half times its limit; of an end that was fixed, of the time there was."""
        started, due = row["started_at"], row["due_at"]
        if row["limit"] == FIXED:
            return due + (due - started) / 2  # type: ignore[no-any-return]
        return directory.calendar(row["hours"]).escalates(started, due, Limit.parse(row["limit"]))

    def first(self, without: Iterable[str] = ()) -> Row | None:
        """The running clock that ends first, but for those named; None where nothing runs.

        A pause makes no late clock green: one that had run out before it was paused still gives the light.
        """
        rows = (r for r in self.running() if (r["paused_at"] is None or ran_out(r)) and r["name"] not in without)
        return min(rows, key=lambda r: r["due_at"], default=None)

    def ends_with_late(self, names: frozenset[str], at: datetime) -> None:
        """Stop what runs only while something else of the case is late."""
        if any(r["name"] in names for r in self.running()) and not self.late(names):
            self.stop(tuple(names), at)

    def late(self, without: Iterable[str] = ()) -> list[str]:
        return [r["name"] for r in self.running() if r["told"] >= 1 and r["name"] not in without]

    def hand(self, row: Row, unit: str) -> None:
        """Another unit answers for a clock that runs; its end stays."""
        if row["unit"] != unit:
            self._change(row, unit=unit)
