"""The damages of the file, run from its own facts: what the calculator is given, and what it says. Pure; minan/lib/damages counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from minan.lib import damages

Row = dict[str, Any]
PLAIN = ("medical", "later_treatment", "transport", "lodging", "mental")


def given(facts: Mapping[str, Any], place: str, as_of: date, switches: Mapping[str, str], yearly: Mapping[str, str]) -> Row:
    """The object of the damages contract (docs/damages.md) that the file makes."""
    finding = facts["finding"]
    return {
        "accident_date": finding["happened_on"],
        "as_of": as_of.isoformat(),
        "place": place,
        "switches": dict(switches),
        "standards": dict(yearly),
        "vehicles": [_vehicle(row, facts) for row in (facts.get("vehicles") or {}).values()],
        "victims": [_victim(ref, row, facts) for ref, row in sorted((facts.get("victims") or {}).items())],
    }


def _vehicle(row: Mapping[str, Any], facts: Mapping[str, Any]) -> Row:
    ref, happened = row["who"], facts["finding"]["happened_on"]
    out: Row = {"id": f"v_{ref}", "kind": row["kind"], "driver": ref, "responsibility": facts["finding"]["duty"].get(ref, "none")}
    if row.get("share"):
        out["share"] = row["share"]
    if row["kind"] != "motor":
        return out
    policies = [
        one for one in (facts.get("covers") or {}).values() if one["who"] == ref and one["since"] <= happened <= one["until"]
    ]
    compulsory = next((one for one in policies if one["compulsory"]), None)
    out["compulsory"] = {"insurer": compulsory["insurer"]} if compulsory else None
    commercial = [
        {"insurer": one["insurer"], "limit": one["limit"]} | ({"deductible": one["deductible"]} if one.get("deductible") else {})
        for one in policies
        if one.get("limit")
    ]
    return out | ({"commercial": commercial} if commercial else {})


def _per_day(row: Mapping[str, Any], name: str) -> Row | None:
    days, daily = row.get(f"{name}_days"), row.get(f"{name}_daily")
    return {"days": days, "daily": daily} if days and daily else None


def _victim(ref: str, row: Mapping[str, Any], facts: Mapping[str, Any]) -> Row:
    lost, found = (facts.get("losses") or {}).get(ref, {}), (facts.get("appraisals") or {}).get(ref, {})
    row_days = lost | {name: value for name, value in found.items() if name.endswith("_days")}  # an appraisal's days win
    items: Row = {name: lost[name] for name in PLAIN if lost.get(name)}
    for name in ("meals", "nutrition", "nursing", "lost_income"):
        if entry := _per_day(row_days, name):
            items[name] = entry
    if found.get("grade") not in (None, "0"):
        items["disability"] = {"grades": [int(found["grade"])]}
    if found.get("fee"):
        items["appraisal"] = found["fee"]
    if lost.get("property"):
        items["property"] = [{"what": "vehicle", "amount": lost["property"]}]
    advances = [{"by": one["by"], "amount": one["amount"]} for one in facts.get("advances") or [] if one["who"] == ref]
    out: Row = {"id": ref, "with": f"v_{row['rode']}", "driver": row["rode"] == ref, "items": items}
    out |= {"age": row["age"]} if row.get("age") is not None else {}
    return out | ({"advances": advances} if advances else {})


def run(case: Row, lang: str = "zh") -> Row:
    """The result. Raises damages.Refused with every fault; a needed figure that is missing stands under "missing"."""
    return damages.calculate(case, lang)
