"""Brings the lane's copy up to date from the records: who is enrolled, their devices, who is on duty. Runs in the lane's own thread."""

from __future__ import annotations

from typing import Any

from minan.kernel import directory, routing, speakers, vault
from minan.kernel.access import Actor
from minan.kernel.directory import POINT
from minan.kernel.models import Case, Rota, Speaker
from minan.systems.help import sealing
from minan.systems.help.book import Book, Person, twin
from minan.systems.help.enrolment import FAMILY
from minan.systems.help.models import Ear

PEOPLE_MOST = 100_000
LOOKS = 200  # vaults opened in one round; the rest in the next
COLUMNS = ("code", "n", "county", "id", "place", "desk", "facts")


def duty_of(place: str) -> str:
    """Where a call of this place rings first: the community's own point where somebody works there, else the township's desk."""
    held = {post.unit for posts in directory.city().posts.values() for post in posts}
    village = directory.within(place, "village")
    points = [u for u in directory.city().at.get((POINT, village), ()) if u in held]
    return points[0] if points else routing.desk_of(place)


def fresh(old: Book) -> Book | None:
    """The copy as the records have it now; None where nothing changed. Raises DatabaseError, vault.Away."""
    new = twin(old)
    enrolled = Case.objects.filter(procedure="help_enrolment", closed_at=None).order_by("id")
    there = dict(enrolled.values_list("code", "n")[:PEOPLE_MOST])  # every five seconds: the rest is read of what changed alone
    for code in [code for code in new.people if code not in there]:
        del new.people[code]
    stale = [code for code, n in there.items() if new.people.get(code, {}).get("n") != n][:LOOKS]
    for row in enrolled.filter(code__in=stale).values(*COLUMNS) if stale else ():
        known = _person(row)
        if known is not None:
            new.people[row["code"]] = known
    new.units = _units({p["unit"] for p in new.people.values()})
    new.drilled = {
        unit: max(dates)
        for unit in {p["unit"] for p in new.people.values()}
        if (dates := [p["drill"] for p in new.people.values() if p["unit"] == unit and p.get("drill")])
    }
    return None if (new.people, new.units, new.drilled) == (old.people, old.units, old.drilled) else new


def _person(row: dict[str, Any]) -> Person | None:
    case = Case(id=row["id"], county=row["county"], code=row["code"], procedure="help_enrolment", facts=row["facts"])
    held = Speaker.objects.filter(county=row["county"], case_id=row["id"]).first()
    try:
        known = speakers.known(case, who="system:help", why="help", row=held)
    except (vault.Away, vault.Held):
        raise
    except vault.Sealed:
        return None
    if held is None or not known:
        return None
    family = [
        {
            "n": n,
            "name": known.get(f"family{n}_name", ""),
            "phone": known.get(f"family{n}_phone", ""),
            "push": known.get(f"family{n}_push", ""),
        }
        for n in range(1, FAMILY + 1)
        if known.get(f"family{n}_phone") or known.get(f"family{n}_push")
    ]
    return {name: known.get(name, "") for name in ("name", "phone", "address", "door", "told")} | {
        "code": row["code"], "n": row["n"], "cap": held.secret, "place": row["place"],
        "place_name": directory.place_name(row["place"]), "unit": row["desk"], "family": family,
        "devices": list(row["facts"].get("devices") or []), "lang": held.lang, "drill": (row["facts"].get("drill") or {}).get("at", ""),
    }  # fmt: skip


def _units(first: set[str]) -> dict[str, Any]:
    """These desks and all above them, each with its people on duty in their order and its duty room's telephone."""
    wanted = {unit for one in first for unit in [one, *routing.chain(one, "block")]}
    people: dict[str, list[dict[str, Any]]] = {unit: [] for unit in wanted}
    for ear in Ear.objects.filter(unit__in=wanted, user__is_active=True).order_by("rank", "made_at"):
        if works_at(ear.user_id, ear.unit):
            people[ear.unit].append(_ear(ear))
    phones: dict[str, list[str]] = {unit: [] for unit in wanted}
    for unit, telephone in (
        Rota.objects.filter(unit__in=wanted).order_by("when", "telephone").values_list("unit", "telephone")
    ):
        if telephone not in phones[unit]:
            phones[unit].append(telephone)
    out = {}
    for unit in sorted(wanted):
        office = directory.office(unit)
        above = routing.above(unit, "block")
        out[unit] = {
            "name": office.name if office else unit, "name_en": (office.name_en if office else "") or unit, "above": above,
            "people": [one for one in people[unit] if one], "phones": phones[unit][:2],
        }  # fmt: skip
    return out


def works_at(user: int, unit: str) -> bool:
    """Whether this person's post there holds today: who left is rung no more, whatever they once wrote down."""
    return unit in Actor("staff", user, directory.posts_of(user)).units


def _ear(ear: Ear) -> dict[str, Any]:
    try:
        held: dict[str, Any] = sealing.opened(bytes(ear.sealed), f"ear:{ear.id}")
    except sealing.Torn:
        return {}
    return {"id": str(ear.user_id)} | held
