"""Who reads which paper of a dispute: the one place that decides it, and the only one that takes papers out of the vault.

Joint: both sides and the mediator. Of one side: that side and the mediator. The mediator's own note: nobody else, nor an
inspection. The court: the agreement it is asked about. docs/adr/0013.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from minan.kernel import registry, speakers
from minan.kernel.labels import into, office_name
from minan.kernel.models import Case, Event, Speaker
from minan.kernel.vault import Sealed
from minan.systems.disputes.fields import FIRST

Kind = Literal["side", "mediator", "inspector", "court", "none"]
JOINT, ONE, OWN, HEAD, STAFF = "joint", "one", "own", "head", "staff"
# Step → whose paper it is; what stands nowhere here is shown to nobody.
OF_DISPUTE: Mapping[str, str] = {
    "apply": ONE,
    "accept": JOINT,
    "refuse": JOINT,
    "session": JOINT,
    "speak": JOINT,
    "record": JOINT,
    "own_note": OWN,
    "propose": JOINT,
    "end_without": JOINT,
    "draft": JOINT,
    "oral": JOINT,
    "receipt": JOINT,
    "urge_on": JOINT,
    "visit": STAFF,
    "end_elsewhere": JOINT,
    "offers_met": JOINT,
}
OF_SIDE: Mapping[str, str] = {
    "speak": JOINT,
    "whisper": ONE,
    "talk": ONE,
    "read_record": JOINT,
    "propose": JOINT,
    "paid": JOINT,
    "complain": JOINT,
    "ask_change": HEAD,
}
APPLICANT, MEDIATOR = "a", "m"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: a side by its link, or somebody of the staff with the event that lets them (`event` of the dispute)."""

    kind: Kind
    ref: str = ""
    person: str = ""
    event: str = ""
    since: datetime | None = None  # a side that came in later reads what is said from its consent on, and the summary

    @property
    def outside(self) -> bool:
        """A side that was asked and never consented: nothing of what the others agreed is theirs to read."""
        return self.since is not None and self.since.year == datetime.max.year

    def may(self, scope: str, ref: str) -> bool:
        if self.kind == "side":
            return scope == JOINT or (scope in (ONE, HEAD) and ref == self.ref)
        if self.kind == "mediator":
            return scope in (JOINT, ONE, OWN, STAFF)
        return self.kind == "inspector" and scope in (JOINT, ONE, HEAD, STAFF)


@dataclass(frozen=True, slots=True)
class Paper:
    step: str
    label: str
    scope: str
    by: str  # "a", "b", or "m" for whoever of the committee wrote it
    of: str  # whose case it lies on: "a", "b", or "" for the dispute itself
    n: int
    at: datetime
    rows: tuple[tuple[str, str], ...]  # (label, words)
    cite: Mapping[str, str] | None = None  # an article of the village's rules
    by_hand: bool = False  # entered by the mediator for a side
    names: tuple[str, ...] = ()  # of the fields, row by row


def inspecting(case: Case, person: str, now: datetime) -> bool:
    until = (case.facts.get("inspects") or {}).get(person, "")
    return bool(until) and datetime.fromisoformat(until) > now


def reader_of(case: Case, person: str, now: datetime) -> Reader:
    """What a member of staff is to the papers of this dispute: the one named and no colleague, or who inspects just now."""
    if case.facts.get("mediator") == person and case.facts.get("took_on"):
        return Reader("mediator", person=person, event=event_of(case, "take_on"))
    if inspecting(case, person, now):
        return Reader("inspector", person=person, event=event_of(case, "inspect"))
    return Reader("none", person=person)


def side_reader(case: Case, side: Case, person: str = "") -> Reader:
    """A side as a reader; `person`: somebody of its own desk, where it is an organisation."""
    ref = str(side.facts["ref"])
    event = event_of(case, "bring_in") if person else ""
    if ref in FIRST:
        return Reader("side", ref, person, event)
    at = (case.facts.get("consent") or {}).get(ref)
    return Reader("side", ref, person, event, datetime.fromisoformat(at) if at else datetime.max.replace(tzinfo=UTC))


def event_of(case: Case, step: str) -> str:
    events = Event.objects.filter(county=case.county, case_id=case.id, step=step).order_by("-n")
    return events.values_list("hash", flat=True).first() or ""


def _opened(case: Case, reader: Reader, event: str, row: Speaker | None) -> dict[str, Any]:
    if reader.kind == "side" and not reader.person:
        return speakers.known(case, who="speaker", why="own", row=row)
    return speakers.known(case, who=f"user:{reader.person}", why="paper", event=event, row=row)


def _split(name: str) -> tuple[str, int, str] | None:
    """record@7.words → ("record", 7, "words"); None for a fact that is no paper."""
    step, dot, field = name.partition(".")
    base, _, n = step.partition("@")
    return (base, int(n or 1), field) if dot and (not n or n.isdigit()) else None


def _label(case: Case, step: str, field: str) -> tuple[str, str]:
    procedure = registry.get(case.procedure)
    declared = procedure.step(step) if procedure else None
    spec = next((f for f in declared.fields if f.name == field), None) if declared else None
    return (into(declared.label), into(spec.label)) if declared and spec else ("", "")


def reader_unit(one: Case) -> str:
    """The unit of a side that is an organisation; "" of any other."""
    return one.unit if one.procedure == "side" and one.unit != one.desk else ""


@dataclass(slots=True)
class File:
    papers: list[Paper]
    names: dict[str, str]  # "a", "b" → who they are, for whoever reads at all
    shut: bool = False  # the vault's keeper is away
    phone: str = ""  # the last four digits of the side's own number
    events: list[Event] = field(default_factory=list)  # of the dispute, in order: number, moment, step, by whom, hash
    drawn: dict[str, str] = field(default_factory=dict)  # "a", "b", "m" → the signature drawn under the agreement as it stands now


def of(case: Case, sides: Iterable[Case], reader: Reader) -> File:
    """The papers this reader may read, oldest first. Three vaults, two queries."""
    if reader.kind in ("none", "court"):
        return File([], {})
    cases = [case, *sides]
    rows = Event.objects.filter(county=case.county, case_id__in=[c.id for c in cases])
    events = {(e.case_id, e.n): e for e in rows.only("case_id", "n", "at", "by", "step", "hash")}
    vaults = {row.case_id: row for row in Speaker.objects.filter(county=case.county, case_id__in=[c.id for c in cases])}
    file = File([], {}, events=sorted((e for (of_, _n), e in events.items() if of_ == case.id), key=lambda e: e.n))
    for one in cases:
        ref = str(one.facts.get("ref", "")) if one.procedure == "side" else ""
        # the event that lets them read a side is that side's own beginning: one event of the log justifies one vault
        first = events.get((one.id, 1))
        try:
            known = _opened(one, reader, reader.event if not ref else first.hash if first else "", vaults.get(one.id))
        except Sealed:
            file.shut = True
            continue
        if ref and (known.get("name") or reader_unit(one)):
            file.names[ref] = str(known.get("name") or office_name(one.unit))
        if ref and ref == reader.ref:
            file.phone = str(known.get("phone", ""))[-4:]
        file.drawn |= drawn(case, ref or MEDIATOR, known)
        file.papers += _papers(one, ref, known, events, reader)
    file.papers.sort(key=lambda paper: (paper.at, paper.n))
    return file


def drawn(case: Case, who: str, known: Mapping[str, Any]) -> dict[str, str]:
    """{who: what they drew when they signed the agreement that stands now}; {} where the code or the paper alone was signed."""
    mark = ((case.facts.get("draft") or {}).get("signed") or {}).get(who) or {}
    found = known.get(f"{'countersign' if who == MEDIATOR else 'sign'}@{mark.get('n')}.drawn")
    return {who: str(found)} if found and mark["how"] != "paper" else {}


def _papers(one: Case, ref: str, known: Mapping[str, Any], events: Mapping[Any, Event], reader: Reader) -> list[Paper]:
    found: dict[tuple[str, int], list[tuple[str, str, str]]] = {}
    for name, value in known.items():
        said = _split(name)
        if said is not None and value:
            found.setdefault(said[:2], []).append((said[2], *_label(one, said[0], said[2])[1:], str(value)))
    out = []
    for (step, n), rows in found.items():
        scope, event = (OF_SIDE if ref else OF_DISPUTE).get(step, ""), events.get((one.id, n))
        of_whom = ref or (APPLICANT if step == "apply" else "")
        if event is None or event.step != step or not reader.may(scope, of_whom):
            continue
        if reader.since and event.at < reader.since and step != "accept" and ref != reader.ref:
            continue
        staff = ":" in event.by
        read = [row for row in rows if row[0] != "history" or reader.kind != "side"]
        kept, names = tuple(row[1:] for row in read), tuple(row[0] for row in read)
        by = ref if ref and step != "talk" else APPLICANT if step == "apply" and not staff else "m"
        label = _label(one, step, rows[0][0])[0]
        cite = None if ref else (one.facts.get("cites") or {}).get(str(n))
        hand = staff and by != "m" and not (reader_unit(one) and event.by.startswith(f"{one.unit}:"))
        out.append(Paper(step, label, scope, by, of_whom, n, event.at, kept, cite, by_hand=hand, names=names))
    return out


def agreement_for_court(case: Case, child: Case, person: str) -> list[tuple[str, str]]:
    """The agreement of the dispute for the court's clerk, by the application's own event; nothing else of it. Raises Sealed."""
    n = (case.facts.get("draft") or {}).get("n", 0)
    known = speakers.known(case, who=f"user:{person}", why="paper", event=event_of(case, "file_court"))
    rows = [(_split(name), value) for name, value in known.items()]
    return [(_label(case, "draft", s[2])[1], str(value)) for s, value in rows if s and s[:2] == ("draft", n) and value]
