"""What it may come to while something is not yet known: every line as a range over the values an unknown may still take.

The case is worked out once for every combination of values; nothing is drawn at random. An unknown that is a span of days (or of shares)
is worked out at both ends: every line moves one way with it, but for the cents of rounding. Those are what SLACK widens a payer's range by,
for every step that was not worked out itself: so the exact result lies inside for any value between, and knowing more never widens.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

from minan.lib.damages.asking import calculate
from minan.lib.damages.said import money
from minan.lib.damages.whatif import put

MOST = 4_000  # combinations worked out
SLACK = Fraction(2, 100)  # yuan a step: what rounding may move a payer's line by, twice over
ENDS = ("low", "high")
ZERO = Fraction(0)
Amounts = dict[str, Fraction]


@dataclass(frozen=True)
class Unknown:
    """One thing not yet known. `options`: what each possible answer puts into the case, as path → value (whatif.put).

    `steps`: how many further answers lie between two of the options and are not worked out themselves.
    """

    name: str
    options: tuple[Mapping[str, Any], ...]
    steps: int = 0


def between(name: str, path: str, low: int, high: int) -> Unknown:
    """A whole number that lies from `low` to `high`."""
    return Unknown(name, ({path: low}, {path: high}) if low != high else ({path: low},), max(high - low, 0))


def lines_of(out: Mapping[str, Any], end: Mapping[str, Any]) -> Amounts:
    """Items, totals, payments, and others:VICTIM: all that is not borne by the victim."""
    found: Amounts = {}
    for victim in out["victims"]:
        for item in victim["items"]:
            _add(found, f"item:{victim['id']}:{item['item']}", item["amount"])
        if victim["total"] is not None:
            _add(found, f"total:{victim['id']}", victim["total"])
    for line in end["payments"]:
        _add(found, f"payment:{line['victim']}:{line['payer']}", line["amount"])
        if line["payer"] != "self":
            _add(found, f"others:{line['victim']}", line["amount"])
    return found


def _add(found: Amounts, name: str, amount: str) -> None:
    found[name] = found.get(name, ZERO) + Fraction(amount)


def _filled(case: Any, chosen: Iterable[Mapping[str, Any]]) -> Any:
    found = copy.deepcopy(case)
    for option in chosen:
        for path, value in option.items():
            put(found, path, value)
    return found


def estimate(case: Any, unknowns: Sequence[Unknown], lang: str = "zh") -> dict[str, Any]:
    """Every line's least and most over all that is not known.

    {"lines": {name: {"low", "high"}}, "unknown": [{"name", "widths": {name: how much of the width it can make}}],
     "missing": [...], "warnings": [...], "counted": combinations}; names of lines as lines_of gives them. What cannot be worked out in
    some combination is named under `missing`; totals and payments stand only where every combination has them.
    Raises Refused for what is wrong in the case, ValueError for an unknown without an answer or more than MOST combinations.
    """
    ranges = [range(len(one.options)) for one in unknowns]
    count = prod(len(one) for one in ranges)
    if not 0 < count <= MOST:
        raise ValueError(f"{count} combinations")
    seen: dict[tuple[int, ...], list[Amounts]] = {}
    missing: dict[str, None] = {}
    warnings: dict[str, None] = {}
    paid = whole = True
    for way in product(*ranges):
        out = calculate(_filled(case, (one.options[n] for one, n in zip(unknowns, way, strict=True))), lang)
        ends = [out["range"][name] for name in ENDS] if out["range"] else [out]
        seen[way] = [lines_of(out, end) for end in ends]
        whole = whole and all(victim["total"] is not None for victim in out["victims"])
        if not out["range"]:
            missing |= dict.fromkeys(out["missing"])
            paid = paid and not out["missing"]
        warnings |= dict.fromkeys(out["warnings"])
    names = dict.fromkeys(name for each in seen.values() for one in each for name in one)
    kept = [name for name in names if _stands(name, whole, paid)]
    steps = sum(one.steps for one in unknowns)
    return {
        "lines": {name: _range(seen, name, steps if _rounded(case, name) else 0) for name in kept},
        "unknown": [{"name": one.name, "widths": _widths(seen, n, kept)} for n, one in enumerate(unknowns)],
        "missing": list(missing), "warnings": list(warnings), "counted": count,
    }  # fmt: skip


def _stands(name: str, whole: bool, paid: bool) -> bool:
    if name.startswith("total:"):
        return whole
    return paid or not name.startswith(("payment:", "others:"))


def _rounded(case: Any, name: str) -> bool:
    """Whether rounding can move the line against the grain: payers, but for one policy that pays one victim."""
    if not name.startswith(("payment:", "others:")):
        return False
    policies = [one for one in case["vehicles"] if one.get("kind") == "motor"]
    return ":compulsory:" not in name or len(case["victims"]) > 1 or len(policies) > 1


def _of(seen: Mapping[tuple[int, ...], list[Amounts]], name: str) -> list[Fraction]:
    return [one.get(name, ZERO) for each in seen.values() for one in each]


def _range(seen: Mapping[tuple[int, ...], list[Amounts]], name: str, steps: int) -> dict[str, str]:
    found = _of(seen, name)
    return {"low": money(max(min(found) - SLACK * steps, ZERO)), "high": money(max(found) + SLACK * steps)}


def _widths(seen: Mapping[tuple[int, ...], list[Amounts]], n: int, names: Iterable[str]) -> dict[str, str]:
    """The most that this unknown alone can move a total, with the others at any one of their values."""
    wide = {}
    for name in names:
        if not name.startswith(("total:", "others:", "payment:")):
            continue
        groups: dict[tuple[int, ...], list[Fraction]] = {}
        for way, each in seen.items():
            groups.setdefault((*way[:n], *way[n + 1 :]), []).extend(one.get(name, ZERO) for one in each)
        wide[name] = money(max(max(group) - min(group) for group in groups.values()))
    return wide
