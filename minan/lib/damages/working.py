"""From a case to everything the contract asks for, in its order of eight steps. Exact until it is written down."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from minan.lib.damages import advances, compulsory, liable, sharing
from minan.lib.damages.advances import Transfer
from minan.lib.damages.awards import Award, award
from minan.lib.damages.book import Book
from minan.lib.damages.case import Case
from minan.lib.damages.liable import Payment
from minan.lib.damages.rest import rest_of
from minan.lib.damages.said import figure, joined, money, same
from minan.lib.damages.sharing import Shares

ZERO = Fraction(0)


@dataclass
class Settled:
    """Who pays what at one set of shares."""

    shares: Shares
    payments: list[Payment]
    transfers: list[Transfer]


@dataclass
class Result:
    """A case worked out. `ends` holds both ends where a table gives a range and no share was fixed."""

    case: Case
    book: Book
    awards: list[Award]
    settled: Settled | None = None
    ends: list[Settled] = field(default_factory=list)


def work(case: Case) -> Result:
    """Everything that can be worked out. Raises Refused where the shares given do not add up to one."""
    book = Book(case)
    awards = [award(book, victim) for victim in case.victims]
    result = Result(case, book, awards)
    found = sharing.find(case)
    policies = compulsory.policies(book, awards)  # asked in any case: all that is missing is named at once
    if policies is None or not all(one.whole for one in awards):
        return result
    paid = compulsory.pay(book, awards, policies)
    first = [
        Payment(v, policy.payer, policy.paid_by, amount, said)
        for v, policy, amount, said in paid.lines
        if policy.paid_by != awards[v].victim.id
    ]
    rests = [rest_of(one, case.switches, paid, n) for n, one in enumerate(awards)]
    if not any(rest.whole for rest in rests):
        result.settled = _settled(result, first, {})
        return result
    sharing.note(book, found)
    unsure = [victim.id for victim in case.victims if sharing.is_driver(case, victim) is None]
    for name in unsure:
        book.need(f"victims.{name}.driver")
    if found.lacking or unsure:
        return result
    both = []
    for shares in (found.low, found.high) if found.low != found.high else (found.low,):
        more = liable.settle(book, awards, rests, shares)
        if more is None:
            return result
        both.append(_settled(result, first + more, shares))
    if len(both) == 1:
        result.settled = both[0]
    else:
        result.ends = both
    return result


def _settled(result: Result, lines: list[Payment], shares: Shares) -> Settled:
    """Lines of the same payer are added together; the victim bears the rest; then the advances."""
    payments: list[Payment] = []
    for n, one in enumerate(result.awards):
        mine = _added([line for line in lines if line.victim == n])
        own = one.total - sum((line.amount for line in mine), ZERO)
        if own:
            text = " − ".join(money(amount) for amount in (one.total, *(line.amount for line in mine)))
            mine.append(Payment(n, "self", one.victim.id, own, same(text)))
        payments += mine
    return Settled(shares, payments, advances.transfers(result.book, payments))


def _added(lines: list[Payment]) -> list[Payment]:
    found: dict[str, list[Payment]] = {}
    for line in lines:
        found.setdefault(line.payer, []).append(line)
    order = sorted(found, key=lambda payer: ("compulsory", "commercial", "person").index(payer.partition(":")[0]))
    return [
        Payment(
            same_payer[0].victim, payer, same_payer[0].paid_by, sum((line.amount for line in same_payer), ZERO),
            joined([line.formula for line in same_payer], " + "),
        )
        for payer in order
        for same_payer in [found[payer]]
    ]  # fmt: skip


def written(result: Result, lang: str) -> dict[str, Any]:
    """The JSON of the contract."""
    return {
        "victims": [_victim(one, lang) for one in result.awards],
        "payments": _payments(result, result.settled, lang),
        "transfers": _transfers(result.settled, lang),
        "range": _range(result, lang),
        "warnings": [said.into(lang) for said in result.book.warnings],
        "missing": list(result.book.missing),
    }


def _victim(one: Award, lang: str) -> dict[str, Any]:
    items = [
        {
            "item": line.item, "head": line.head, "amount": money(line.amount), "formula": line.formula.into(lang),
            "law": line.law.into(lang),
        }
        for line in one.lines
    ]  # fmt: skip
    return {"id": one.victim.id, "total": money(one.total) if one.whole else None, "items": items}


def _payments(result: Result, settled: Settled | None, lang: str) -> list[dict[str, str]]:
    return [
        {
            "victim": result.awards[line.victim].victim.id, "payer": line.payer, "amount": money(line.amount),
            "formula": line.formula.into(lang),
        }
        for line in (settled.payments if settled else [])
    ]  # fmt: skip


def _transfers(settled: Settled | None, lang: str) -> list[dict[str, str]]:
    return [
        {"from": one.paid_by, "to": one.to, "amount": money(one.amount)}
        | ({"why": one.why.into(lang)} if one.why else {})
        for one in (settled.transfers if settled else [])
    ]


def _range(result: Result, lang: str) -> dict[str, Any] | None:
    if not result.ends:
        return None
    low, high = (
        {
            "shares": {name: figure(share) for name, share in end.shares.items()},
            "payments": _payments(result, end, lang),
            "transfers": _transfers(end, lang),
        }
        for end in result.ends
    )
    return {"low": low, "high": high}
