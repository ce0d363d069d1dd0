"""Who bears which share of what compulsory insurance leaves: as fixed, else from the place's table, else asked for.

民法典第1208、1210–1217条；道路交通安全法第76条. A table with two ends gives a range; the mediator chooses.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from minan.lib.damages import tables
from minan.lib.damages.book import Book
from minan.lib.damages.case import Case, Vehicle, Victim
from minan.lib.damages.reader import Problem, Refused
from minan.lib.damages.said import Said, figure

ZERO, ONE = Fraction(0), Fraction(1)
Shares = dict[str, Fraction]  # vehicle → share


@dataclass(frozen=True)
class Found:
    """`low` and `high` are the same where one share holds; both empty where some are missing (`lacking`, by vehicle)."""

    low: Shares
    high: Shares
    lacking: tuple[str, ...] = ()
    source: str = ""


def is_driver(case: Case, victim: Victim) -> bool | None:
    """Whether the victim's own fault counts; None where it cannot be told."""
    if victim.driver is not None:
        return victim.driver
    vehicle = case.vehicle(victim.within)
    if vehicle is None:
        return False if not victim.within else None
    if vehicle.kind == "pedestrian" or vehicle.driver == victim.id:
        return True
    return False if vehicle.driver else None


def find(case: Case) -> Found:
    """The shares of this case. Raises Refused where those given do not add up to one."""
    given = {vehicle.id: vehicle.share for vehicle in case.vehicles if vehicle.share is not None}
    for victim in case.victims:
        if victim.own_share is not None and victim.within and victim.within not in given and is_driver(case, victim):
            given[victim.within] = victim.own_share
    lacking = [vehicle.id for vehicle in case.vehicles if vehicle.id not in given]
    if not lacking:
        check(case, given)
        return Found(given, given)
    if given and len(lacking) == 1:  # what is left of the whole is no guess
        apart = {victim.own_share for victim in case.victims if victim.own_share and not is_driver(case, victim)}
        rest = ONE - sum(given.values(), ZERO) - sum(apart, ZERO) if len(apart) < 2 else -ONE
        if rest < 0:
            raise Refused([_not_one(f"vehicles.{lacking[0]}.share", sum(given.values(), ZERO))])
        shares = given | {lacking[0]: rest}
        check(case, shares)
        return Found(shares, shares)
    return _from_table(case, given, lacking)


def _not_one(path: str, total: Fraction) -> Problem:
    return Problem(
        path,
        Said(
            f"各方与受害人自己的责任比例合计要等于 1，现在是 {figure(total)}",
            f"the shares of all and the victim's own must add up to 1, they make {figure(total)}",
        ),
    )


def own_of(case: Case, victim: Victim, shares: Shares) -> tuple[Fraction, str]:
    """The victim's own share, and the vehicle whose share that is ("" where the vehicle's person pays beside it)."""
    within = shares.get(victim.within, ZERO)
    if not is_driver(case, victim):
        return victim.own_share or ZERO, ""
    if victim.own_share is None or victim.own_share == within:
        return within, victim.within
    others = sum((share for name, share in shares.items() if name != victim.within), ZERO)
    return victim.own_share, victim.within if others + victim.own_share == 1 else ""


def check(case: Case, shares: Shares) -> None:
    """For every victim all shares and their own make one whole. Raises Refused."""
    problems = []
    for victim in case.victims:
        own, is_of = own_of(case, victim, shares)
        total = sum((share for name, share in shares.items() if name != is_of), ZERO) + own
        if total != 1:
            problems.append(
                _not_one(f"victims.{victim.id}.own_share" if victim.own_share is not None else "vehicles", total)
            )
    if problems:
        raise Refused(problems)


def _from_table(case: Case, given: Shares, lacking: list[str]) -> Found:
    found = None if given or any(victim.own_share for victim in case.victims) else _table(case)
    if found is None:
        return Found({}, {}, tuple(lacking))
    return found


def _table(case: Case) -> Found | None:
    """One side alone at fault, or two sides the tables know; else nothing."""
    if any(not vehicle.responsibility for vehicle in case.vehicles):
        return None
    at_fault = [vehicle for vehicle in case.vehicles if vehicle.responsibility != "none"]
    rest = {vehicle.id: ZERO for vehicle in case.vehicles if vehicle.responsibility == "none"}
    if len(at_fault) == 1 and at_fault[0].responsibility == "full":
        motors = [vehicle for vehicle in case.vehicles if vehicle.kind == "motor" and vehicle.id in rest]
        if at_fault[0].kind == "motor" or not motors:
            return Found(rest | {at_fault[0].id: ONE}, rest | {at_fault[0].id: ONE})
        at_fault = [motors[0], at_fault[0]] if len(motors) == 1 else []
    if len(at_fault) != 2:
        return None
    split, first, second = _split(case, at_fault[0], at_fault[1])
    if split is None:
        return None
    low, high = ({first.id: share, second.id: ONE - share} for share in (split.low, split.high))
    return Found(rest | low, rest | high, (), split.source)


def _split(case: Case, one: Vehicle, other: Vehicle) -> tuple[tables.Split | None, Vehicle, Vehicle]:
    """The first of the two returned is whose share the split tells."""
    pair = {one.responsibility, other.responsibility}
    if pair not in ({"main", "secondary"}, {"equal"}, {"full", "none"}):
        return None, one, other
    if one.kind == other.kind == "motor":
        return tables.motor_and_motor(one.responsibility), one, other
    motor, beside = (one, other) if one.kind == "motor" else (other, one)
    if motor.kind != "motor":
        return None, one, other
    return tables.motor_and_other(case.place, beside.responsibility), motor, beside


def note(book: Book, found: Found) -> None:
    """Say which table was used, or name the shares that are missing."""
    for name in found.lacking:
        book.need(f"vehicles.{name}.share")
    if found.source and found.low == found.high:
        said = "、".join(f"{name} {figure(share)}" for name, share in found.low.items())
        book.warn(
            f"责任比例没有给出，按表取 {said}，出处：{found.source}",
            f"no share was fixed; by the table {said}, from: {found.source}",
        )
    if found.low != found.high:
        for name, share in found.low.items():
            if share != found.high[name]:
                book.need(f"vehicles.{name}.share")
        said = "；".join(
            f"{name} {figure(min(share, found.high[name]))}–{figure(max(share, found.high[name]))}"
            for name, share in found.low.items()
        )
        book.warn(
            f"责任比例没有定，表里是一个范围：{said}，由调解员与双方选定，出处：{found.source}",
            f"no share was fixed and the table gives a range: {said}; mediator and sides choose; from: {found.source}",
        )
