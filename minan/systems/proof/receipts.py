"""A speaker's whole receipt: every event of their case, its words where they are theirs to know, and the proof that it stands.

What comes out is CONTRACTS.md "Receipts and checkpoints" to the letter; three queries for the case, one for the tiles.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any

from minan.kernel import common, ledger, merkle, promises, registry, speakers, vault
from minan.kernel.models import Body, Case, Event
from minan.kernel.procedure import Step
from minan.systems.proof import store
from minan.systems.proof.models import CITY, Checkpoint, Leaf

JSON = dict[str, Any]
# What stands in an event's note besides the step's own facts, and may be known to the speaker: the rest is the house's.
NOTED = frozenset(
    {"number", "rule", "article", "clock", "with", "secret", "cap", "cap_by", "channel", "cast", "review_on", "moved"}
)
NO_PROMISE = frozenset({"import"})  # brought in from elsewhere: there is no answer in which a promise could be given


@dataclass(frozen=True, slots=True)
class Standing:
    """A published checkpoint with the witnesses' lines under it."""

    size: int
    text: str


def last() -> Standing | None:
    """The newest checkpoint of the city; None before the first. Two queries."""
    row = Checkpoint.objects.filter(log=CITY).order_by("-size").first()
    return Standing(row.size, noted(row)) if row is not None else None


def noted(row: Checkpoint) -> str:
    """Its note with every cosignature that came in."""
    return row.note + "".join(f"{one.line}\n" for one in row.cosignatures.order_by("id"))


def history(row: Checkpoint) -> JSON:
    """A checkpoint in the list of all, with who cosigned it."""
    named = sorted(one.witness.split("+", 1)[0] for one in row.cosignatures.all())
    return {"size": row.size, "root": row.root, "at": ledger.stamp(row.at), "witnesses": named, "note": row.note}


def canonical(event: Event, code: str) -> JSON:
    """The event as it was hashed, all keys present."""
    link = ledger.Link(event.county, code, event.n, event.prev, event.step, event.at, event.by, event.body)
    found: JSON = json.loads(link.canonical())
    return found


def _theirs(step: Step | None, event: Event, body: Mapping[str, Any]) -> bool:
    """Whether the speaker may open these words: what they said themselves, and what they were told, every fact of it."""
    if event.by == "resident":
        return True
    if step is None or not step.public:
        return False
    shown = {field.name for field in step.fields if field.shown}
    return body.get("facts", {}).keys() <= shown and body.get("note", {}).keys() <= NOTED


def _kept(case: Case, events: list[Event]) -> dict[int, tuple[str, str]]:
    """n → (salt in hex, canonical body): from the events' own table, and what was moved into the vault from there."""
    rows = Body.objects.filter(county=case.county, case_id=case.id).values_list("n", "salt", "text")
    found = {n: (bytes(salt).hex(), text) for n, salt, text in rows}
    moved = [event.n for event in events if event.n not in found]
    return found | (_from_vault(case, moved, events[-1].hash) if moved else {})


def _of_speaker(event: Event) -> bool:
    """Whether the event was made for the speaker: what they did, and the opening whoever wrote it down."""
    return event.n == 1 or event.by == "resident"


def _from_vault(case: Case, numbers: list[int], leaf: str) -> dict[int, tuple[str, str]]:
    """Bodies the scrub moved there, as "body.N" with salt and text; {} where the vault is shut or they were erased."""
    names = [f"body.{n}" for n in numbers]
    try:
        known = speakers.known(case, who="speaker", why="own", event=leaf, fields=names)
    except vault.Sealed:
        return {}
    held = {n: known.get(name) for n, name in zip(numbers, names, strict=True)}
    return {n: (str(one["salt"]), str(one["text"])) for n, one in held.items() if isinstance(one, dict)}


def _opening(case: Case, event: Event, kept: Mapping[int, tuple[str, str]]) -> JSON | None:
    if event.n not in kept:
        return None
    salt, text = kept[event.n]
    body = json.loads(text)
    procedure = registry.get(case.procedure)
    step = procedure.step(event.step) if procedure else None
    return {"salt": salt, "body": body} if _theirs(step, event, body) else None


def promise(case: Case, event: Event) -> str | None:
    """The promise given for an event that was made for the speaker; None for what others did and what was imported."""
    theirs = _of_speaker(event) and case.channel not in NO_PROMISE
    return (promises.of(event, case.code) or None) if theirs else None


def _places(case: Case, size: int) -> dict[int, int]:
    """n → place in the city's log, of what this checkpoint holds."""
    rows = Leaf.objects.filter(log=case.county, case_id=case.id, city_index__lt=size)
    return {n: index for n, index in rows.values_list("n", "city_index") if index is not None}


def proofs(indexes: list[int], size: int) -> dict[int, list[str]]:
    """Leaf number → hex path from leaf to root in the city's log of this size."""

    def all_of(node: merkle.Node) -> dict[int, list[str]]:
        return {index: [h.hex() for h in merkle.inclusion(index, size, node)] for index in indexes}

    return store.proved(CITY, all_of) if indexes else {}


def _events(case: Case, events: list[Event], size: int) -> Iterator[JSON]:
    places = _places(case, size) if size else {}
    paths, kept = proofs(list(places.values()), size), _kept(case, events)
    for event in events:
        index = places.get(event.n)
        yield {
            "event": canonical(event, case.code), "opening": _opening(case, event, kept), "index": index,
            "proof": paths[index] if index is not None else None, "promise": promise(case, event),
        }  # fmt: skip


def of(case: Case) -> JSON:
    """All of POST /proof/receipt/{code}; `checkpoint` is null before the very first one."""
    standing = last()
    found, now = Event.objects.filter(county=case.county, case_id=case.id).order_by("n"), datetime.now(UTC)
    # while telling is deferred in writing the receipt ends before what is kept back, so that its chain is whole
    events = list(takewhile(lambda e: not common.hushed(case.facts, e.step, e.at, now), found))
    size = standing.size if standing else 0
    return {
        "code": case.code,
        "events": list(_events(case, events, size)),
        "checkpoint": standing.text if standing else None,
    }
