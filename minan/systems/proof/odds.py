"""How improbable a unit's share is among all units: beta-binomial tails with the spread that honest units really have. Pure.

Units differ in skill, load and kinds, so a plain binomial would accuse many honest ones. The spread between units is measured from
the data themselves, robustly: those that stand out are left out and the rest is measured again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, lgamma, log, sqrt
from statistics import median

MEDIAN_OF_NORMAL = 0.6745  # the median of |z| where z is normal
WEIGHT_MOST = 400  # a unit's say in the common share: a big unit is not the city
CUT = 0.1  # of the units at each end do not count for the common share
OUT = 1e-4  # a unit less probable than this is left out when the spread is measured again
ROUNDS = 3
STEPS = 30
UPPER = 0.84  # of units lie less than one deviation above what is expected
ENOUGH_UNITS = 6


def _choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def _first(n: int, k: int, p: float, rho: float) -> float:
    """Probability of exactly k."""
    if rho < 1e-9:
        return exp(_choose(n, k) + k * log(p) + (n - k) * log(1 - p))
    a, b = p * (1 - rho) / rho, (1 - p) * (1 - rho) / rho
    beta = lgamma(k + a) + lgamma(n - k + b) - lgamma(n + a + b) - lgamma(a) - lgamma(b) + lgamma(a + b)
    return exp(_choose(n, k) + beta)


def tail(n: int, k: int, p: float, rho: float) -> float:
    """Probability of k or more of n where the share is p on average and differs between units by rho (0: not at all)."""
    if k <= 0:
        return 1.0
    if k > n:
        return 0.0
    if p <= 0.0:
        return 0.0
    if p >= 1.0:
        return 1.0
    term = _first(n, k, p, rho)
    total, odds = term, p / (1 - p)
    a, b = (p * (1 - rho) / rho, (1 - p) * (1 - rho) / rho) if rho >= 1e-9 else (0.0, 0.0)
    for i in range(k, n):
        term *= (n - i) / (i + 1) * ((i + a) / (n - i - 1 + b) if rho >= 1e-9 else odds)
        total += term
        if term < total * 1e-12:
            break
    return min(1.0, total)


@dataclass(frozen=True, slots=True)
class Common:
    """What is usual: the common share and how much honest units differ (rho)."""

    share: float
    rho: float


def _share(counts: list[tuple[int, int]], prior: float, weight: float) -> float:
    """The common share of (of how many, how many), both ends cut, the big ones held back, a prior mixed in."""
    rows = sorted((c for c in counts if c[0]), key=lambda c: c[1] / c[0])
    cut = int(len(rows) * CUT)
    rows = rows[cut : len(rows) - cut] or rows
    of = sum(min(n, WEIGHT_MOST) for n, _ in rows)
    hits = sum(x / n * min(n, WEIGHT_MOST) for n, x in rows)
    return min(0.999, max(1e-4, (hits + prior * weight) / (of + weight)))


def _spread(counts: list[tuple[int, int, float]], least: float, *, above: bool = False) -> float:
    """The rho at which the distances of (of how many, how many, expected share) look normal, at least `least`.

    With `above` only how far the upper sixth lies above the expectation is looked at.
    """
    rows = [(n, x, p) for n, x, p in counts if n * p >= 2 and n * (1 - p) >= 2]
    if len(rows) < ENOUGH_UNITS:
        return max(least, 0.02)

    def wide(rho: float) -> float:
        far = [(x - n * p) / sqrt(n * p * (1 - p) * (1 + (n - 1) * rho)) for n, x, p in rows]
        return sorted(far)[int(len(far) * UPPER)] * MEDIAN_OF_NORMAL if above else median(abs(z) for z in far)

    low, high = least, 0.5
    if wide(low) <= MEDIAN_OF_NORMAL:
        return low
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if wide(middle) > MEDIAN_OF_NORMAL else (low, middle)
    return high


def common(counts: Mapping[str, tuple[int, int]], prior: float, weight: float, least: float) -> Common:
    """What is usual among the units, measured without those that stand out. counts: unit → (of how many, how many)."""
    rows = dict(counts)
    found = Common(prior, max(least, 0.02))
    for _ in range(ROUNDS):
        share = _share(list(rows.values()), prior, weight)
        found = Common(share, _spread([(n, x, share) for n, x in rows.values()], least))
        kept = {u: c for u, c in counts.items() if tail(c[0], c[1], found.share, found.rho) >= OUT}
        if len(kept) < ENOUGH_UNITS or kept.keys() == rows.keys():
            break
        rows = kept
    return found


def _shifted(share: float, by: float) -> float:
    """A share moved on the scale of log odds."""
    return 1 / (1 + exp(-log(share / (1 - share)) - by))


def against_own(
    counts: Mapping[str, tuple[int, int]], habits: Mapping[str, tuple[int, int]], weight: float, least: float
) -> dict[str, Common]:
    """What is usual for each unit by its own habit at other times, raised by as much as all units rise, with the spread above it.

    counts and habits: unit → (of how many, how many). Where a habit is known from few acts the common one is mixed in like `weight` acts.
    The spread is that of the upper side: who is done long before the limit lies below, and is no measure for the others.
    """
    prior = _share(list(habits.values()), 0.2, 5)
    own = {
        u: min(0.98, max(0.002, (habits.get(u, (0, 0))[1] + prior * weight) / (habits.get(u, (0, 0))[0] + weight)))
        for u in counts
    }
    kept, found = list(counts), {u: Common(own[u], 0.02) for u in counts}
    for _ in range(ROUNDS):
        low, high = 0.0, 3.0
        for _ in range(STEPS):
            by = (low + high) / 2
            over = sum(
                (counts[u][1] / counts[u][0] - _shifted(own[u], by)) * min(counts[u][0], WEIGHT_MOST)
                for u in kept
                if counts[u][0]
            )
            low, high = (by, high) if over > 0 else (low, by)
        rho = _spread([(*counts[u], _shifted(own[u], low)) for u in kept], least, above=True)
        found = {u: Common(_shifted(own[u], low), rho) for u in counts}
        inside = [u for u in counts if tail(*counts[u], found[u].share, rho) >= OUT]
        if len(inside) < ENOUGH_UNITS or inside == kept:
            break
        kept = inside
    return found
