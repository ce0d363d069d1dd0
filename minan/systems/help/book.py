"""The lane's own copy of who is to be rung: closed, whole, on this disk, so that a press goes out while the database is away.

Written anew whenever an enrolment, a duty list or a unit changed (gather.py); a disk that is full keeps the old one.
"""

from __future__ import annotations

import copy
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from minan.lib import folders
from minan.systems.help import sealing
from minan.systems.help.rungs import Target

BOUND, FILE = "book:1", "book"
LEVELS = 4  # the desk, its township, its county, its city
FAMILY, PEOPLE = 3, 4  # at most, of a person and of a unit
Person = dict[str, Any]
Unit = dict[str, Any]


@dataclass(slots=True)
class Book:
    """`people`: code → who they are and whom to ring; `units`: id → name, the unit above, who rings there."""

    people: dict[str, Person] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    drilled: dict[str, str] = field(default_factory=dict)  # unit → when its last drill was, ISO

    def by_secret(self, secret: str) -> Person | None:
        """The enrolment whose phone keeps this secret; the hash alone lies here."""
        wanted = sealing.mark(secret)
        return (
            next((p for p in self.people.values() if sealing.hmac.compare_digest(p["cap"], wanted)), None)
            if secret
            else None
        )

    def by_device(self, device: str) -> Person | None:
        return next((p for p in self.people.values() if device in p.get("devices", ())), None) if device else None

    def names_of(self, unit: str) -> dict[str, str]:
        known = self.units.get(unit, {})
        return {"name": str(known.get("name", unit)), "name_en": str(known.get("name_en", ""))}

    def left(self, target: Target) -> bool:
        """Whose telephone it is is on duty there no more; of a unit that this copy does not know nobody has left."""
        unit = self.units.get(target.unit)
        return unit is not None and bool(target.who) and target.who not in {str(p.get("id")) for p in unit["people"]}

    def chain(self, unit: str) -> list[str]:
        """The unit and those above it, nearest first."""
        out: list[str] = []
        while unit and unit in self.units and unit not in out and len(out) < LEVELS:
            out.append(unit)
            unit = self.units[unit].get("above", "")
        return out

    def plan(self, person: Person) -> list[Target]:
        """Whom to ring, level by level: family and duty desk at once; then the next of each, and the desk above."""
        found = [
            Target(f"family:{one['n']}", "family", level, _ways(one))
            for level, one in enumerate(person.get("family", ())[:FAMILY])
            if _ways(one)
        ]
        return found + self.duty(person["unit"])

    def duty(self, unit: str, first: int = 0) -> list[Target]:
        """The desk and those above it; who has several on duty rings one after another."""
        out = []
        for level, one in enumerate(self.chain(unit), first):
            there = self.units[one]
            rung = [*there.get("people", ())[:PEOPLE], *({"phone": number} for number in there.get("phones", ()))] or [
                {}
            ]
            for turn, who in enumerate(rung[:PEOPLE]):
                ways = _ways(who) | ({"screen": one} if turn == 0 else {})
                out.append(Target(f"duty:{one}:{turn}", "duty", level + turn, ways, one, str(who.get("id", ""))))
        return out


def _ways(one: Person) -> dict[str, str]:
    ways = {"push": one.get("push", ""), "sms": one.get("phone", ""), "voice": one.get("phone", "")}
    ways = {name: address for name, address in ways.items() if address}
    if ways.get("sms", "").startswith("内线"):  # an extension takes no text
        del ways["sms"]
    return ways


def _path() -> Path:
    return sealing.room() / FILE


def save(book: Book) -> bool:
    """False: the disk did not take it, the old one stays."""
    with suppress(OSError):
        folders.write_whole(
            _path(), sealing.shut({"people": book.people, "units": book.units, "drilled": book.drilled}, BOUND)
        )
        return True
    return False


def load() -> Book:
    """The copy as it was last written; empty where there is none, or it is torn."""
    with suppress(OSError, sealing.Torn, KeyError, TypeError):
        held = sealing.opened(_path().read_bytes(), BOUND)
        return Book(held["people"], held["units"], held.get("drilled", {}))
    return Book()


def twin(book: Book) -> Book:
    return copy.deepcopy(book)
