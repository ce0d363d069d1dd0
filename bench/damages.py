"""How many published judgments the damages calculator meets to the cent: `python -m bench.damages [FILE]`, one JSON object.

The cases lie beside the work tree (../shared/damages.cases.json), are read there and kept nowhere. Each has `in` and `out` of the contract
and a mark: full · insurer_total (only an insurer's sum is printed) · departs (the court departed; items and totals only).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

from minan.lib.damages import Refused, calculate

PLACES = [parent / "shared" / "damages.cases.json" for parent in Path(__file__).resolve().parents[2:]]
CASES = next((path for path in PLACES if path.exists()), PLACES[0])  # a second work tree lies one folder deeper
Lines = dict[str, Decimal]


def cases(path: Path = CASES) -> list[dict[str, Any]]:
    """The judgments; none where the file is not there."""
    found: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["cases"] if path.exists() else []
    return found


def _summed(rows: list[tuple[str, str]]) -> Lines:
    found: Lines = {}
    for name, amount in rows:
        found[name] = found.get(name, Decimal(0)) + Decimal(amount)
    return {name: amount for name, amount in found.items() if amount}


def expected(case: dict[str, Any]) -> Lines:
    """What the judgment says, line by line, as far as its mark goes."""
    out, rows = case["out"], []
    for victim, items in out["items"].items():
        rows += [(f"item:{victim}:{item}", amount) for item, amount in items.items()]
    rows += [(f"total:{victim}", amount) for victim, amount in out["total"].items()]
    if case["mark"] != "departs":
        rows += [(f"payment:{line['victim']}:{line['payer']}", line["amount"]) for line in out["payments"]]
        rows += [(f"transfer:{line['from']}:{line['to']}", line["amount"]) for line in out["transfers"] or []]
    return _summed(rows)


def reckoned(case: dict[str, Any], out: dict[str, Any]) -> Lines:
    """What the calculator says, in the lines the judgment prints."""
    rows = [(f"item:{v['id']}:{item['item']}", item["amount"]) for v in out["victims"] for item in v["items"]]
    rows += [(f"total:{v['id']}", v["total"] or "0") for v in out["victims"]]
    if case["mark"] != "departs":
        insurer = _insurers(case["in"]) if case["mark"] == "insurer_total" else {}
        rows += [
            (f"payment:{line['victim']}:{insurer.get(line['payer'], line['payer'])}", line["amount"])
            for line in out["payments"]
        ]
        if case["out"]["transfers"] is not None:
            silent = set(case.get("not_sued", []))
            rows += [
                (f"transfer:{line['from']}:{line['to']}", line["amount"])
                for line in out["transfers"]
                if line["from"] not in silent
            ]
    return _summed(rows)


def _insurers(given: dict[str, Any]) -> dict[str, str]:
    """Payer → insurer:ID, for judgments that print one sum for an insurer."""
    found = {}
    for vehicle in given["vehicles"]:
        if vehicle.get("compulsory"):
            found[f"compulsory:{vehicle['id']}"] = f"insurer:{vehicle['compulsory']['insurer']}"
        for policy in vehicle.get("commercial", []):
            found[f"commercial:{vehicle['id']}:{policy['insurer']}"] = f"insurer:{policy['insurer']}"
    return found


def compared(case: dict[str, Any]) -> dict[str, Any]:
    """One case: how many lines are equal, and those that are not with both figures."""
    try:
        out = calculate(case["in"])
    except Refused as refused:
        return {
            "id": case["id"],
            "mark": case["mark"],
            "refused": refused.told("en"),
            "equal": False,
            "lines": 0,
            "wrong": [],
        }
    want, have = expected(case), reckoned(case, out)
    names = [*want, *(name for name in have if name not in want)]
    wrong = [
        {"line": name, "court": str(want.get(name, "")), "ours": str(have.get(name, ""))}
        for name in names
        if want.get(name) != have.get(name)
    ]
    return {
        "id": case["id"], "mark": case["mark"], "equal": not wrong and not out["missing"], "lines": len(names),
        "equal_lines": len(names) - len(wrong), "wrong": wrong, "missing": out["missing"], "departs": case["departs"] if wrong else [],
    }  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=CASES)
    found = cases(parser.parse_args().file)
    if not found:
        print("not run: damages (../shared/damages.cases.json is missing)", file=sys.stderr)
        return 1
    begun = time.perf_counter()
    done = [compared(case) for case in found]
    took = time.perf_counter() - begun
    told = {
        "bench": "damages", "cases": len(done), "equal": sum(one["equal"] for one in done),
        "lines": sum(one["lines"] for one in done), "equal_lines": sum(one.get("equal_lines", 0) for one in done),
        "by_mark": {m: [sum(o["equal"] for o in done if o["mark"] == m), sum(o["mark"] == m for o in done)] for m in sorted({o["mark"] for o in done})},
        "ms_a_case": round(took / len(done) * 1000, 2), "differ": [one for one in done if not one["equal"]],
    }  # fmt: skip
    print(json.dumps(told, ensure_ascii=False, indent=1))
    return 0 if told["equal"] == told["cases"] else 1


if __name__ == "__main__":
    sys.exit(main())
