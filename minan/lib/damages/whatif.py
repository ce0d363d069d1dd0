"""What if one thing were different: both results, every line that moves, and what the sums move by."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from minan.lib.damages.asking import calculate
from minan.lib.damages.reader import Problem, Refused
from minan.lib.damages.said import Said, money

CHANGES_MOST = 50
NO_PATH = Said("案件里没有这个位置", "the case has no such place")
NO_CHANGE = Said("要写成 {路径: 值}，一到五十条", "a change is {path: value}, one to fifty of them")
SUMS = ("item", "payment", "transfer")  # what can be added up; totals are the sum of the items
ENDS = ("low", "high")
Lines = dict[str, tuple[str, str]]  # name of a line → amount, formula


def changed(case: Any, change: Mapping[str, Any]) -> Any:
    """A copy of the case with values put at paths such as "vehicles.car.share"; things in lists by id or number; null takes away."""
    if not isinstance(change, Mapping) or not 0 < len(change) <= CHANGES_MOST:
        raise Refused([Problem("", NO_CHANGE)])
    found = copy.deepcopy(case)
    for path, value in change.items():
        put(found, str(path), value)
    return found


def put(case: Any, path: str, value: Any) -> None:
    """One value at its place, in the case itself. Raises Refused where the case has no such place."""
    here, left = case, path
    while True:
        key, left = _key(here, left, path)
        if not left:
            break
        here = here.setdefault(key, {}) if isinstance(here, dict) else here[key]
    if isinstance(here, list):
        here[key] = copy.deepcopy(value)
    elif value is None and key != "compulsory":
        here.pop(key, None)
    else:
        here[key] = copy.deepcopy(value)


def _key(here: Any, left: str, path: str) -> tuple[Any, str]:
    """The next key, and what is left of the path. An id may have points of its own."""
    if isinstance(here, list):
        for n, one in enumerate(here):
            name = one.get("id") if isinstance(one, dict) else None
            if isinstance(name, str) and name and (left == name or left.startswith(f"{name}.")):
                return n, left[len(name) + 1 :]
    key, _point, rest = left.partition(".")
    if isinstance(here, dict):
        return key, rest
    if isinstance(here, list) and key.isascii() and key.isdigit() and len(key) < 5 and int(key) < len(here):
        return int(key), rest
    raise Refused([Problem(path, NO_PATH)])


def amounts(out: Mapping[str, Any]) -> Lines:
    """Every line of a result by a name of its own: amount and formula. Of a range the lines of both ends: low:payment:…, high:payment:…"""
    found: Lines = {}
    for victim in out["victims"]:
        for item in victim["items"]:
            _add(found, f"item:{victim['id']}:{item['item']}", item["amount"], item["formula"])
        if victim["total"] is not None:
            _add(found, f"total:{victim['id']}", victim["total"], "")
    for before, end in (("", out), *((f"{name}:", out["range"][name]) for name in ENDS if out["range"])):
        for line in end["payments"]:
            _add(found, f"{before}payment:{line['victim']}:{line['payer']}", line["amount"], line["formula"])
        for line in end["transfers"]:
            _add(found, f"{before}transfer:{line['from']}:{line['to']}", line["amount"], "")
    return found


def _add(found: Lines, name: str, amount: str, formula: str) -> None:
    before, text = found.get(name, ("0", ""))
    added = money(Fraction(before) + Fraction(amount))
    found[name] = (added, f"{text} + {formula}" if text else formula)


def _sum(lines: Lines, kind: str) -> Fraction:
    return sum((Fraction(amount) for name, (amount, _) in lines.items() if name.startswith(f"{kind}:")), Fraction(0))


def _row(name: str, was: tuple[str, str] | None, now: tuple[str, str] | None) -> dict[str, Any]:
    moved = Fraction(now[0] if now else 0) - Fraction(was[0] if was else 0)
    return {
        "line": name, "before": was[0] if was else None, "after": now[0] if now else None, "difference": money(moved),
        "formula_before": was[1] if was else "", "formula_after": now[1] if now else "",
    }  # fmt: skip


def what_if(case: Any, change: Mapping[str, Any], lang: str = "zh") -> dict[str, Any]:
    """Both results and what moves between them.

    `lines`: {"line", "before", "after", "difference", "formula_before", "formula_after"}; before or after is null where a line is not
    there. Lines that stay as they are are left out. `sums`: the same for all items, payments and transfers together: the differences
    of the lines add up to them, to the cent. Raises Refused for the case and for the case as changed.
    """
    before, after = calculate(case, lang), calculate(changed(case, change), lang)
    old, new = amounts(before), amounts(after)
    names = [*old, *(name for name in new if name not in old)]
    lines = [_row(name, old.get(name), new.get(name)) for name in names if _moves(old.get(name), new.get(name))]
    sums = [_row(kind, (money(_sum(old, kind)), ""), (money(_sum(new, kind)), "")) for kind in SUMS]
    return {"lines": lines, "sums": sums, "before": before, "after": after}


def _moves(was: tuple[str, str] | None, now: tuple[str, str] | None) -> bool:
    return was is None or now is None or was[0] != now[0]
