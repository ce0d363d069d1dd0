"""Step 1 and 2: what each victim lost, item by item, each with formula, article and heading. 民法典第1179–1184条。"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from minan.lib.damages import awards_life, laws
from minan.lib.damages.awards_life import Worked
from minan.lib.damages.book import Book
from minan.lib.damages.case import COMMERCIAL, DEATH, ITEMS, MEDICAL, OUTSIDE, OUTSIDE_FULL, PROPERTY, Entry, Victim
from minan.lib.damages.rounding import CENT, by_mode, half_up
from minan.lib.damages.said import Said, figure, joined, money, same

HEAD_OF = {
    "medical": MEDICAL, "later_treatment": MEDICAL, "meals": MEDICAL, "nutrition": MEDICAL, "lost_income": DEATH, "nursing": DEATH,
    "transport": DEATH, "lodging": DEATH, "disability": DEATH, "death": DEATH, "funeral": DEATH, "dependants": DEATH, "aids": DEATH,
    "family_cost": DEATH, "mental": DEATH, "property": PROPERTY,
}  # fmt: skip
APPRAISAL = {"outside": OUTSIDE, "disability": DEATH, "commercial": COMMERCIAL, "full": OUTSIDE_FULL}


@dataclass(frozen=True)
class Line:
    """One item awarded. `head` is the heading it is paid under."""

    item: str
    head: str
    amount: Fraction
    formula: Said
    law: Said


@dataclass(frozen=True)
class Award:
    """All of one victim. `whole`: nothing needed was missing, so the total stands."""

    victim: Victim
    lines: tuple[Line, ...]
    whole: bool

    def under(self, head: str) -> Fraction:
        return sum((line.amount for line in self.lines if line.head == head), Fraction(0))

    def of(self, item: str) -> Fraction:
        return sum((line.amount for line in self.lines if line.item == item), Fraction(0))

    @property
    def total(self) -> Fraction:
        return sum((line.amount for line in self.lines), Fraction(0))


def award(book: Book, victim: Victim) -> Award:
    """Every item of one victim, in the order of the contract; what lacks a figure is left out and named under missing."""
    before = book.asked
    lines: list[Line] = []
    for item in ITEMS:
        lines += _lines(book, victim, item)
    lines = _capped_lists(victim, lines)
    for name in victim.claims:
        if not any(line.item == name or line.item.partition(":")[0] == name for line in lines):
            book.warn(
                f"{victim.id} 诉请了 {name}，但没有这一项损失", f"{victim.id} claims {name}, but no such item is given"
            )
    return Award(victim, tuple(lines), book.asked == before)


def _lines(book: Book, victim: Victim, item: str) -> list[Line]:
    if item in ("other", "property") and item not in victim.items.plain:
        named = victim.items.other if item == "other" else victim.items.goods
        return [
            _line(book, victim, f"{item}:{one.what}", one.head, (one.amount, same(money(one.amount)))) for one in named
        ]
    worked = _worked(book, victim, item)
    if worked is None:
        return []
    head = HEAD_OF.get(item, "")
    if item == "appraisal":
        if book.case.switches.appraisal == "costs":
            book.warn(
                f"{victim.id} 的鉴定费 {money(worked[0])} 不计入，随诉讼费用由法院决定",
                f"{victim.id}: the appraisal fee {money(worked[0])} is left out; it goes with the court's costs",
            )
            return []
        head = APPRAISAL[book.case.switches.appraisal]
    return [_line(book, victim, item, head, worked)]


def _line(book: Book, victim: Victim, item: str, head: str, worked: Worked) -> Line:
    amount, formula = worked
    claim = victim.claims.get(item)
    if claim is not None and claim < amount:
        formula = Said(
            f"{formula.zh} = {money(amount)}，诉请 {money(claim)}",
            f"{formula.en} = {money(amount)}, claimed {money(claim)}",
        )
        amount = claim
    return Line(item, head, amount, formula, laws.of_item(item, book.case.accident, book.case.as_of))


def _capped_lists(victim: Victim, lines: list[Line]) -> list[Line]:
    """A claim for all of `other` or `property` caps their sum, from the last line backwards."""
    found = list(lines)
    for name in ("other", "property"):
        claim = victim.claims.get(name)
        of = [n for n, line in enumerate(found) if line.item.startswith(f"{name}:")]
        over = sum((found[n].amount for n in of), Fraction(0)) - claim if claim is not None else Fraction(0)
        for n in reversed(of):
            off = min(found[n].amount, max(over, Fraction(0)))
            if off:
                line, left = found[n], found[n].amount - off
                formula = Said(
                    f"{line.formula.zh}，诉请止于 {money(left)}", f"{line.formula.en}, claimed up to {money(left)}"
                )
                found[n] = Line(line.item, line.head, left, formula, line.law)
                over -= off
    return found


def _worked(book: Book, victim: Victim, item: str) -> Worked | None:
    """Amount and formula of one item before its claim; None where it was not asked for or something is missing."""
    items = victim.items
    if item in items.plain:
        return _plain(book, victim, item)
    if item in items.entries:
        return _entries(book, victim, item, items.entries[item])
    if item == "disability" and items.disability is not None:
        return awards_life.disability(book, victim)
    if item == "death" and items.death:
        return awards_life.death(book, victim)
    if item == "funeral" and items.funeral:
        return awards_life.funeral(book)
    if item == "dependants" and items.dependants:
        return awards_life.dependants(book, victim)
    if item == "aids" and items.aids:
        return awards_life.aids(book, victim)
    return None


def _plain(book: Book, victim: Victim, item: str) -> Worked | None:
    amount = victim.items.plain[item]
    off = victim.items.reimbursed
    if item == "medical" and off and book.case.switches.reimbursed == "deduct":
        return max(amount - off, Fraction(0)), same(f"{money(amount)} − {money(off)}")
    return (amount, same(money(amount))) if amount else None


def _entries(book: Book, victim: Victim, item: str, entries: tuple[Entry, ...]) -> Worked | None:
    """Days or months × a rate, all entries together rounded once. 法释〔2022〕14号第7、8、10、11条。"""
    mode = awards_life.mode(book, item)
    done = []
    for n, entry in enumerate(entries):
        path = f"victims.{victim.id}.items.{item}" + (f".{n}" if len(entries) > 1 else "")
        if entry.count is None:
            book.need(f"{path}.{entry.per}")
        if entry.amount is None:
            book.need(f"{path}.{'daily' if entry.per == 'days' else 'monthly'}")
        if entry.count is not None and entry.amount is not None:
            done.append(_entry(entry.count, entry.amount, entry, mode, book.case.switches.day_base))
    if len(done) < len(entries) or not done:
        return None
    return by_mode(sum((amount for amount, _ in done), Fraction(0)), mode), joined([said for _, said in done], " + ")


def _entry(count: Fraction, amount: Fraction, entry: Entry, mode: str, base: int) -> Worked:
    if entry.rate == "yearly" and entry.per == "days":
        rate, written = amount / base, f"{figure(amount)} ÷ {base}"
        if mode in ("daily_wage_cents", "daily_wage_yuan"):
            rate = half_up(rate, CENT if mode == "daily_wage_cents" else Fraction(1))
            written = f"{figure(rate)} ({written})"
    elif entry.rate == "yearly":
        rate, written = amount / 12, f"{figure(amount)} ÷ 12"
    else:
        rate, written = amount, figure(amount)
    text = f"{figure(count)} × {written}"
    for factor in (entry.carers, entry.dependence):
        if factor != 1:
            text += f" × {figure(factor)}"
    return count * rate * entry.carers * entry.dependence, same(text)
