"""The two questions a person asks: what does it come to, and what if one thing were different."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from minan.lib.damages.reader import Problem, Refused
from minan.lib.damages.reading import read
from minan.lib.damages.said import Said, money
from minan.lib.damages.working import Result, work, written

CHANGES_MOST = 50
NO_PATH = Said("案件里没有这个位置", "the case has no such place")
NO_CHANGE = Said("要写成 {路径: 值}，一到五十条", "a change is {path: value}, one to fifty of them")


def result_of(case: Any) -> Result:
    """The case worked out, for pages that show more than the contract's JSON. Raises Refused."""
    return work(read(case))


def calculate(case: Any, lang: str = "zh") -> dict[str, Any]:
    """The contract's object for the contract's object; `lang` is "zh" or "en" for formula words, articles, warnings. Raises Refused."""
    return written(result_of(case), lang)


def changed(case: Any, change: Mapping[str, Any]) -> Any:
    """A copy of the case with values put at paths such as "vehicles.car.share"; things in lists by id or number; null takes away."""
    if not isinstance(change, Mapping) or not 0 < len(change) <= CHANGES_MOST:
        raise Refused([Problem("", NO_CHANGE)])
    found = copy.deepcopy(case)
    for path, value in change.items():
        *way, last = str(path).split(".")
        here = found
        for key in way:
            here = _step(here, key, str(path))
        if isinstance(here, dict):
            if value is None and last != "compulsory":
                here.pop(last, None)
            else:
                here[last] = value
        elif isinstance(here, list):
            here[_place(here, last, str(path))] = value
        else:
            raise Refused([Problem(str(path), NO_PATH)])
    return found


def _step(here: Any, key: str, path: str) -> Any:
    if isinstance(here, dict):
        return here.setdefault(key, {})
    if isinstance(here, list):
        return here[_place(here, key, path)]
    raise Refused([Problem(path, NO_PATH)])


def _place(here: list[Any], key: str, path: str) -> int:
    for n, one in enumerate(here):
        if isinstance(one, dict) and one.get("id") == key:
            return n
    if key.isascii() and key.isdigit() and len(key) < 5 and int(key) < len(here):
        return int(key)
    raise Refused([Problem(path, NO_PATH)])


def _amounts(out: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Every line of a result by a name of its own: amount and formula."""
    found: dict[str, tuple[str, str]] = {}
    for victim in out["victims"]:
        for item in victim["items"]:
            _add(found, f"item:{victim['id']}:{item['item']}", item["amount"], item["formula"])
        if victim["total"] is not None:
            _add(found, f"total:{victim['id']}", victim["total"], "")
    for line in out["payments"]:
        _add(found, f"payment:{line['victim']}:{line['payer']}", line["amount"], line["formula"])
    for line in out["transfers"]:
        _add(found, f"transfer:{line['from']}:{line['to']}", line["amount"], "")
    return found


def _add(found: dict[str, tuple[str, str]], name: str, amount: str, formula: str) -> None:
    before, text = found.get(name, ("0", ""))
    added = money(Fraction(before) + Fraction(amount))
    found[name] = (added, f"{text} + {formula}" if text else formula)


def what_if(case: Any, change: Mapping[str, Any], lang: str = "zh") -> dict[str, Any]:
    """Both results and what moves between them.

    `lines`: {"line", "before", "after", "difference", "formula_before", "formula_after"}; before or after is null where a line is not
    there. Lines that stay as they are are left out. Raises Refused for the case and for the case as changed.
    """
    before, after = calculate(case, lang), calculate(changed(case, change), lang)
    old, new = _amounts(before), _amounts(after)
    lines = []
    for name in [*old, *(name for name in new if name not in old)]:
        was, now = old.get(name), new.get(name)
        if was and now and was[0] == now[0]:
            continue
        moved = Fraction(now[0] if now else 0) - Fraction(was[0] if was else 0)
        lines.append(
            {
                "line": name, "before": was[0] if was else None, "after": now[0] if now else None, "difference": money(moved),
                "formula_before": was[1] if was else "", "formula_after": now[1] if now else "",
            }
        )  # fmt: skip
    return {"lines": lines, "before": before, "after": after}
