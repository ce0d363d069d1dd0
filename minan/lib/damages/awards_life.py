"""The items that rest on yearly figures: disability, death, funeral, dependants, aids. 法释〔2022〕14号第12–17条。"""

from __future__ import annotations

from fractions import Fraction
from math import ceil

from minan.lib.damages.book import Book
from minan.lib.damages.case import Aid, Dependant, Victim
from minan.lib.damages.rounding import by_mode
from minan.lib.damages.said import Said, figure, joined, money, same

Worked = tuple[Fraction, Said]
YEARS, FROM_AGE, LAST_AGE, LAST_YEARS = 20, 60, 75, 5
EXTRA_MOST = Fraction(1, 10)


def mode(book: Book, item: str) -> str:
    rounding = book.case.switches.rounding
    return rounding.get(item, rounding["default"])


def years_at(age: Fraction) -> Fraction:
    """Years of disability or death compensation: 20 up to and including 60, one less for each year above, 5 from 75."""
    whole = Fraction(int(age))
    if whole <= FROM_AGE:
        return Fraction(YEARS)
    return Fraction(LAST_YEARS) if whole >= LAST_AGE else YEARS - (whole - FROM_AGE)


def _years(book: Book, victim: Victim, given: Fraction | None) -> Worked | None:
    """Years with how they were found; given years win over the age."""
    if given is not None:
        return given, same(figure(given))
    if victim.age is None:
        book.need(f"victims.{victim.id}.age")
        return None
    years, age = years_at(victim.age), int(victim.age)
    if age <= FROM_AGE:
        return years, same(figure(years))
    if age >= LAST_AGE:
        return years, Said(f"{figure(years)}（{age} 岁）", f"{figure(years)} (age {age})")
    return years, same(f"({YEARS} − ({age} − {FROM_AGE}))")


def _income(book: Book, victim: Victim) -> Fraction | None:
    standard = book.standard_of(victim)
    return book.standard(f"{standard}_income") if standard else None


def coefficient(book: Book, victim: Victim) -> Worked | None:
    """Loss of working ability by the grades: the highest, plus the place's addition for each further one."""
    found = victim.items.disability
    if found is None:
        return None
    if found.coefficient is not None:
        return found.coefficient, same(figure(found.coefficient))
    if not found.grades:
        book.need(f"victims.{victim.id}.items.disability.grades")
        return None
    base = Fraction(11 - found.grades[0], 10)
    further = found.grades[1:]
    if not further or base == 1:
        return base, same(figure(base))
    extra = book.case.switches.grade_extra
    if extra is None:
        book.need(f"switches.grade_extra for {book.case.place or '?'}")
        return None
    lacking = [grade for grade in further if grade not in extra]
    for grade in lacking:
        book.need(f"switches.grade_extra.{grade} for {book.case.place or '?'}")
    if lacking:
        return None
    added = sum((extra[grade] for grade in further), Fraction(0))
    kept = min(added, EXTRA_MOST)
    text = " + ".join(figure(one) for one in (base, *(extra[grade] for grade in further)))
    if kept < added:
        text = f"{figure(base)} + {figure(kept)}"
    total = min(base + kept, Fraction(1))
    return total, same(f"({text})" if total == base + kept else "1")


def disability(book: Book, victim: Victim) -> Worked | None:
    """Income × years × coefficient. 法释〔2022〕14号第12条。"""
    given = victim.items.disability
    income, degree = _income(book, victim), coefficient(book, victim)
    years = _years(book, victim, given.years if given else None)
    if income is None or degree is None or years is None:
        return None
    formula = Said(
        f"{figure(income)} × {years[1].zh} × {degree[1].zh}", f"{figure(income)} × {years[1].en} × {degree[1].en}"
    )
    return by_mode(income * years[0] * degree[0], mode(book, "disability")), formula


def death(book: Book, victim: Victim) -> Worked | None:
    """Income × years. 法释〔2022〕14号第15条。"""
    income, years = _income(book, victim), _years(book, victim, victim.items.death_years)
    if income is None or years is None:
        return None
    formula = Said(f"{figure(income)} × {years[1].zh}", f"{figure(income)} × {years[1].en}")
    return by_mode(income * years[0], mode(book, "death")), formula


def funeral(book: Book) -> Worked | None:
    """Six months of the average wage. 法释〔2022〕14号第14条。"""
    wage = book.standard("average_wage")
    return None if wage is None else (by_mode(wage / 2, mode(book, "funeral")), same(f"{figure(wage)} ÷ 12 × 6"))


def aids(book: Book, victim: Victim) -> Worked | None:
    """Price × how often it is replaced (a begun period counts whole), and upkeep a year. 法释〔2022〕14号第13条。"""
    total, texts = Fraction(0), []
    for n, aid in enumerate(victim.items.aids):
        path = f"victims.{victim.id}.items.aids.{n}"
        if aid.years is None:
            book.need(f"{path}.years")
        if aid.every is None:
            book.need(f"{path}.every_years")
        if aid.years is None or aid.every is None:
            continue
        amount, text = _aid(aid, aid.years, aid.every)
        total += amount
        texts.append(same(text))
    if len(texts) < len(victim.items.aids):
        return None
    return by_mode(total, mode(book, "aids")), joined(texts, " + ")


def _aid(aid: Aid, years: Fraction, every: Fraction) -> tuple[Fraction, str]:
    times = ceil(years / every)
    amount, text = aid.price * times, f"{figure(aid.price)} × {times} ({figure(years)} ÷ {figure(every)})"
    if aid.upkeep:
        amount += aid.price * aid.upkeep * years
        text += f" + {figure(aid.price)} × {figure(aid.upkeep)} × {figure(years)}"
    return amount, text


class Kept:
    """One dependant ready to be counted."""

    def __init__(self, years: Fraction, supporters: Fraction, degree: Fraction, consumption: Fraction) -> None:
        self.years, self.supporters, self.degree, self.consumption = years, supporters, degree, consumption

    @property
    def yearly(self) -> Fraction:
        return self.consumption * self.degree / self.supporters

    def text(self) -> str:
        rate = figure(self.consumption) + (f" × {figure(self.degree)}" if self.degree != 1 else "")
        return rate + (f" ÷ {figure(self.supporters)}" if self.supporters != 1 else "")


def _degree(book: Book, victim: Victim, one: Dependant, path: str) -> Fraction | None:
    """Loss of working ability: as given, 1 at death, else the disability's."""
    if one.coefficient is not None:
        return one.coefficient
    if victim.items.died:
        return Fraction(1)
    if victim.items.coefficient is not None:
        return victim.items.coefficient
    if victim.items.disability is None:
        book.need(f"{path}.coefficient")
        return None
    found = coefficient(book, victim)
    return found[0] if found else None


def _ready(book: Book, victim: Victim) -> list[Kept] | None:
    ready: list[Kept] = []
    for n, one in enumerate(victim.items.dependants):
        path = f"victims.{victim.id}.items.dependants.{n}"
        if one.years is None:
            book.need(f"{path}.years")
        if one.supporters is None:
            book.need(f"{path}.supporters")
        degree, standard = _degree(book, victim, one, path), book.standard_of(victim, one.standard)
        consumption = book.standard(f"{standard}_consumption") if standard else None
        if one.years is not None and one.supporters is not None and degree is not None and consumption is not None:
            ready.append(Kept(one.years, one.supporters, degree, consumption))
    return ready if len(ready) == len(victim.items.dependants) else None


def dependants(book: Book, victim: Victim) -> Worked | None:
    """Living costs of those the victim kept: at most one year's consumption a year over all. 法释〔2022〕14号第16、17条。

    Where the cap binds in no year each is rounded and then added; where it does, the whole is counted by spans and rounded once.
    The cap is the largest consumption figure among those who are kept in that span.
    """
    ready = _ready(book, victim)
    if not ready:
        return None
    rounding = mode(book, "dependants")
    total, begun, bound, texts = Fraction(0), Fraction(0), False, []
    for end in sorted({one.years for one in ready if one.years}):
        now = [one for one in ready if one.years >= end]
        each, most = sum((one.yearly for one in now), Fraction(0)), max(one.consumption for one in now)
        total += min(each, most) * (end - begun)
        bound = bound or each > most
        if each > most:
            text = f"{figure(most)} × {figure(end - begun)}"
        else:
            added = " + ".join(one.text() for one in now)
            text = f"({added}) × {figure(end - begun)}"
        texts.append(text)
        begun = end
    if bound:
        note = Said("（按年封顶）", " (capped a year)")
        plain = " + ".join(texts)
        return by_mode(total, rounding), Said(plain + note.zh, plain + note.en)
    amounts = [by_mode(one.yearly * one.years, rounding) for one in ready]
    text = " + ".join(f"{one.text()} × {figure(one.years)}" for one in ready)
    if len(ready) > 1:
        text += " = " + " + ".join(money(amount) for amount in amounts)
    return sum(amounts, Fraction(0)), same(text)
