"""Rounding as the contract says: half up, once, at the end of an item; cents left by sharing go to the largest remainder."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor

CENT = Fraction(1, 100)
HALF = Fraction(1, 2)


def half_up(amount: Fraction, step: Fraction = CENT) -> Fraction:
    return floor(amount / step + HALF) * step


def down(amount: Fraction, step: Fraction = CENT) -> Fraction:
    return floor(amount / step) * step


def by_mode(amount: Fraction, mode: str) -> Fraction:
    """An item's amount, rounded as its switch says; the daily-wage modes round the item to the cent."""
    if mode == "jiao":
        return half_up(amount, Fraction(1, 10))
    if mode == "yuan":
        return half_up(amount, Fraction(1))
    return down(amount) if mode == "cut" else half_up(amount)


def payer_by_mode(amount: Fraction, mode: str) -> Fraction:
    """What one payer bears: `yuan` speaks of items only, so payers stay at the cent."""
    return by_mode(amount, mode) if mode in ("jiao", "cut") else half_up(amount)


def apportion(total: Fraction, exact: Sequence[Fraction]) -> list[Fraction]:
    """`total` (whole cents) in proportion to `exact`; what is left goes to the largest remainder, ties to the first."""
    weight = sum(exact, Fraction(0))
    if not weight:
        return [Fraction(0)] * len(exact)
    whole = [total * one / weight for one in exact]
    found = [down(one) for one in whole]
    left = int((total - sum(found, Fraction(0))) / CENT)
    order = sorted(range(len(exact)), key=lambda n: (found[n] - whole[n], n))
    for n in order[:left]:
        found[n] += CENT
    return found
