"""What a case is when it begins: its row before anything happened, whose desk it comes to, by what its speaker is known."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from minan.kernel import codewords, directory, registry, routing, vault, ways
from minan.kernel.directory import PostRow
from minan.kernel.draft import Draft
from minan.kernel.facts import Facts
from minan.kernel.models import Case, Speaker
from minan.kernel.procedure import Procedure
from minan.lib import codes
from minan.lib.uuid7 import uuid7


def county_of(place: str) -> tuple[str, str]:
    """(the six digits a case carries for life, its county's tag); a place known only as the city gives the city's."""
    code = directory.within(place, "county") or directory.within(place, "city")
    spot = directory.city().places.get(code)
    if spot is None:
        raise ValueError(f"no such place: {place}")
    return code[:6], spot.tag


def home_place() -> str:
    """The city itself: where a case lies whose place nobody knows yet."""
    return next((s.code for s in directory.city().places.values() if s.level == "city"), "")


def fresh(
    procedure: Procedure, place: str, desk: str, channel: str, at: datetime, said_at: datetime | None
) -> dict[str, Any]:
    county, tag = county_of(place)
    return {
        "id": uuid7(), "county": county, "code": codes.new(tag), "procedure": procedure.name, "version": procedure.version,
        "edition": directory.city().edition, "state": procedure.first, "moves": 0, "n": 0, "head": "", "kind": "", "urgency": "ordinary",
        "size": "ordinary", "channel": channel, "title": "", "text": "", "place": place, "place_words": "", "lon": None, "lat": None,
        "desk": desk, "unit": "", "ruler": "", "marks": {}, "facts": {}, "outcome": "", "public": False, "privacy": "",
        "anonymous": False, "walls": [], "light": "", "due_at": None, "warn_at": None, "parent": None,
        "merged_into": "", "said_at": said_at or at, "opened_at": at, "changed_at": at, "closed_at": None,
    }  # fmt: skip


def placed(
    procedure: Procedure, checked: Facts, post: PostRow | None, channel: str, at: datetime, said_at: datetime | None,
    where: tuple[float, float] | None,
) -> dict[str, Any]:  # fmt: skip
    """The row of a new case, with the desk its procedure or its place names."""
    place = checked.open.get("place") or home_place()
    unit = post.unit if post else ""
    desk = routing.taker(procedure.desk, place) if procedure.desk else routing.intake_desk(unit, place)
    case = fresh(procedure, place, desk, channel, at, said_at)
    if where is not None:
        case["lon"], case["lat"] = where
    return case


def turned(procedure: Procedure, facts: Mapping[str, Any]) -> Procedure:
    """The procedure a matter of this kind belongs to: a report against an official is never a matter of the desk's."""
    kind = directory.city().kinds.get(str(facts.get("kind") or ""))
    word = kind.turn_to if kind is not None else ""
    return next((p for p in registry.procedures().values() if word and p.desk == word), procedure)


def marks_of(case: Case) -> dict[str, Any]:
    """What a case that follows from this one takes over: by what its speaker is known, and the walls."""
    names = ("secret", "capability", "issued", "owner", "lang")
    found = Speaker.objects.filter(county=case.county, case_id=case.id).values(*names).first() or {}
    return {**found, "walls": case.walls}


def marks_of_row(draft: Draft) -> dict[str, Any]:
    """The same of a case that is being written: from its own new row where it has one, else from what is stored."""
    names = ("secret", "capability", "issued", "owner", "lang")
    if draft.speaker is not None:
        return {name: draft.speaker[name] for name in names}
    return Speaker.objects.filter(county=draft.case["county"], case_id=draft.case["id"]).values(*names).first() or {}


def mark_of(case: Mapping[str, Any], secret: str) -> str:
    """What is kept of a speaker's secret: its hash; of a codeword a verifier with its salt."""
    return codewords.verifier(secret) if case["anonymous"] else vault.secret_mark(secret)


def speaker(draft: Draft, mark: str, capability: str, issued: str, *, owner: str, lang: str, account: Mapping[str, Any]) -> None:
    """Give a new case its row in the vault: who may follow it, and all that was sealed of its opening."""
    case = draft.case
    wrapped, sealed = vault.seal(case["code"], draft.sealed | dict(account))
    draft.speaker = {
        "id": draft.new_id(), "county": case["county"], "case_id": case["id"], "secret": mark, "wrapped": wrapped, "sealed": sealed,
        "capability": "" if mark.startswith(codewords.KIND) else capability, "issued": issued,
        "owner": owner, "caller": vault.LATER if draft.sealed.get("phone") and not case["privacy"] else "",
        "phone": bool(draft.sealed.get("phone")), "ways": ways.noted("", draft.sealed), "lang": lang,
    }  # fmt: skip
