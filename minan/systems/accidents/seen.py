"""Who is what to an accident, and which words each may read: the only file that takes papers of an accident out of the vault.

A party: the finding, the figures, their own words. The mediator named, and before one is whoever of the committee keeps the file: all.
Police, insurer, relief fund: their own case, and of the accident what STANDS says. Everybody else of the committee: how it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from minan.kernel import access, registry, speakers
from minan.kernel.access import Actor
from minan.kernel.labels import into
from minan.kernel.models import Case, Event, Speaker
from minan.kernel.vault import Sealed
from minan.systems.accidents.fields import is_its_mediator

Kind = Literal["party", "keeper", "police", "insurer", "rescue", "left", "none"]
OWN = ("accident", "finding", "cover", "rescue", "road_party")
# What of the file each reads: the open figures.
STANDS: Mapping[str, frozenset[str]] = {
    "party": frozenset({"finding", "vehicles", "covers", "losses", "advances", "reckoning"}),
    "keeper": frozenset({"finding", "vehicles", "covers", "losses", "advances", "reckoning", "children"}),
    "police": frozenset({"finding"}),
    "insurer": frozenset({"finding", "covers", "losses", "advances", "reckoning"}),
    "rescue": frozenset({"finding", "covers"}),
    "left": frozenset(),
    "none": frozenset(),
}
# Whose written words each reads, by the procedure they lie on: "own" is the reader's own case only.
WORDS: Mapping[str, Mapping[str, str]] = {
    "party": {"finding": "all", "accident": "own", "road_party": "own"},
    "keeper": dict.fromkeys(OWN, "all"),
    "police": {"finding": "own"},
    "insurer": {"finding": "all", "cover": "own"},
    "rescue": {"rescue": "own"},
    "left": {"cover": "own", "rescue": "own", "finding": "own"},
    "none": {},
}
LEFT = frozenset({"not_ours", "refused", "called_off"})  # who said that it is none of theirs, or is no longer asked, keeps their own words


NAMED = ("keeper", "party", "insurer", "rescue")  # who reads the names: who pays must know whom


NARROW: Mapping[str, Kind] = {"finding": "police", "cover": "insurer", "rescue": "rescue"}


@dataclass(frozen=True, slots=True)
class Reader:
    kind: Kind
    ref: str = ""  # of a party
    person: str = ""

    def sees(self, part: str) -> bool:
        return part in STANDS[self.kind]


@dataclass(frozen=True, slots=True)
class Said:
    label: str
    words: str
    of: str  # procedure it lies on
    ref: str
    n: int


@dataclass(slots=True)
class Told:
    said: list[Said] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    shut: bool = False


def reader_of(own: Case, top: Case, actor: Actor) -> Reader:
    """What a member of staff is to the case they opened."""
    if own.procedure in ("finding", "cover", "rescue") and own.unit in actor.units:
        kind: Kind = "left" if own.state in LEFT else NARROW[own.procedure]
        return Reader(kind, person=actor.person)
    if "lead" in access.roles_of(actor, top.as_view()) and is_its_mediator(top.facts, actor.person):
        return Reader("keeper", person=actor.person)
    return Reader("none", person=actor.person)


def told(own: Case, top: Case, children: Iterable[Case], reader: Reader) -> Told:
    """The words and names this reader reads. Two queries, and one opening a vault."""
    wanted, out = WORDS[reader.kind], Told()
    cases = [one for one in (top, *children) if _read(one, own, wanted)]
    named = [one for one in (top, *children) if reader.kind in NAMED and one.procedure in ("accident", "road_party")]
    cases += [one for one in named if one not in cases]
    if not cases:
        return out
    ids = [one.id for one in cases]
    vaults = {row.case_id: row for row in Speaker.objects.filter(county=top.county, case_id__in=ids)}
    first = dict(Event.objects.filter(county=top.county, case_id__in=ids, n=1).values_list("case_id", "hash"))
    for one in cases:
        try:
            known = _opened(one, reader, first.get(one.id, ""), vaults.get(one.id))
        except Sealed:
            out.shut = True
            continue
        ref = "a" if one.procedure == "accident" else str(one.facts.get("ref", ""))
        if one in named and known.get("name"):
            out.names[ref] = str(known["name"])
        if _read(one, own, wanted):
            out.said += _words(one, ref, known, party=reader.kind == "party")
    return out


def _read(one: Case, own: Case, wanted: Mapping[str, str]) -> bool:
    return wanted.get(one.procedure) == "all" or (one.id == own.id and one.procedure in wanted)


def _opened(one: Case, reader: Reader, event: str, row: Speaker | None) -> dict[str, Any]:
    if reader.kind == "party":
        return speakers.known(one, who="speaker", why="own", row=row)
    return speakers.known(one, who=f"user:{reader.person}", why="paper", event=event, row=row)


def _words(one: Case, ref: str, known: Mapping[str, Any], *, party: bool) -> list[Said]:
    """`party`: without what is written for who handles it alone."""
    procedure, out = registry.get(one.procedure), []
    for name, value in known.items():
        step, dot, part = name.partition(".")
        base, _, n = step.partition("@")
        declared = procedure.step(base) if procedure and dot else None
        spec = next((spec for spec in declared.fields if spec.name == part), None) if declared else None
        hidden = party and spec is not None and not spec.shown
        if declared is not None and spec is not None and spec.paper and value and not hidden:
            out.append(Said(f"{into(declared.label)}·{into(spec.label)}", str(value), one.procedure, ref, int(n or 1)))
    return sorted(out, key=lambda said: said.n)
