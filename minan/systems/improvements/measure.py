"""Before and after as people read them: the share with its 95 % interval, or the plain count a day; and whether it got better.

Wilson's interval (E. B. Wilson, JASA 22, 1927): holds for small numbers and for 0 and 1, where the usual one does not. For plain counts
the same by the square root of a Poisson count (exact enough from 0 on: variance-stabilised, F. J. Anscombe, Biometrika 35, 1948).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

Z = 1.959963985  # 95 %
Verdict = Literal["better", "worse", "unclear"]


@dataclass(frozen=True, slots=True)
class Count:
    """One count: `low` and `high` bound the share (0 to 1) or the number a day."""

    num: int
    den: int
    since: date
    until: date

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Count:
        return cls(int(row["num"]), int(row["den"]), date.fromisoformat(row["since"]), date.fromisoformat(row["until"]))

    @property
    def days(self) -> int:
        return (self.until - self.since).days + 1

    @property
    def value(self) -> float:
        return self.num / self.den if self.den else self.num / self.days

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.num, self.den) if self.den else tuple(one / self.days for one in poisson(self.num))  # type: ignore[return-value]


def wilson(num: int, den: int) -> tuple[float, float]:
    """95 % of a share of `den` > 0."""
    p, z2 = num / den, Z * Z
    middle, half = (p + z2 / (2 * den)) / (1 + z2 / den), Z / (1 + z2 / den) * math.sqrt(p * (1 - p) / den + z2 / (4 * den * den))
    return max(0.0, middle - half), min(1.0, middle + half)


def poisson(n: int) -> tuple[float, float]:
    """95 % of a count."""
    root = math.sqrt(n + 3 / 8)
    low, high = max(0.0, root - Z / 2), root + Z / 2
    return (0.0 if n == 0 else max(0.0, low * low - 3 / 8)), high * high - 3 / 8


def verdict(before: Count, after: Count, better: str) -> Verdict:
    """Better or worse only where the intervals do not touch; else nobody can tell from these numbers."""
    (b_low, b_high), (a_low, a_high) = before.interval, after.interval
    if b_low <= a_high and a_low <= b_high:
        return "unclear"
    return "better" if (after.value > before.value) is (better == "more") else "worse"


def shown(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A count for a template: {"num","den","since","until","days","value","low","high"}; shares in per cent, counts a day."""
    if not row:
        return None
    count = Count.of(row)
    factor = 100 if count.den else 1
    low, high = count.interval
    return {
        "num": count.num, "den": count.den, "since": count.since, "until": count.until, "days": count.days,
        "value": f"{count.value * factor:.1f}", "low": f"{low * factor:.1f}", "high": f"{high * factor:.1f}",
    }  # fmt: skip
