"""What every form on the phone needs, the same for all matters: steps with their questions, kinds, places of the worker's town."""

from __future__ import annotations

import hashlib
from typing import Any

from minan.kernel import access, choices, directory, places, registry, standard
from minan.kernel.labels import into, place_short
from minan.kernel.models import User
from minan.kernel.pages import intake
from minan.kernel.procedure import Field, Procedure, Step

JSON = dict[str, Any]
# What a phone can ask without network. An office, a colleague, another matter and what identifies are chosen online.
ASKED = frozenset({"text", "long", "choice", "yesno", "kind", "place", "date", "photos", "ground", "number"})
FORM = 1  # counted up when the phone must read the lists anew


def asks(spec: Field) -> bool:
    return spec.type in ASKED and not spec.sealed


def offline(step: Step) -> bool:
    """Whether a step may wait in a phone: not where a minute counts, nor where it opens the vault or needs what is not at hand."""
    return not step.near and not step.hides and all(asks(f) for f in step.fields if f.required)


def _options(spec: Field) -> list[list[str]]:
    if spec.type == "ground":
        return [list(row) for row in choices.grounds(spec.source)[1:]]
    return [[value, into(words)] for value, words in spec.options]


def _field(spec: Field) -> JSON:
    return {
        "name": spec.name, "label": into(spec.label), "type": spec.type, "required": spec.required, "max": spec.max_length,
        "hint": into(spec.hint) if spec.hint else "", "options": _options(spec),
    }  # fmt: skip


def _step(step: Step) -> JSON:
    return {
        "label": into(step.label), "form": [_field(f) for f in step.fields if asks(f)], "moves": step.moves, "to": step.to,
        "answers": [[a.title, a.text] for a in standard.for_step(step, None)] if any(f.type == "long" for f in step.fields) else [],
    }  # fmt: skip


def _procedure(found: Procedure) -> JSON:
    steps = {s.name: _step(s) for s in found.steps if offline(s) and set(s.who) - {"clock", "speaker", "house"}}
    return {
        "label": into(found.label), "steps": steps, "opening": _step(found.opening),
        "states": {s.name: {"label": into(s.label), "final": s.final} for s in found.states},
    }  # fmt: skip


def _places(unit: str) -> list[JSON]:
    """The worker's own town and its villages, each with its centre where one is known."""
    group, tree = choices.own(unit), places.tree()
    out = []
    for code, label in group[1] if group else []:
        node = tree.nodes.get(code)
        point = (node.centre or node.sketch) if node else None
        out.append({"code": code, "label": label, "short": place_short(code), "at": list(point) if point else None})
    return out


def opened_by(user: User) -> Procedure | None:
    """The procedure by which this person takes in what is said or found, as the page of intake does; None: they take in nothing."""
    said = (
        p for p in registry.procedures().values() if p.taken_down and not p.privacy
    )
    return next(said, None) if access.intake_post(access.actor(user)) is not None else None


def _taking(user: User) -> JSON | None:
    """What a finding on patrol asks; None for who may take nothing in. `settle`: the step by which it is settled on the spot."""
    procedure, unit = opened_by(user), next(iter(access.units_of(user)), "")
    if procedure is None:
        return None
    office = directory.office(unit)
    settle = intake.settling(procedure, unit)
    return {
        "procedure": procedure.name, "place": office.place if office else "", "settle": _step(settle) if settle else None,
    }  # fmt: skip


def stamp(lang: str) -> str:
    """Changes when the lists do: with the city's own tables, the program's procedures and the language."""
    versions = [f"{p.name}{p.version}" for p in registry.procedures().values()]
    text = f"{FORM}|{lang}|{directory.city().stamp}|{sorted(versions)}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def of(user: User, lang: str) -> JSON:
    """All lists for one person. One query at most (standard answers, once per change of the city)."""
    unit = next(iter(access.units_of(user)), "")
    kinds = [[title, [list(row) for row in rows]] for title, rows in choices.kinds()[1:] if isinstance(rows, list)]
    proof = [kind.code for kind in directory.city().kinds.values() if kind.proof == "photo"]
    return {
        "stamp": stamp(lang), "kinds": kinds, "proof": proof, "places": _places(unit), "taking": _taking(user),
        "procedures": {name: _procedure(p) for name, p in registry.procedures().items() if not p.privacy},
    }  # fmt: skip
