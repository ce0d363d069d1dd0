"""Step 3: what compulsory insurance pays, heading by heading, without regard to shares.

交强险条例第21–23条；民法典第1213条；法释〔2020〕18号第13、15、16、18、19条. Never the vehicle a victim is in; a motor vehicle without it: its
owner, else its driver, pays as if.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from minan.lib.damages import tables
from minan.lib.damages.awards import Award
from minan.lib.damages.book import Book
from minan.lib.damages.case import DEATH, HEADINGS, LUMP, MEDICAL, PROPERTY, Vehicle
from minan.lib.damages.rounding import CENT, down
from minan.lib.damages.said import Said, figure, joined, money, spoken

ZERO = Fraction(0)
HEAD_WORDS = {
    MEDICAL: Said("医疗费用", "medical"), DEATH: Said("死亡伤残", "death and disability"), PROPERTY: Said("财产", "property"),
    LUMP: Said("合计", "in one sum"),
}  # fmt: skip
Cells = dict[tuple[int, int], Fraction]  # (victim, policy) → yuan


@dataclass(frozen=True)
class Policy:
    """A compulsory policy, or the duty to pay as if there were one. `left` by heading (or LUMP), what can still be paid."""

    vehicle: Vehicle
    payer: str
    paid_by: str
    as_if: bool
    left: dict[str, Fraction]


@dataclass
class Paid:
    """What was paid to each victim: by heading, and line by line as (victim, policy, amount, formula)."""

    by_head: dict[tuple[int, str], Fraction] = field(default_factory=dict)
    lines: list[tuple[int, Policy, Fraction, Said]] = field(default_factory=list)

    def of(self, victim: int, *heads: str) -> Fraction:
        return sum((self.by_head.get((victim, head), ZERO) for head in heads), ZERO)


def policies(book: Book, awards: list[Award]) -> list[Policy] | None:
    """Every policy that serves somebody here; None where its limits or its being there are needed and missing."""
    found, before = [], book.asked
    for vehicle in book.case.vehicles:
        outside = [award for award in awards if award.victim.within != vehicle.id and award.total]
        if not outside or (vehicle.kind != "motor" and vehicle.compulsory is None):
            continue
        if vehicle.insured == "unsaid":
            book.need(f"vehicles.{vehicle.id}.compulsory")
            continue
        limits = _limits(book, vehicle)
        if limits is not None:
            found.append(_policy(book, vehicle, limits))
    return found if book.asked == before else None


def _faulty(book: Book, vehicle: Vehicle) -> bool | None:
    if vehicle.responsibility:
        return vehicle.responsibility != "none"
    return None if vehicle.share is None else vehicle.share > 0


def _limits(book: Book, vehicle: Vehicle) -> dict[str, Fraction] | None:
    """As given, else by the day of the accident; a warning names those that differ from that day's."""
    given = vehicle.compulsory.limits if vehicle.compulsory else {}
    fault = _faulty(book, vehicle)
    accident = book.case.accident
    known = tables.limits(accident, fault=fault) if accident is not None and fault is not None else None
    for head in HEADINGS:
        if known is not None and head in given and given[head] != known[head]:
            book.warn(
                f"{vehicle.id} 的交强险{HEAD_WORDS[head].zh}限额给的是 {money(given[head])}，事故当日应为 {money(known[head])}",
                f"compulsory limit of {vehicle.id}, {HEAD_WORDS[head].en}: {money(given[head])} is given, "
                f"{money(known[head])} holds on the day of the accident",
            )
    if book.case.switches.compulsory == LUMP and given:
        return dict(given)
    if all(head in given for head in HEADINGS):
        return dict(given)
    if fault is None:
        book.need(f"vehicles.{vehicle.id}.responsibility")
    elif accident is None:
        book.need("accident_date")
    elif known is None:
        book.need(f"vehicles.{vehicle.id}.compulsory.limits for {accident.isoformat()}")
    return dict(known) | given if known is not None else None


def _policy(book: Book, vehicle: Vehicle, limits: dict[str, Fraction]) -> Policy:
    used = vehicle.compulsory.used if vehicle.compulsory else {}
    switches = book.case.switches
    barred = vehicle.barred and switches.bar_property == "unpaid"
    if switches.compulsory == LUMP:
        heads = [head for head in limits if not (barred and head == PROPERTY)]
        whole = sum((limits[head] for head in heads), ZERO) - sum((used.get(head, ZERO) for head in heads), ZERO)
        left = {LUMP: max(whole, ZERO)}
    else:
        left = {head: max(limits.get(head, ZERO) - used.get(head, ZERO), ZERO) for head in HEADINGS}
        if barred:
            left[PROPERTY] = ZERO
    _warn(book, vehicle, left, barred)
    if vehicle.compulsory is not None:
        return Policy(vehicle, f"compulsory:{vehicle.id}", vehicle.compulsory.insurer, False, left)
    person = vehicle.owner or vehicle.driver or vehicle.liable or vehicle.id
    return Policy(vehicle, f"person:{person}", person, True, left)


def _warn(book: Book, vehicle: Vehicle, left: dict[str, Fraction], barred: bool) -> None:
    if vehicle.barred:
        book.warn(
            f"{vehicle.id} 的驾驶人有 {spoken(vehicle.bar).zh} 情形：交强险先赔人身损害"
            + ("、不赔财产" if barred else "")
            + "，赔后可向驾驶人追偿（法释〔2020〕18号第15条；交强险条例第22条，引用前请核对）",
            f"bar on {vehicle.id} ({spoken(vehicle.bar).en}): compulsory insurance pays injury"
            + (", not property," if barred else "")
            + " and may recover it from the driver (Fa Shi [2020] No. 18 art. 15; Compulsory "
            "Insurance Regulation art. 22, check before citing)",
        )
    if vehicle.compulsory is None or "fled" in vehicle.bar or not all(left.get(head, ZERO) for head in left):
        book.warn(
            f"{vehicle.id} 未投保、逃逸或限额已用完：抢救费、丧葬费可申请道路交通事故社会救助基金垫付；有保险的可请保险公司先付抢救费",
            f"{vehicle.id} is uninsured, fled, or a limit is used up: the road-accident relief fund can advance rescue and funeral "
            "cost; where there is an insurer, it can be asked for rescue cost early",
        )


def allocate(losses: list[Fraction], left: list[Fraction], serves: Callable[[int, int], bool]) -> Cells:
    """Several victims and several policies under one heading, in whole cents.

    Each victim asks its policies in proportion to what is left of their limits; a policy asked for more than it has pays in proportion
    to what it is asked for; what a victim still lacks it asks of the others. Every round empties a policy or ends.
    """
    need, room = list(losses), list(left)
    exact: Cells = {}
    for _ in range(len(room) + 1):
        asked: Cells = {}
        for v, lack in enumerate(need):
            mine = [p for p in range(len(room)) if serves(v, p) and room[p]]
            sum_of = sum((room[p] for p in mine), ZERO)
            asked |= {(v, p): lack * room[p] / sum_of for p in mine if lack}
        if not asked:
            break
        before = list(room)
        for p in range(len(room)):
            whole = sum((one for (_, q), one in asked.items() if q == p), ZERO)
            part = min(Fraction(1), before[p] / whole) if whole else ZERO
            for v in range(len(need)):
                take = asked.get((v, p), ZERO) * part
                exact[v, p] = exact.get((v, p), ZERO) + take
                need[v] -= take
                room[p] -= take
    return _in_cents(exact, losses, left)


def _in_cents(exact: Cells, losses: list[Fraction], left: list[Fraction]) -> Cells:
    """Largest remainder over all cells, never above a loss or a limit."""
    found = {key: down(one) for key, one in exact.items()}
    over = down(sum(exact.values(), ZERO)) - sum(found.values(), ZERO)
    need, room = list(losses), list(left)
    for (v, p), one in found.items():
        need[v] -= one
        room[p] -= one
    order = list(found)
    order.sort(key=lambda key: found[key] - exact[key])  # stable: ties to the first in the input
    for v, p in order:
        if over >= CENT and need[v] >= CENT and room[p] >= CENT:
            found[v, p] += CENT
            need[v] -= CENT
            room[p] -= CENT
            over -= CENT
    return found


def heads_of(book: Book) -> tuple[str, ...]:
    return (LUMP,) if book.case.switches.compulsory == LUMP else HEADINGS


def loss_of(award: Award, head: str, all_barred: bool) -> Fraction:
    """What one victim lost under a heading; in one sum all three, without property where nobody may pay it."""
    if head != LUMP:
        return award.under(head)
    return sum((award.under(one) for one in HEADINGS if not (all_barred and one == PROPERTY)), ZERO)


def pay(book: Book, awards: list[Award], found: list[Policy]) -> Paid:
    """Everything compulsory insurance pays to everybody."""
    paid = Paid()
    parts: dict[tuple[int, int], list[tuple[Fraction, Said]]] = {}
    unpaid = bool(found) and book.case.switches.bar_property == "unpaid" and all(one.vehicle.barred for one in found)
    for head in heads_of(book):
        losses = [loss_of(award, head, unpaid) for award in awards]
        left = [policy.left.get(head, ZERO) for policy in found]

        def serves(v: int, p: int) -> bool:
            return awards[v].victim.within != found[p].vehicle.id

        cells = allocate(losses, left, serves)
        for (v, p), amount in cells.items():
            if amount:
                paid.by_head[v, head] = paid.of(v, head) + amount
                said = _formula(head, (v, p), losses, left, cells)
                parts.setdefault((v, p), []).append((amount, said))
    for (v, p), done in sorted(parts.items()):
        total = sum((amount for amount, _ in done), ZERO)
        paid.lines.append((v, found[p], total, joined([said for _, said in done], " + ")))
    return paid


def _formula(
    head: str,
    cell: tuple[int, int],
    losses: list[Fraction],
    left: list[Fraction],
    cells: Mapping[tuple[int, int], Fraction],
) -> Said:
    """How one cell can be checked: the loss, the limit, or the proportion it was shared in."""
    v, p = cell
    served = [w for w in range(len(losses)) if cells.get((w, p))]
    payers = [q for q in range(len(left)) if cells.get((v, q))]
    amount, word = cells[cell], HEAD_WORDS[head]
    whole = sum((losses[w] for w in served), ZERO)
    if amount == left[p] != losses[v] and len(payers) == 1:
        loss, limit = figure(losses[v]), figure(left[p])
        return Said(
            f"{word.zh} {limit}（损失 {loss}，限额所余 {limit}）",
            f"{word.en} {limit} (loss {loss}, left of the limit {limit})",
        )
    if amount in (losses[v], left[p]):
        text = figure(amount)
    elif len(payers) == 1 and whole > left[p]:
        text = f"{figure(left[p])} × {figure(losses[v])} ÷ {figure(whole)}"
    elif len(served) == 1:
        text = f"{figure(losses[v])} × {figure(left[p])} ÷ {figure(sum((left[q] for q in payers), ZERO))}"
    else:
        text = figure(amount)
    return Said(f"{word.zh} {text}", f"{word.en} {text}")
