"""Steps 4 to 7: what is left is borne by share: commercial insurance of each vehicle first, then its person, then the victim.

民法典第1208、1213条；道路交通安全法第76条. Every victim's payments add up to the total, to the cent.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from minan.lib.damages.awards import Award
from minan.lib.damages.book import Book
from minan.lib.damages.case import Case, Vehicle, Victim
from minan.lib.damages.rest import Rest
from minan.lib.damages.rounding import CENT, apportion, down, payer_by_mode
from minan.lib.damages.said import Said, figure, money, same, spoken
from minan.lib.damages.sharing import Shares, own_of

ZERO, ONE = Fraction(0), Fraction(1)
Slot = tuple[int, str, int]  # victim, vehicle, number of the policy


@dataclass(frozen=True)
class Part:
    """What one vehicle's side bears of one victim's rest: `shared` × `share` + `full` × `of_full`."""

    victim: int
    vehicle: Vehicle
    share: Fraction
    of_full: Fraction
    amount: Fraction


@dataclass(frozen=True)
class Payment:
    """One line before lines of the same payer are added. `paid_by` is the person or insurer whose money it is."""

    victim: int
    payer: str
    paid_by: str
    amount: Fraction
    formula: Said


def person_of(case: Case, vehicle: Vehicle) -> str:
    """Who answers for a vehicle: as said, else the driver, else the owner, else the victim who drove it, else itself."""
    drove = next((one.id for one in case.victims if one.within == vehicle.id and one.driver is not False), "")
    return vehicle.liable or vehicle.driver or vehicle.owner or drove or vehicle.id


def parts_of(book: Book, victim: int, award: Award, rest: Rest, shares: Shares) -> list[Part]:
    """Each side's part, rounded once; where the victim has no share of their own the parts make the whole, to the cent."""
    case = book.case
    own, is_own = own_of(case, award.victim, shares)
    sides = [vehicle for vehicle in case.vehicles if vehicle.id != is_own and shares[vehicle.id]]
    others = sum((shares[vehicle.id] for vehicle in sides), ZERO)
    of_full = [shares[vehicle.id] / others for vehicle in sides]
    exact = [shares[one.id] * rest.shared + part * rest.full for one, part in zip(sides, of_full, strict=True)]
    mode = case.switches.rounding["default"]
    found = [payer_by_mode(one, mode) for one in exact]
    over = sum(found, ZERO) - rest.whole
    if own == 0 and sides:
        found = apportion(rest.whole, exact) if len(sides) > 1 and over else [*found[:-1], found[-1] - over]
    while over > 0 and own:  # halves rounded up beside a very small share of one's own
        most = max(range(len(found)), key=lambda n: (found[n] - exact[n], -n))
        off = min(over, found[most])
        found[most] -= off
        over -= off
    return [
        Part(victim, vehicle, shares[vehicle.id], of, amount)
        for vehicle, of, amount in zip(sides, of_full, found, strict=True)
    ]


def _weights(vehicle: Vehicle) -> list[Fraction]:
    """Policies of one vehicle stand in proportion to their limits; one without a binding limit takes all there is."""
    limits = [policy.limit for policy in vehicle.commercial]
    if any(limit is None for limit in limits):
        n = sum(1 for limit in limits if limit is None)
        return [Fraction(1, n) if limit is None else ZERO for limit in limits]
    whole = sum((limit for limit in limits if limit is not None), ZERO)
    return [limit / whole if whole and limit is not None else ZERO for limit in limits]


def _asked(part: Part, rest: Rest) -> list[Fraction]:
    """What each policy of a part's vehicle would pay if no limit bound: covered × share × (1 − deductible)."""
    found = []
    for policy, weight in zip(part.vehicle.commercial, _weights(part.vehicle), strict=True):
        shared, full = rest.covered(policy)
        found.append((part.share * shared + part.of_full * full) * weight * (ONE - policy.deductible))
    return found


def serves(part: Part, victim: Victim) -> bool:
    """Commercial cover pays nothing when barred, and never for who was in the vehicle."""
    return bool(part.vehicle.commercial) and not part.vehicle.bar and part.vehicle.id != victim.within


def commercial(book: Book, awards: list[Award], rests: list[Rest], parts: list[Part]) -> dict[Slot, Fraction] | None:
    """What each policy pays each victim; None where a limit is needed and missing."""
    mode, before = book.case.switches.rounding["default"], book.asked
    wanted: dict[Slot, Fraction] = {}
    for part in parts:
        if not serves(part, awards[part.victim].victim):
            continue
        exact = _asked(part, rests[part.victim])
        total = min(payer_by_mode(sum(exact, ZERO), mode), part.amount)
        for n, amount in enumerate(apportion(total, exact)):
            if amount:
                wanted[part.victim, part.vehicle.id, n] = amount
    paid: dict[Slot, Fraction] = {}
    for vehicle in book.case.vehicles:
        for n, policy in enumerate(vehicle.commercial):
            slots = [slot for slot in wanted if slot[1:] == (vehicle.id, n)]
            asked = [wanted[slot] for slot in slots]
            if not slots:
                continue
            if policy.limit is None:
                _unbound(book, vehicle, n)
                paid |= dict(zip(slots, asked, strict=True))
                continue
            room = max(down(policy.limit * (ONE - policy.deductible) - policy.used), ZERO)
            if sum(asked, ZERO) > room:
                asked = apportion(room, asked)
            paid |= dict(zip(slots, asked, strict=True))
    return paid if book.asked == before else None


def _unbound(book: Book, vehicle: Vehicle, n: int) -> None:
    policy = vehicle.commercial[n]
    if not policy.limit_given:
        book.need(f"vehicles.{vehicle.id}.commercial.{n}.limit")
    book.warn(
        f"{vehicle.id} 在 {policy.insurer} 的商业险没有给限额，按不受限额约束计算",
        f"the commercial limit of {vehicle.id} with {policy.insurer} is not given; counted as not binding",
    )


def settle(book: Book, awards: list[Award], rests: list[Rest], shares: Shares) -> list[Payment] | None:
    """All lines after compulsory insurance but for what the victims bear themselves; None where a figure is missing."""
    case = book.case
    parts = [
        part
        for v, (award, rest) in enumerate(zip(awards, rests, strict=True))
        for part in parts_of(book, v, award, rest, shares)
    ]
    covered = commercial(book, awards, rests, parts)
    if covered is None:
        return None
    lines: list[Payment] = []
    persons: list[Payment] = []
    for part in parts:
        paid = ZERO
        for n, policy in enumerate(part.vehicle.commercial):
            amount = covered.get((part.victim, part.vehicle.id, n), ZERO)
            paid += amount
            if amount:
                payer = f"commercial:{part.vehicle.id}:{policy.insurer}"
                said = _covered(part, rests[part.victim], n, amount)
                lines.append(Payment(part.victim, payer, policy.insurer, amount, said))
        person = person_of(case, part.vehicle)
        own = part.amount - paid
        if own and person != awards[part.victim].victim.id:
            persons.append(
                Payment(part.victim, f"person:{person}", person, own, _personal(book, part, rests[part.victim], paid))
            )
    _bars(book, parts)
    return lines + persons


def _bars(book: Book, parts: list[Part]) -> None:
    for vehicle in book.case.vehicles:
        if vehicle.bar and vehicle.commercial and any(part.vehicle.id == vehicle.id and part.amount for part in parts):
            book.warn(
                f"{vehicle.id} 有 {spoken(vehicle.bar).zh} 情形，商业险不赔，由责任人承担",
                f"bar on {vehicle.id} ({spoken(vehicle.bar).en}): its commercial cover pays nothing, the person does",
            )


def _covered(part: Part, rest: Rest, n: int, amount: Fraction) -> Said:
    policy = part.vehicle.commercial[n]
    shared, full = rest.covered(policy)
    text = _borne(part, shared, full)
    weight = _weights(part.vehicle)[n]
    if weight != 1 and policy.limit is not None:
        whole = sum((one.limit for one in part.vehicle.commercial if one.limit is not None), ZERO)
        text = f"({text}) × {figure(policy.limit)} ÷ {figure(whole)}"
    if policy.deductible:
        text = f"({text}) × (1 − {figure(policy.deductible)})"
    exact = (part.share * shared + part.of_full * full) * weight * (ONE - policy.deductible)
    if abs(exact - amount) < CENT or policy.limit is None:
        return same(text)
    limit = figure(policy.limit) + (f" × (1 − {figure(policy.deductible)})" if policy.deductible else "")
    limit += f" − {figure(policy.used)}" if policy.used else ""
    return Said(
        f"{text} 超过限额所余 {limit}，付 {money(amount)}",
        f"{text} is over what the limit leaves, {limit}: {money(amount)}",
    )


def _borne(part: Part, shared: Fraction, full: Fraction) -> str:
    text = figure(shared) + (f" × {figure(part.share)}" if part.share != 1 else "") if shared or not full else ""
    if full:
        text += (" + " if text else "") + figure(full) + (f" × {figure(part.of_full)}" if part.of_full != 1 else "")
    return text


def _personal(book: Book, part: Part, rest: Rest, paid: Fraction) -> Said:
    text = _borne(part, rest.shared, rest.full) + (f" − {figure(paid)}" if paid else "")
    jointly = "、".join(part.vehicle.jointly)
    if not jointly:
        return same(text)
    person = person_of(book.case, part.vehicle)
    book.warn(f"{person} 的这部分由 {jointly} 承担连带责任", f"{jointly} is jointly liable for the part of {person}")
    return Said(f"{text}（与 {jointly} 连带）", f"{text} (jointly with {jointly})")
