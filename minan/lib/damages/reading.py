"""From the object of damages.schema.md to a Case. What is unknown, contradicts itself or is no figure is refused by name, all at once."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from minan.lib.damages.case import (
    ADVANCES,
    BARS,
    HEADINGS,
    ITEMS,
    ROUNDINGS,
    STANDARDS,
    Advance,
    Case,
    Commercial,
    Compulsory,
    Switches,
    Vehicle,
    Victim,
)  # fmt: skip
from minan.lib.damages.reader import Reader, Refused
from minan.lib.damages.reading_items import read_items
from minan.lib.damages.said import Said

RESPONSIBILITIES = ("full", "main", "equal", "secondary", "none")
EXCLUDABLE = ("appraisal", "non_medicare", "mental")
CASE_KEYS = ("accident_date", "as_of", "place", "standards", "switches", "vehicles", "victims")
VEHICLE_KEYS = (
    "id", "kind", "driver", "owner", "liable", "jointly", "responsibility", "share", "compulsory", "commercial", "bar",
)  # fmt: skip
VICTIM_KEYS = ("id", "with", "driver", "own_share", "age", "standard", "items", "claims", "advances", "released")
CHOICES = {
    "bar_property": ("unpaid", "paid"),
    "appraisal": ("outside", "disability", "commercial", "costs", "full"),
    "compulsory": ("headings", "lump"),
    "advances": ADVANCES,
    "mental": ("as_fixed", "by_share"),
    "reimbursed": ("ignore", "deduct"),
}
TWICE = Said("这个 id 用了两次", "this id is used twice")
NO_VEHICLE = Said("vehicles 里没有这个 id", "no vehicle has this id")
NONE_GIVEN = Said("至少要有一项", "at least one is needed")
PLACE = Said("要是 12 位区划代码", "a division code of 12 digits is needed")
AGE = Said("年龄最多 130 岁", "an age of at most 130 is needed")
DAY_BASE = Said("只能是 365、360 或 366", "365, 360 or 366 is needed")
AFTER = Said("不能早于事故日期", "cannot lie before the accident")


def read(value: Any) -> Case:
    """The case in `value`, as json.loads gives it. Raises Refused with every problem found."""
    reader = Reader()
    given = reader.record(value, "", CASE_KEYS)
    if reader.problems and not isinstance(value, dict):
        raise Refused(reader.problems)
    vehicles = [
        _vehicle(reader, one, _at("vehicles", one, n))
        for n, one in enumerate(reader.many(given.get("vehicles", []), "vehicles"))
    ]
    victims = [
        _victim(reader, one, _at("victims", one, n))
        for n, one in enumerate(reader.many(given.get("victims", []), "victims"))
    ]
    _check(reader, vehicles, victims)
    place = given.get("place", "")
    if place != "" and not (isinstance(place, str) and len(place) == 12 and place.isascii() and place.isdigit()):
        reader.wrong("place", PLACE)
        place = ""
    accident = reader.date(given["accident_date"], "accident_date") if "accident_date" in given else None
    as_of = reader.date(given["as_of"], "as_of") if "as_of" in given else None
    if accident and as_of and as_of < accident:
        reader.wrong("as_of", AFTER)
    standards = reader.record(given.get("standards", {}), "standards", STANDARDS)
    found = Case(
        accident=accident,
        as_of=as_of,
        place=place,
        standards={name: reader.rate(one, f"standards.{name}") for name, one in standards.items()},
        switches=_switches(reader, given.get("switches", {})),
        vehicles=tuple(vehicles),
        victims=tuple(victims),
    )
    if reader.problems:
        raise Refused(reader.problems)
    return found


def _at(path: str, value: Any, n: int) -> str:
    """Where something of a list lies: by its id where it has one, else by its number."""
    name = value.get("id") if isinstance(value, dict) else None
    return f"{path}.{name if isinstance(name, str) and 0 < len(name) <= 60 and name.isprintable() else n}"


def _check(reader: Reader, vehicles: list[Vehicle], victims: list[Victim]) -> None:
    if not vehicles:
        reader.wrong("vehicles", NONE_GIVEN)
    if not victims:
        reader.wrong("victims", NONE_GIVEN)
    for path, names in (("vehicles", [one.id for one in vehicles]), ("victims", [one.id for one in victims])):
        for name in sorted({name for name in names if names.count(name) > 1}):
            reader.wrong(f"{path}.{name}.id", TWICE)
    known = {one.id for one in vehicles}
    for victim in victims:
        if victim.within and victim.within not in known:
            reader.wrong(f"victims.{victim.id}.with", NO_VEHICLE)


def _switches(reader: Reader, value: Any) -> Switches:
    given = reader.record(value, "switches", ("rounding", "day_base", "grade_extra", "mental_first", *CHOICES))
    chosen = {
        name: reader.choice(given.get(name, allowed[0]), f"switches.{name}", allowed, allowed[0])
        for name, allowed in CHOICES.items()
    }
    base = reader.whole(given.get("day_base", 365), "switches.day_base")
    if base not in (365, 360, 366):
        reader.wrong("switches.day_base", DAY_BASE)
    extra = None
    if "grade_extra" in given:
        grades = reader.record(given["grade_extra"], "switches.grade_extra", [str(n) for n in range(1, 11)])
        extra = {int(grade): reader.share(one, f"switches.grade_extra.{grade}") for grade, one in grades.items()}
    return Switches(
        rounding=_rounding(reader, given.get("rounding", "item")),
        day_base=base,
        grade_extra=extra,
        mental_first=reader.flag(given.get("mental_first", True), "switches.mental_first"),
        **chosen,
    )


def _rounding(reader: Reader, value: Any) -> dict[str, str]:
    """How each item is rounded; "default" for what is not named and for the payers."""
    if isinstance(value, dict):
        given = reader.record(value, "switches.rounding", ("default", *ITEMS))
        found = {
            name: reader.choice(one, f"switches.rounding.{name}", ROUNDINGS, "item") for name, one in given.items()
        }
        return {"default": "item"} | found
    return {"default": reader.choice(value, "switches.rounding", ROUNDINGS, "item")}


def _names(reader: Reader, value: Any, path: str) -> tuple[str, ...]:
    return tuple(reader.text(one, f"{path}.{n}") for n, one in enumerate(reader.many(value, path)))


def _chosen(reader: Reader, value: Any, path: str, allowed: Iterable[str]) -> frozenset[str]:
    return frozenset(reader.choice(one, f"{path}.{n}", allowed) for n, one in enumerate(reader.many(value, path)))


def _vehicle(reader: Reader, value: Any, path: str) -> Vehicle:
    given = reader.record(value, path, VEHICLE_KEYS, keep_null=("compulsory",))
    kind = reader.choice(given.get("kind"), f"{path}.kind", ("motor", "non_motor", "pedestrian"), "motor")
    compulsory = given.get("compulsory")
    names = {
        name: reader.text(given[name], f"{path}.{name}") if name in given else ""
        for name in ("driver", "owner", "liable")
    }
    responsibility = given.get("responsibility", "")
    if responsibility != "":
        responsibility = reader.choice(responsibility, f"{path}.responsibility", RESPONSIBILITIES)
    policies = reader.many(given.get("commercial", []), f"{path}.commercial")
    return Vehicle(
        id=reader.text(given.get("id"), f"{path}.id"),
        kind=kind,
        **names,
        jointly=_names(reader, given.get("jointly", []), f"{path}.jointly"),
        responsibility=responsibility,
        share=reader.share(given["share"], f"{path}.share") if "share" in given else None,
        insured="yes" if compulsory is not None or kind != "motor" else "no" if "compulsory" in given else "unsaid",
        compulsory=_compulsory(reader, compulsory, f"{path}.compulsory") if compulsory is not None else None,
        commercial=tuple(_commercial(reader, one, f"{path}.commercial.{n}") for n, one in enumerate(policies)),
        bar=_chosen(reader, given.get("bar", []), f"{path}.bar", BARS),
    )


def _sums(reader: Reader, value: Any, path: str) -> dict[str, Fraction]:
    return {name: reader.money(one, f"{path}.{name}") for name, one in reader.record(value, path, HEADINGS).items()}


def _compulsory(reader: Reader, value: Any, path: str) -> Compulsory:
    given = reader.record(value, path, ("insurer", "limits", "used"))
    return Compulsory(
        insurer=reader.text(given.get("insurer"), f"{path}.insurer"),
        limits=_sums(reader, given.get("limits", {}), f"{path}.limits"),
        used=_sums(reader, given.get("used", {}), f"{path}.used"),
    )


def _commercial(reader: Reader, value: Any, path: str) -> Commercial:
    given = reader.record(value, path, ("insurer", "limit", "used", "deductible", "excludes"), keep_null=("limit",))
    limit = given.get("limit")
    return Commercial(
        insurer=reader.text(given.get("insurer"), f"{path}.insurer"),
        limit=reader.money(limit, f"{path}.limit") if limit is not None else None,
        limit_given="limit" in given,
        used=reader.money(given.get("used", "0"), f"{path}.used"),
        deductible=reader.share(given.get("deductible", "0"), f"{path}.deductible"),
        excludes=_chosen(reader, given.get("excludes", []), f"{path}.excludes", EXCLUDABLE),
    )


def _victim(reader: Reader, value: Any, path: str) -> Victim:
    given = reader.record(value, path, VICTIM_KEYS)
    age = reader.number(given["age"], f"{path}.age") if "age" in given else None
    if age is not None and age > 130:
        reader.wrong(f"{path}.age", AGE)
    standard = given.get("standard", "")
    if standard != "":
        standard = reader.choice(standard, f"{path}.standard", ("urban", "rural"))
    advances = reader.many(given.get("advances", []), f"{path}.advances")
    return Victim(
        id=reader.text(given.get("id"), f"{path}.id"),
        within=reader.text(given["with"], f"{path}.with") if "with" in given else "",
        driver=reader.flag(given["driver"], f"{path}.driver") if "driver" in given else None,
        own_share=reader.share(given["own_share"], f"{path}.own_share") if "own_share" in given else None,
        age=age,
        standard=standard,
        items=read_items(reader, given.get("items", {}), f"{path}.items"),
        claims=_claims(reader, given.get("claims", {}), f"{path}.claims"),
        advances=tuple(_advance(reader, one, f"{path}.advances.{n}") for n, one in enumerate(advances)),
        released=frozenset(_names(reader, given.get("released", []), f"{path}.released")),
    )


def _claims(reader: Reader, value: Any, path: str) -> dict[str, Fraction]:
    """What is claimed, by the item's name; also property:… and other:… as the result names them."""
    lines = [key for key in value if str(key).startswith(("other:", "property:"))] if isinstance(value, dict) else []
    given = reader.record(value, path, (*ITEMS, *lines))
    return {name: reader.money(one, f"{path}.{name}") for name, one in given.items()}


def _advance(reader: Reader, value: Any, path: str) -> Advance:
    given = reader.record(value, path, ("by", "amount", "how", "through"))
    return Advance(
        by=reader.text(given.get("by"), f"{path}.by"),
        amount=reader.money(given.get("amount"), f"{path}.amount"),
        how=reader.choice(given["how"], f"{path}.how", ADVANCES) if "how" in given else "",
        through=reader.text(given["through"], f"{path}.through") if "through" in given else "",
    )
