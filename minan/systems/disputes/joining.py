"""A third side and more: whoever else must be there (an insurer, the owner of the car) is asked by the mediator and decides like the
first two. An organisation that works in this house acts through its own desk, everybody else by a link. At most six."""

from __future__ import annotations

from typing import Any

from minan.kernel.procedure import Ask, Change, Child, Field, Step, Words
from minan.systems.disputes import fields as f

W = Words


def brings(ask: Ask) -> Words | None:
    """The mediator, or before one is named whoever of the committee prepares it."""
    mediator = ask.case["facts"].get("mediator")
    return f.is_mediator(ask) if mediator else None


def has_room(ask: Ask) -> Words | None:
    if len(f.sides(ask.case["facts"])) < len(f.LETTERS) and _next(ask):
        return None
    return W("一件纠纷最多六方", "A dispute has six sides at most")


def is_somebody(ask: Ask) -> Words | None:
    """A person by name, or an organisation by its desk; the committee and its judicial office are no side."""
    office = ask.facts.get("office", "")
    if office in (ask.case["desk"], ask.case["unit"], ask.case["ruler"]) and office:
        return W("调委会、司法所不能当一方", "The committee and the judicial office are no side")
    here = ask.offices.office(office) if office else None
    if office and (here is None or here.kind != "seat"):
        return W("只有在这里有席位的单位能这样请，别的按姓名请", "Only an organisation with a seat here is brought in this way; others by name")
    if office and office in ((ask.case["facts"].get("offices") or {}).values()):
        return W("这个单位已经是一方了", "This organisation is a side already")
    return None


def _next(ask: Ask) -> str:
    used = {*f.sides(ask.case["facts"]), *(ask.case["facts"].get("came_in") or [])}
    return next((ref for ref in f.LETTERS if ref not in used), "")


def brought_in(ask: Ask) -> Change:
    """A further side: a case of its own like the first two. An organisation that works in this house acts through its desk."""
    facts, ref, office = ask.case["facts"], _next(ask), ask.facts.get("office", "")
    part = ask.facts.get("part", "")
    child = Child(
        "side",
        {"party": ref, "applied": False, "sort": facts.get("sort") or f.OTHER, "office": office or None},
        f"{ref}",
        {
            "desk": ask.case["desk"],
            "unit": office or ask.case["desk"],
            "ruler": ask.case["ruler"],
            "title": ask.case["title"],
        },
        link="own",
        carries={"name": "name", "phone": "phone"},
    )
    kept: dict[str, Any] = {"sides": [*f.sides(facts), ref], "came_in": [*(facts.get("came_in") or []), ref]}
    kept |= {"parts": (facts.get("parts") or {}) | {ref: part}}
    return Change(
        children=(child,),
        facts=kept | ({"offices": (facts.get("offices") or {}) | {ref: office}} if office else {}),
        note={"ref": ref},
    )


JOINING = (
    Step(
        "bring_in",
        W("再请一方参加", "Bring in another side"),
        ("desk", "lead"),
        ("asking", "choosing", "mediating"),
        rules=(brings, has_room, is_somebody),
        effect=brought_in,
        fields=(
            Field("part", W("什么身份，如：保险公司、车主", "As what: insurer, owner"), "text", required=True, max_length=20),
            Field(
                "office",
                W("是单位、在这里有席位的，选它", "An organisation with a desk here"),
                "unit",
                source="party",
                shown=False,
            ),
            Field("name", W("姓名或单位名称", "Name"), "text", data="P2", max_length=60),
            Field("phone", W("手机", "Phone"), "phone", data="P2"),
        ),
        tells=("desk",),
        done=W("又请了一方参加，愿不愿意由他们定", "Another side was asked to take part"),
    ),
)
