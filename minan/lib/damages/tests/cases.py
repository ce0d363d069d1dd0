"""Small accidents to build on: 李伟's car and 王秀兰's e-bike, and whoever else a test brings."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

from minan.lib.damages import calculate

LIMITS = {"medical": "10000", "death_disability": "110000", "property": "2000"}
STANDARDS = {
    "urban_income": "36500", "urban_consumption": "24000", "rural_income": "18250", "rural_consumption": "12000",
    "average_wage": "73000",
}  # fmt: skip


def accident(items: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """The car (main, 0.7, insured with I1 both ways) hits 王秀兰 on her e-bike (secondary, 0.3), before September 2020."""
    case = {
        "accident_date": "2018-05-10", "as_of": "2019-03-01", "place": "131022000000", "standards": dict(STANDARDS), "switches": {},
        "vehicles": [
            {
                "id": "car", "kind": "motor", "driver": "liwei", "responsibility": "main", "share": "0.7",
                "compulsory": {"insurer": "I1"}, "commercial": [{"insurer": "I1", "limit": "500000"}],
            },
            {"id": "ebike", "kind": "non_motor", "driver": "wang", "responsibility": "secondary", "share": "0.3"},
        ],
        "victims": [
            {"id": "wang", "with": "ebike", "driver": True, "age": 50, "standard": "urban", "items": items or {"medical": "20000"}}
        ],
    }  # fmt: skip
    return copy.deepcopy(case | more)


def item(items: dict[str, Any], name: str = "", **more: Any) -> str:
    """The amount of one item of 王秀兰's; the first where no name is given."""
    out = calculate(accident(items, **more))
    assert not out["missing"], out["missing"]
    lines = {line["item"]: line["amount"] for line in out["victims"][0]["items"]}
    return str(lines[name or next(iter(items))])


def paid(case: dict[str, Any], victim: str = "wang") -> dict[str, str]:
    """Payer → amount of one victim; checks that they make the total, to the cent."""
    out = calculate(case)
    assert not out["missing"], out["missing"]
    lines = {line["payer"]: line["amount"] for line in out["payments"] if line["victim"] == victim}
    (total,) = [one["total"] for one in out["victims"] if one["id"] == victim]
    assert sum(map(Decimal, lines.values()), Decimal(0)) == Decimal(total)
    return lines


def moved(case: dict[str, Any]) -> dict[tuple[str, str], str]:
    return {(line["from"], line["to"]): line["amount"] for line in calculate(case)["transfers"]}


def warned(case: dict[str, Any], lang: str = "en") -> str:
    return "\n".join(calculate(case, lang)["warnings"])
