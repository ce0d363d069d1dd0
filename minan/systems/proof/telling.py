"""One matter as lines of the public extract: what happened, when, by whose office; never a name, a code, a word or a person.

docs/extract.md says what every field means. Pure but for the names of places, units, limits and calendars.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from minan.kernel import directory, registry
from minan.kernel.calendar import BEIJING, Limit
from minan.kernel.clocks import FIXED
from minan.kernel.models import Case, Clock, Event
from minan.kernel.procedure import Procedure, Step
from minan.systems.proof.classes import Told
from minan.systems.proof.counts import WATCHED

__all__ = ["WATCHED", "Matter", "area_of", "known", "lines", "read"]
INTERNAL = "internal"  # a step that is the staff's own: that it was taken is told, not which
ANSWER = "answer"  # the clock whose end a unit is judged by
LENGTHS = (320, 160, 80, 40, 20, 10, 5, 0)
NEAR = timedelta(minutes=1)
FORMATS = {
    "minute": "%Y-%m-%dT%H:%M+08:00",
    "hour": "%Y-%m-%dT%H",
    "day": "%Y-%m-%d",
    "month": "%Y-%m",
    "year": "%Y",
    "none": "",
}
Line = dict[str, Any]
Said = Mapping[int, Mapping[str, Any]]


@dataclass(slots=True)
class Matter:
    """A case with all that is told of it. `name` is its pseudonym, `said` the bodies that are still there."""

    name: str
    told: Told
    case: Case
    procedure: Procedure
    events: list[Event]
    said: Said
    clocks: list[Clock]
    hidden: set[str] = field(default_factory=set)  # lead units that count here and are not told

    @property
    def exactly(self) -> str:
        """How exact its times are; of an anonymous matter no minute is known to anyone."""
        return "hour" if self.told.at == "minute" and self.case.anonymous else self.told.at

    def when(self, moment: datetime | None) -> str | None:
        return moment.astimezone(BEIJING).strftime(FORMATS[self.exactly]) if moment else None

    def after(self, n: int) -> Mapping[str, Any]:
        """What the counts take from an event (kernel.draft); {} where its words were erased."""
        found: Mapping[str, Any] = self.said.get(n, {}).get("after", {})
        return found

    def unit(self, unit: str) -> str:
        """A unit as it is told: itself where the whole matter is told with it, else the six digits of its county or city."""
        if not unit or unit in (self.told.desk, self.told.lead):
            return unit
        office = directory.office(unit)
        return area_of(office.place) if office else ""


def area_of(place: str) -> str:
    """The six digits of the county a place lies in, or of the city."""
    return (directory.within(place, "county") or directory.within(place, "city") or place)[:6]


def length(words: str) -> int:
    """The lower end of the class a text's length falls in."""
    return next(n for n in LENGTHS if len(words) >= n)


def lines(matter: Matter) -> Iterator[Line]:
    """Every event as one line, the first with what is known of the whole."""
    dues, classed = _dues(matter), _classes(matter)
    lead = ""
    for event in matter.events:
        step = matter.procedure.step(event.step)
        after = matter.after(event.n)
        lead = after.get("unit", lead if not after else "")
        line: Line = {
            "m": matter.name,
            "n": event.n,
            "step": _name(event, step),
            "state": event.state,
            "at": matter.when(event.at),
        }
        line |= _who(matter, event, lead)
        line |= _judged(event, after.get("c", {}), matter.said.get(event.n, {}))
        if step and any(f.name == "outcome" for f in step.fields) and "facts" in (body := matter.said.get(event.n, {})):
            line |= {"outcome": body["facts"].get("outcome", ""), "length": length(str(body["facts"].get("words", "")))}
        if event.n in dues:
            line |= (
                dues[event.n]
                if matter.exactly == "minute"
                else {k: v for k, v in dues[event.n].items() if k == "limit"}
            )
        line |= classed.get(event.n, {})
        if event.n == 1:
            line |= _whole(matter)
        yield line


def _name(event: Event, step: Step | None) -> str:
    public = step is not None and step.public
    return event.step if public or event.step in WATCHED else INTERNAL


def _who(matter: Matter, event: Event, lead: str) -> Line:
    """Speaker, clock or staff; whose act it is, or who holds the matter; the lead unit where that is another."""
    if ":" in event.by:
        by, unit = "staff", event.by.split(":", 1)[0]
    else:
        by, unit = ("clock" if event.by == "clock" else "speaker"), lead or matter.case.desk
    out: Line = {"by": by, "unit": matter.unit(unit)}
    if lead and lead != unit:
        out["lead"] = matter.unit(lead)
    return out


def _judged(event: Event, c: Mapping[str, int], body: Mapping[str, Any]) -> Line:
    """What the counts took from this event, in words of its own."""
    out: Line = {}
    if c.get("answered"):
        out["on_time"] = bool(c.get("on_time"))
    if c.get("contact_due"):
        out["contact"] = bool(c.get("contacted"))
    cast = str(body.get("note", {}).get("cast", ""))
    for how, judged in (("rated", cast or "own"), ("visited", cast or "staff")):
        if c.get(how):
            out |= {
                "judged": judged,
                "solved": bool(c.get(f"{how}_solved")),
                "satisfied": bool(c.get(f"{how}_satisfied")),
            }
    return out | {name: True for name in ("unheard", "sent_back", "reopened") if c.get(name)}


def _whole(matter: Matter) -> Line:
    """What stands on the first line only."""
    case, told = matter.case, matter.told
    out: Line = {
        "place": told.place, "kind": told.kind, "channel": told.channel, "week": told.period, "exact": matter.exactly,
        "urgency": case.urgency, "size": case.size, "procedure": case.procedure, "now": case.state, "open": case.open,
    }  # fmt: skip
    if case.open and case.marks.get("late"):
        out["late"] = True
    quiet = {c.name for c in matter.procedure.clocks if c.quiet}
    out["clocks"] = [_clock(matter, row) for row in matter.clocks if row.name not in quiet]
    return out


def _clock(matter: Matter, row: Clock) -> Line:
    out: Line = {
        "clock": row.name, "round": row.round, "unit": matter.unit(row.unit), "limit": "" if row.limit == FIXED else row.limit,
        "start": matter.when(row.started_at), "due": matter.when(row.due_at), "end": matter.when(row.done_at),
    }  # fmt: skip
    out["met"] = row.done_at <= row.due_at if row.done_at else None
    out |= {
        name: True for name, yes in (("extended", row.extended), ("paused", row.paused_at and not row.done_at)) if yes
    }
    if row.told and not row.done_at:
        out["late"] = True
    return out


# ---- the end of the answer's clock as it stood at each event


def _dues(matter: Matter) -> dict[int, Line]:
    """n → {"due", "limit"} while the answer's clock ran: counted forward through pauses and the extension; its last end where
    that does not lead to it (a stricter date, a recount)."""
    out: dict[int, Line] = {}
    for row in matter.clocks:
        if row.name != ANSWER or row.limit == FIXED:
            continue
        ran = [e for e in matter.events if row.started_at <= e.at and (row.done_at is None or e.at <= row.done_at)]
        ends = _ends(matter, row, ran)
        if ends and abs(ends[-1] - row.due_at) > NEAR:
            ends = [row.due_at] * len(ran)
        for event, due in zip(ran, ends, strict=True):
            out[event.n] = {"due": matter.when(due), "limit": row.limit}
    return out


def _ends(matter: Matter, row: Clock, ran: Iterable[Event]) -> list[datetime]:
    calendar, limit = directory.calendar(row.hours), Limit.parse(row.limit)
    due, paused, out = calendar.due(row.started_at, limit).at, None, []
    for event in ran:
        step = matter.procedure.step(event.step)
        if step is not None and step.resumes and paused is not None and _means(step.resumes):
            due, paused = calendar.resumed(due, paused, event.at, limit).at, None
        if step is not None and step.extends == ANSWER:
            due = calendar.extended(due, limit).at
        if step is not None and step.pauses and paused is None and _means(step.pauses):
            paused = event.at
        out.append(due)
    return out


def _means(names: tuple[str, ...]) -> bool:
    return "*" in names or ANSWER in names


# ---- changes of kind, urgency and size


def _classes(matter: Matter) -> dict[int, Line]:
    """n → what a change of kind, urgency or size did to the answer's limit; nothing where it did nothing."""
    out: dict[int, Line] = {}
    now: dict[str, str] = {"kind": "", "urgency": "ordinary", "size": "ordinary"}
    for event in matter.events:
        facts = matter.said.get(event.n, {}).get("facts", {})
        was = dict(now)
        kind = directory.city().kinds.get(facts.get("kind") or "")
        if kind is not None and kind.code != now["kind"]:
            now["kind"] = kind.code
            if event.step != "reclassify":
                now |= {"urgency": kind.urgency, "size": kind.size}
        now |= {name: facts[name] for name in ("urgency", "size") if facts.get(name)}
        if event.n > 1 and now != was and was["kind"]:
            out[event.n] = {"changed": sorted(name for name in now if now[name] != was[name])} | _limits(
                matter, was, now
            )
    return out


def _limits(matter: Matter, was: Mapping[str, str], now: Mapping[str, str]) -> Line:
    old, new = (directory.limit(ANSWER, c["urgency"], c["size"], c["kind"], matter.case.edition) for c in (was, now))
    out: Line = {"limit_was": old.limit, "limit": new.limit} if old and new and old.limit != new.limit else {}
    return out | (
        {"urgency_was": was["urgency"], "urgency": now["urgency"]} if was["urgency"] != now["urgency"] else {}
    )


def read(text: str | None) -> Mapping[str, Any]:
    """A body; {} where it was erased."""
    found: Mapping[str, Any] = json.loads(text or "{}")
    return found


def known(name: str) -> Procedure | None:
    return registry.get(name)
