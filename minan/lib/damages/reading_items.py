"""Reading what one victim asks for: each item in any of its forms, as damages.schema.md allows them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from minan.lib.damages.case import HEADS, ITEMS, PROPERTY, Aid, Dependant, Disability, Entry, Items, Named
from minan.lib.damages.reader import Reader
from minan.lib.damages.said import Said

ENTRIES = ("meals", "nutrition", "lost_income", "nursing", "family_cost")
AMOUNTS = ("medical", "later_treatment", "transport", "lodging", "family_cost", "mental", "appraisal")
BESIDE = ("non_medicare", "reimbursed", "coefficient")
MOST_YEARS = 100
ONE_RATE = Said("daily、monthly、yearly 只写一个", "give one of daily, monthly, yearly")
ONE_COUNT = Said("days、months 只写一个", "give either days or months")
MONTHS_DAILY = Said(
    "按天的单价配 days，按月的配 months；按年的两样都可以",
    "a daily rate goes with days, a monthly one with months; a yearly one with either",
)
ONE_SPAN = Said("years、months 只写一个", "give either years or months")
TRUE_OR_AMOUNT = Said('写 true，或写判定的金额，如 "20000"', 'true, or the amount awarded such as "20000", is needed')
GRADE = Said("伤残等级是 1 到 10 的整数", "a disability grade is a whole number from 1 to 10")
TWICE = Said("grades、coefficient 只写一个", "give either grades or coefficient")  # both could contradict each other
POSITIVE = Said("要大于零", "must be more than zero")
TOO_MANY_YEARS = Said(f"最多 {MOST_YEARS} 年", f"at most {MOST_YEARS} years")


def read_items(reader: Reader, value: Any, path: str) -> Items:
    """All items of one victim. A plain amount for an item is taken as already awarded."""
    given = reader.record(value, path, (*ITEMS, *BESIDE))
    plain: dict[str, Fraction] = {}
    entries: dict[str, tuple[Entry, ...]] = {}
    for name in ITEMS:
        if isinstance(given.get(name), str) or (name in given and name in AMOUNTS and name not in ENTRIES):
            plain[name] = reader.money(given.pop(name), f"{path}.{name}")
        elif name in given and name in ENTRIES:
            entries[name] = _entries(reader, given[name], f"{path}.{name}", name)
    if "other" in plain:
        reader.wrong(
            f"{path}.other",
            Said("要写成列表，每项有 what、head、amount", "a list with what, head and amount is needed"),
        )
    death, death_years = _death(reader, given.get("death"), f"{path}.death")
    return Items(
        plain=plain,
        entries=entries,
        disability=_disability(reader, given["disability"], f"{path}.disability") if "disability" in given else None,
        death=death,
        death_years=death_years,
        funeral=_funeral(reader, given.get("funeral"), f"{path}.funeral"),
        dependants=tuple(_dependants(reader, given.get("dependants", []), f"{path}.dependants")),
        aids=tuple(_aids(reader, given.get("aids", []), f"{path}.aids")),
        other=tuple(_named(reader, given.get("other", []), f"{path}.other", heads=True)),
        goods=tuple(_named(reader, given.get("property", []), f"{path}.property", heads=False)),
        non_medicare=reader.money(given.get("non_medicare", "0"), f"{path}.non_medicare"),
        reimbursed=reader.money(given.get("reimbursed", "0"), f"{path}.reimbursed"),
        coefficient=reader.share(given["coefficient"], f"{path}.coefficient") if "coefficient" in given else None,
    )


def _entries(reader: Reader, value: Any, path: str, name: str) -> tuple[Entry, ...]:
    """One entry or a list of them."""
    if isinstance(value, dict):
        return (_entry(reader, value, path, name),)
    return tuple(_entry(reader, one, f"{path}.{n}", name) for n, one in enumerate(reader.many(value, path)))


def _entry(reader: Reader, value: Any, path: str, name: str) -> Entry:
    extra = ("carers", "dependence") if name == "nursing" else ()
    given = reader.record(value, path, ("days", "months", "daily", "monthly", "yearly", *extra))
    counts = [key for key in ("days", "months") if key in given]
    rates = [key for key in ("daily", "monthly", "yearly") if key in given]
    if len(counts) > 1:
        reader.wrong(path, ONE_COUNT)
    if len(rates) > 1:
        reader.wrong(path, ONE_RATE)
    rate = rates[0] if rates else ""
    per = counts[0] if counts else "months" if rate == "monthly" else "days"
    if (per, rate) in (("months", "daily"), ("days", "monthly")):
        reader.wrong(path, MONTHS_DAILY)
    return Entry(
        count=reader.number(given[per], f"{path}.{per}") if per in given else None,
        per=per,
        rate=rate,
        amount=reader.rate(given[rate], f"{path}.{rate}") if rate else None,
        carers=reader.number(given.get("carers", 1), f"{path}.carers"),
        dependence=reader.share(given.get("dependence", "1"), f"{path}.dependence"),
    )


def _years(reader: Reader, given: dict[str, Any], path: str) -> Fraction | None:
    """Years, or months as twelfths; None where neither is said."""
    if "years" in given and "months" in given:
        reader.wrong(path, ONE_SPAN)
    found = None
    if "years" in given:
        found = reader.number(given["years"], f"{path}.years")
    elif "months" in given:
        found = reader.number(given["months"], f"{path}.months") / 12
    if found is not None and found > MOST_YEARS:
        reader.wrong(path, TOO_MANY_YEARS)
    return found


def _disability(reader: Reader, value: Any, path: str) -> Disability:
    given = reader.record(value, path, ("grades", "coefficient", "years"))
    if "grades" in given and "coefficient" in given:
        reader.wrong(path, TWICE)
    grades = []
    for n, one in enumerate(reader.many(given.get("grades", []), f"{path}.grades")):
        grade = reader.whole(one, f"{path}.grades.{n}")
        if not 1 <= grade <= 10:
            reader.wrong(f"{path}.grades.{n}", GRADE)
            grade = 10
        grades.append(grade)
    coefficient = reader.share(given["coefficient"], f"{path}.coefficient") if "coefficient" in given else None
    return Disability(tuple(sorted(grades)), coefficient, _years(reader, given, path))


def _death(reader: Reader, value: Any, path: str) -> tuple[bool, Fraction | None]:
    if value is None or isinstance(value, bool):
        return value is True, None
    if isinstance(value, dict):
        return True, _years(reader, reader.record(value, path, ("years",)), path)
    reader.wrong(path, TRUE_OR_AMOUNT)
    return False, None


def _funeral(reader: Reader, value: Any, path: str) -> bool:
    if value is not None and not isinstance(value, bool):
        reader.wrong(path, TRUE_OR_AMOUNT)
    return value is True


def _dependants(reader: Reader, value: Any, path: str) -> list[Dependant]:
    found = []
    for n, one in enumerate(reader.many(value, path)):
        where = f"{path}.{n}"
        given = reader.record(one, where, ("years", "months", "supporters", "standard", "coefficient"))
        supporters = reader.number(given["supporters"], f"{where}.supporters") if "supporters" in given else None
        if supporters == 0:
            reader.wrong(f"{where}.supporters", POSITIVE)
            supporters = None
        standard = given.get("standard", "")
        if standard != "":
            standard = reader.choice(standard, f"{where}.standard", ("urban", "rural"))
        coefficient = reader.share(given["coefficient"], f"{where}.coefficient") if "coefficient" in given else None
        found.append(Dependant(_years(reader, given, where), supporters, standard, coefficient))
    return found


def _aids(reader: Reader, value: Any, path: str) -> list[Aid]:
    found = []
    for n, one in enumerate(reader.many(value, path)):
        where = f"{path}.{n}"
        given = reader.record(one, where, ("price", "every_years", "years", "upkeep"))
        every = reader.number(given["every_years"], f"{where}.every_years") if "every_years" in given else None
        if every == 0:
            reader.wrong(f"{where}.every_years", POSITIVE)
            every = None
        price = reader.rate(given.get("price"), f"{where}.price")
        upkeep = reader.share(given.get("upkeep", "0"), f"{where}.upkeep")
        found.append(Aid(price, every, _years(reader, given, where), upkeep))
    return found


def _named(reader: Reader, value: Any, path: str, *, heads: bool) -> list[Named]:
    found = []
    for n, one in enumerate(reader.many(value, path)):
        where = f"{path}.{n}"
        given = reader.record(one, where, ("what", "amount", *(("head",) if heads else ())))
        head = reader.choice(given.get("head"), f"{where}.head", HEADS, "medical") if heads else PROPERTY
        what = reader.text(given.get("what"), f"{where}.what")
        found.append(Named(what, head, reader.money(given.get("amount"), f"{where}.amount")))
    return found
