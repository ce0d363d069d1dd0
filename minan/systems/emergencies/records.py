"""What everybody may read of a mode, what is offered while it is on, who may put one forward."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from minan.kernel import directory, labels, registry
from minan.kernel.models import Case, User
from minan.systems.emergencies import helping, mode, modes

ICONS = {"food": "list", "medicine": "plus", "doctor": "person", "child": "people", "animal": "flag", "return": "home"}


def row(found: Case, now: datetime) -> dict[str, Any]:
    """One mode as the public reads it: place, ground, since and until, each term with who asked and who decided, the count."""
    facts = found.facts
    until = datetime.fromisoformat(facts["until"])
    terms = [
        {
            "since": datetime.fromisoformat(term["since"]),
            "until": datetime.fromisoformat(term["until"]),
            "at": datetime.fromisoformat(term["at"]),
            "by": labels.office_name(term["by"]),
            "first": labels.office_name(term["first"]),
        }
        for term in facts.get("terms") or []
    ]
    return {
        "code": found.code,
        "place": directory.place_name(found.place, full=True),
        "law": labels.into(dict(mode.LAWS).get(facts["law"])),
        "document": facts["document"],
        "words": facts["words"],
        "since": datetime.fromisoformat(facts["since"]),
        "until": until,
        "terms": terms,
        "renewals": max(0, len(terms) - 1),
        "on": modes.is_on(found, now),
        "count": modes.counted(found),
        "few": modes.FEW,
        "gone": until + mode.TERM,
        "erased": found.state == mode.ERASED,
        "erased_at": datetime.fromisoformat(facts["erased_at"]) if "erased_at" in facts else None,
    }


def needs(running: list[Case]) -> list[dict[str, str]]:
    """What can be asked for, one tile each; a return only where an announcement lists them."""
    lists = any(one.facts.get("returns") for one in running)
    there = [(name, words) for name, words in helping.NEEDS if lists or name != helping.RETURN]
    return [{"name": name, "label": labels.into(words), "icon": ICONS[name]} for name, words in there]


def level_of(user: User) -> str:
    """ "county" or "city" for the head of such a centre, who put a mode forward and decide; "" for everybody else."""
    for post in directory.posts_of(user.pk):
        office = directory.office(post.unit)
        if post.role == "supervisor" and office is not None and office.kind == directory.CITY_DESK:
            return office.level
    return ""


def held() -> list[dict[str, Any]]:
    """The modes that are asked for, on, or still to be deleted, for those who decide: name, state, page of the case."""
    return [
        {"title": one.title, "code": one.code, "state": registry.label(one.procedure, one.version, "states", one.state)}
        for one in modes.of(modes.LIVE)
    ]
