"""One case as a page or program shows it: clocks with their reasons, what happened, and the steps this reader may take now."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from minan.kernel import access, attachments, common, directory, instead, judged, reads, registry, sounds
from minan.kernel.access import Actor
from minan.kernel.calendar import Day, Limit, light
from minan.kernel.clocks import FIXED, OF_CASE, ran_out
from minan.kernel.models import Attachment, Case, Clock, Event
from minan.kernel.procedure import ANY, Step

SEEN_BY_SPEAKER = ("speaker",)
PASSED = "passed"  # of what a desk passed on it sees only that it did, and when


@dataclass(slots=True)
class ClockLine:
    name: str
    label: dict[str, str]
    row: Clock
    light: str

    def days(self) -> list[Day]:
        """Day by day why it ends when it ends."""
        if self.row.limit == FIXED:
            return []
        limit = Limit.parse(self.row.limit)
        return directory.calendar(self.row.hours).explain(self.row.started_at, limit, self.row.due_at)


class Voice(NamedTuple):
    """A recording that came with an event."""

    id: UUID
    seconds: int  # 0 where nobody knows


@dataclass(slots=True)
class Line:
    """One event as its reader may see it."""

    event: Event
    label: dict[str, str]
    by: str  # the unit's name, "" for the speaker and the clock
    by_en: str
    facts: list[tuple[dict[str, str], str, Any]] = field(default_factory=list)  # label, type, value
    note: Mapping[str, Any] = field(default_factory=dict)
    pictures: list[Attachment] = field(default_factory=list)
    voices: list[Voice] = field(default_factory=list)
    public: bool = True
    heard: bool = False  # its words are for whoever acts next


@dataclass(slots=True)
class Sheet:
    case: Case
    clocks: list[ClockLine]
    lines: list[Line]
    steps: list[Step]
    roles: frozenset[str]

    @property
    def first(self) -> ClockLine | None:
        return next((c for c in self.clocks if c.name == self.case.light and c.row.done_at is None), None)


def clock_lines(case: Case, now: datetime) -> list[ClockLine]:
    rows = reads.objects(Clock, OF_CASE, [case.county, reads.row_id(case.id)])
    return [
        ClockLine(
            r.name, registry.label(case.procedure, case.version, "clocks", r.name), r,
            light(now, r.warn_at, r.due_at, paused=r.paused_at is not None and not ran_out(vars(r)), done_at=r.done_at),
        )
        for r in rows
    ]  # fmt: skip


def staff_clocks(case: Case) -> set[str]:
    """Clocks the speaker is not told of: naming one would tell that a step hidden from them was taken."""
    procedure = registry.get(case.procedure)
    steps = (procedure.opening, *procedure.steps) if procedure else ()
    shown = {name for step in steps if step.public for name in step.starts}
    quiet = {clock.name for clock in procedure.clocks if clock.quiet} if procedure else set()
    return quiet | {name for step in steps if not step.public for name in step.starts} - shown


def _shown(step: Step | None, body: Mapping[str, Any], staff: bool) -> list[tuple[dict[str, str], str, Any]]:
    out = []
    known = {f.name: f for f in step.fields} if step else {}
    for name, value in body.get("facts", {}).items():
        spec = known.get(name)
        if spec is None:  # the folder is gone, and with it the word on who may read this
            if staff:
                out.append(({"zh": name, "en": name}, "text", value))
        elif (staff or spec.shown) and spec.type not in ("photos", "voice"):
            out.append(({"zh": spec.label.zh, "en": spec.label.en}, spec.type, value))
    return out


def _told(case: Case) -> list[tuple[Event, str | None]]:
    """The events of a case with their bodies, oldest first; None where a body was erased."""
    tail = (
        'LEFT JOIN "kernel_body" b ON b."county" = t."county" AND b."case_id" = t."case_id" AND b."n" = t."n" '
        'WHERE t."county" = %s AND t."case_id" = %s ORDER BY t."n"'
    )
    return reads.paired(Event, 'b."text"', tail, [case.county, reads.row_id(case.id)])


def _withheld(case: Case, told: list[tuple[Event, str | None]], units: Iterable[str] | None) -> set[int]:
    """The events whose judgement people of `units` do not read yet: of their own work, and nine others are still missing."""
    procedure = registry.get(case.procedure)
    steps = {s.name for s in procedure.steps if s.batched} if procedure and units is not None else set()
    numbers = {event.n for event, _ in told if event.step in steps}
    return numbers - judged.released(case, units or (), numbers) if numbers else set()


def _said(told: list[tuple[Event, str | None]], whole: Mapping[str, Any]) -> dict[int, dict[str, Any]]:
    """The bodies by number, with what stands for those that went into the vault; `whole`: what the vault gave the speaker of them."""
    said = {event.n: json.loads(text) for event, text in told if text}
    opened = {n: json.loads(one["text"]) for n, _ in enumerate(told, 1) if isinstance(one := whole.get(f"body.{n}"), dict)}
    return instead.laid(said) | {n: body for n, body in opened.items() if n not in said}


def _voices(files: list[Attachment], body: Mapping[str, Any]) -> list[Voice]:
    """The recordings among the files of an event, each as long as the event says."""
    listed = [one for value in body.get("facts", {}).values() if isinstance(value, list) for one in value if isinstance(one, dict)]
    seconds = {one.get("sha256"): one.get("seconds", 0) for one in listed}
    return [Voice(row.id, seconds.get(row.sha256, 0)) for row in files if sounds.is_sound(row.mime)]


def _heard(step: Step | None, body: Mapping[str, Any]) -> bool:
    facts = body.get("facts", {})
    return bool(step and step.heard and (facts.get("words") or facts.get("voice")))


def lines(
    case: Case, *, staff: bool, units: Iterable[str] | None = None, now: datetime | None = None, whole: Mapping[str, Any] | None = None,
    person: str = "", roles: Collection[str] = (),
) -> list[Line]:  # fmt: skip
    """What happened, oldest first; the speaker does not get steps and fields that are the staff's own, nor, while telling is
    deferred, a look. Of what was passed on, sealed, staff get no word.

    `whole`: the vault's facts for the speaker, who reads what was hidden from everybody else.
    With `units`, the reader's, a judgement of their own work is told as such only, until nine others are there (judged.py).
    """
    procedure, bare, now = registry.get(case.procedure), staff and case.privacy == PASSED, now or datetime.now(UTC)
    files: dict[int, list[Attachment]] = {}
    for row in attachments.of(case, staff=staff, person=person, roles=roles):
        files.setdefault(row.n, []).append(row)
    out, told = [], _told(case)
    withheld, said = _withheld(case, told, units), _said(told, whole or {})
    for event, _text in told:
        step = procedure.step(event.step) if procedure else None
        public = step.public if step else registry.was_public(case.procedure, event.step)
        public = public and not common.hushed(case.facts, event.step, event.at, now)
        if not (staff or public) or (staff and step and step.readers and not set(step.readers) & set(roles)):
            continue
        body = said.get(event.n, {}) if event.n not in withheld and not bare else {}
        office = directory.office(event.by.split(":", 1)[0]) if ":" in event.by else None
        done = (step.done or step.label) if step else None
        label = (
            {"zh": done.zh, "en": done.en}
            if done
            else registry.label(case.procedure, case.version, "steps", event.step)
        )
        mine = files.get(event.n, [])
        out.append(
            Line(
                event, label, office.name if office else "", (office.name_en or office.name) if office else "", _shown(step, body, staff),
                body.get("note", {}), [row for row in mine if not sounds.is_sound(row.mime)], _voices(mine, body), public,
                _heard(step, body),
            )
        )  # fmt: skip
    return out


def _lines(case: Case, who: Actor, roles: Mapping[str, Any], now: datetime, whole: Mapping[str, Any] | None) -> list[Line]:
    """The lines this reader gets: who rules reads every judgement, for that is what they rule on."""
    staff = who.kind == "staff"
    units = who.units if staff and not roles.keys() & {"ruler", "above"} else None
    return lines(case, staff=staff, units=units, now=now, whole=None if staff else whole, person=who.person, roles=roles)


def steps_for(case: Case, who: Actor, roles: Mapping[str, Any]) -> list[Step]:
    """The steps this reader may take from here, as declared; rules may still refuse with a reason."""
    procedure = registry.get(case.procedure)
    if procedure is None:
        return []
    return [s for s in procedure.steps_from(case.state) if any(r in roles and r != "clock" for r in s.who)]


def of(case: Case, who: Actor, now: datetime | None = None, whole: Mapping[str, Any] | None = None) -> Sheet:
    """The sheet for a reader who may see the case; raises Case.DoesNotExist for a stranger. Three queries.

    `whole`: what the vault gave the speaker, so that they read their own words where these were hidden from others.
    """
    roles = access.roles_of(who, case.as_view())
    if not roles:
        raise Case.DoesNotExist("Case matching query does not exist.")
    now, hidden = now or datetime.now(UTC), set() if who.kind == "staff" else staff_clocks(case)
    clocks = [line for line in clock_lines(case, now) if line.name not in hidden]
    return Sheet(case, clocks, _lines(case, who, roles, now, whole), steps_for(case, who, roles), frozenset(roles))


__all__ = ["ANY", "ClockLine", "Line", "Sheet", "clock_lines", "lines", "of", "steps_for"]
