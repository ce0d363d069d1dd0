"""Step 8: what was advanced comes off last, and what really moves is netted per pair. Nothing of it changes the payments.

道路交通事故社会救助基金 and anybody else may have advanced; an insurer's own advance comes off what it owes.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from minan.lib.damages.book import Book
from minan.lib.damages.case import Advance, Case, Victim
from minan.lib.damages.liable import Payment
from minan.lib.damages.said import Said, money

ZERO = Fraction(0)
REFUND = Said("垫付款返还", "refund of advance")


@dataclass(frozen=True)
class Transfer:
    """Money that moves. `why` is empty for what is simply owed."""

    paid_by: str
    to: str
    amount: Fraction
    why: Said | None = None


@dataclass
class Owed:
    """What one payer still owes one victim. `insurer`: may also pay another's advance back."""

    paid_by: str
    insurer: bool
    amount: Fraction


def insurers_of(case: Case) -> set[str]:
    found = {policy.insurer for vehicle in case.vehicles for policy in vehicle.commercial}
    return found | {vehicle.compulsory.insurer for vehicle in case.vehicles if vehicle.compulsory}


def transfers(book: Book, payments: list[Payment]) -> list[Transfer]:
    """What moves for every victim, advances taken off, netted per pair."""
    found: list[Transfer] = []
    for n, victim in enumerate(book.case.victims):
        mine = [line for line in payments if line.victim == n and line.payer != "self"]
        found += _of_victim(book, victim, mine)
    return _netted(found)


def _of_victim(book: Book, victim: Victim, lines: list[Payment]) -> list[Transfer]:
    owed: list[Owed] = []
    for line in lines:
        if line.paid_by in victim.released:
            book.warn(
                f"{victim.id} 未起诉或已与 {line.paid_by} 了结：其应付 {money(line.amount)} 不再转账",
                f"{victim.id} did not sue or has settled with {line.paid_by}: {money(line.amount)} of theirs is not transferred",
            )
        else:
            owed.append(Owed(line.paid_by, not line.payer.startswith("person:"), line.amount))
    back: list[Transfer] = []
    for advance in victim.advances:
        back += _take_off(book, victim, advance, owed)
    return [Transfer(one.paid_by, victim.id, one.amount) for one in owed if one.amount] + back


def _off(owed: list[Owed], amount: Fraction) -> list[tuple[Owed, Fraction]]:
    """Take up to `amount` off these debts in their order: compulsory insurance stands before commercial."""
    taken = []
    for one in owed:
        part = min(one.amount, amount)
        if part:
            one.amount -= part
            amount -= part
            taken.append((one, part))
    return taken


def _sum(taken: list[tuple[Owed, Fraction]]) -> Fraction:
    return sum((part for _, part in taken), ZERO)


def _take_off(book: Book, victim: Victim, advance: Advance, owed: list[Owed]) -> list[Transfer]:
    own = [one for one in owed if one.paid_by == advance.by]
    how = advance.how or book.case.switches.advances
    if advance.by in insurers_of(book.case):
        how = "off_debt"
    insurers = [one for one in owed if one.insurer]
    if advance.through:
        insurers = [one for one in insurers if one.paid_by == advance.through]
    if how == "separate":
        left = advance.amount - _sum(_off(insurers, advance.amount))
        left -= _sum(_off(own, left))
        _open(book, victim, advance, left)
        return []
    left = advance.amount - _sum(_off(own, advance.amount))
    if how == "off_debt":
        _open(book, victim, advance, left)
        return []
    back: list[Transfer] = []
    if how == "refund_by_insurer":
        for one, part in _off(insurers, left):
            back.append(Transfer(one.paid_by, advance.by, part, REFUND))
            left -= part
        if left:
            book.warn(
                f"保险公司应付的不够返还 {advance.by} 的垫付款，其余 {money(left)} 由 {victim.id} 返还",
                f"what insurers owe does not cover the advance of {advance.by}; the remaining {money(left)} is refunded by {victim.id}",
            )
    return back + ([Transfer(victim.id, advance.by, left, REFUND)] if left else [])


def _open(book: Book, victim: Victim, advance: Advance, left: Fraction) -> None:
    if left:
        book.warn(
            f"{advance.by} 为 {victim.id} 垫付的 {money(advance.amount)} 中有 {money(left)} 超出可抵的部分，这里没有处理，需另行约定返还",
            f"{money(left)} of the {money(advance.amount)} that {advance.by} advanced to {victim.id} is more than can be set off; "
            "it is not settled here",
        )


def _netted(found: list[Transfer]) -> list[Transfer]:
    """One line a pair, in the direction that remains; the order of their first appearance."""
    sums: dict[tuple[str, str], Fraction] = {}
    whys: dict[tuple[str, str], Said | None] = {}
    for one in found:
        pair, way = (one.paid_by, one.to), Fraction(1)
        if (one.to, one.paid_by) in sums:
            pair, way = (one.to, one.paid_by), Fraction(-1)
        sums[pair] = sums.get(pair, ZERO) + way * one.amount
        whys.setdefault((one.paid_by, one.to), one.why)
    net = []
    for (giver, taker), amount in sums.items():
        if amount > 0 and giver != taker:
            net.append(Transfer(giver, taker, amount, whys.get((giver, taker))))
        elif amount < 0 and giver != taker:
            net.append(Transfer(taker, giver, -amount, whys.get((taker, giver))))
    return net
