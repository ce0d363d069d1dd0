"""Everybody who may knock: every role in every relation to the matters, and those whom only a wall or a secret makes special."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from django.conf import settings

ROLES = (
    "worker", "clerk", "handler", "supervisor", "head", "mediator", "signer", "discipline", "admin", "security", "audit",
    "operator",
)  # fmt: skip
STATION, LIGHTING, CENTRE, URBAN, ENFORCEMENT = (
    "131022100-station", "131022-lighting", "131022-centre", "131022-urban", "131022100-enforcement",
)  # fmt: skip
POINT, WOMEN, DISCIPLINE, ELSEWHERE = "131022100010-point", "131022-women", "131022-discipline", "131022101-station"
# Relation to the matters of 朝阳社区, most of which 固安镇说事站 keeps and 固安县路灯管理所 handles → unit and seat.
RELATIONS: dict[str, tuple[str, str]] = {
    "own": (STATION, ""),
    "lead": (LIGHTING, ""),
    "sibling": ("131022-works", ""),
    "sibling desk": (ELSEWHERE, ""),
    "parent by block": (CENTRE, ""),
    "city": ("1310-centre", ""),
    "parent by line": (URBAN, ""),
    "line of the line": ("1310-urban", ""),
    "child by block": (POINT, ""),
    "child by line": (ENFORCEMENT, ""),
    "seated": ("131022101-police", STATION),
    "seated elsewhere": ("131022100-police", ELSEWHERE),
    "called": (WOMEN, ""),
    "discipline": (DISCIPLINE, ""),
    "other county": ("131023100-station", ""),
}


class Seat(NamedTuple):
    unit: str
    role: str
    seat: str = ""


@dataclass(frozen=True)
class Person:
    """`said`: the letters of the matters they said; `kin`: somebody they declared as a relative."""

    name: str
    role: str = ""
    relation: str = ""
    seats: tuple[Seat, ...] = ()
    said: str = ""
    signed_in: bool = True
    kin: str = ""
    at: tuple[int, int] = field(default=(-1, -1))  # row and column; (-1, -1): asked everywhere


SPECIAL = (
    Person("nobody", "nobody", "none", signed_in=False),
    Person("resident", "resident", "none"),
    Person("account", "speaker by account", "speaker", said="M"),
    Person("speaker", "speaker", "speaker", said="ACEGILN", signed_in=False),
    Person("other speaker", "other speaker", "other speaker", said="BDFHJKOR", signed_in=False),
    Person("named", "walled person", "own", (Seat(STATION, "clerk"),)),
    Person("relative", "relative", "parent by block", (Seat(CENTRE, "clerk"),), kin="named"),
    Person("recused", "walled person", "own", (Seat(STATION, "clerk"),)),
    Person("opener", "clerk", "own", (Seat(STATION, "clerk"),)),
    Person("two posts", "walled person", "own", (Seat(STATION, "clerk"), Seat(LIGHTING, "signer"))),
    Person("two hats", "admin", "own", (Seat(CENTRE, "admin"), Seat(POINT, "worker"))),
)  # fmt: skip


def everybody() -> list[Person]:
    """Who exists: 11 roles in 15 relations, and the special ones."""
    out = list(SPECIAL)
    for x, role in enumerate(ROLES):
        for y, (relation, (unit, seat)) in enumerate(RELATIONS.items()):
            out.append(Person(f"{role} {relation}", role, relation, (Seat(unit, role, seat),), at=(x, y)))
    return out


@cache
def parents() -> dict[str, tuple[str, str]]:
    """Each unit's parents by block and by line, read from the city's own file and not from the program."""
    with open(settings.CITY / "units.csv", encoding="utf-8") as lines:
        return {row["id"]: (row["block"], row["line"]) for row in csv.DictReader(lines)}
