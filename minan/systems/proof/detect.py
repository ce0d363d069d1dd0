"""`minan detect`: which units and matters of a public extract deserve a human look, and why. Never a person: no field could hold one.

Pure, standard library only: `python -m minan.systems.proof.detect EVENTS.jsonl` runs without the rest of Minan.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from minan.systems.proof import games, odds, trail
from minan.systems.proof.games import Count, Counts

THRESHOLDS = Path(__file__).with_name("thresholds.toml")
OWN = ("heap", "brink")  # games that compare a unit with its own habit
NAMED_MOST = 40  # matters named with a flag; `value` counts all
Table = Mapping[str, Any]


def thresholds(path: Path | None = None) -> dict[str, dict[str, Any]]:
    """The table of every game; a file of one's own need only name what differs. ValueError for a game or number that is not known."""
    own = tomllib.loads(THRESHOLDS.read_text("utf-8"))
    for game, table in (tomllib.loads(path.read_text("utf-8")) if path else {}).items():
        unknown = [game] if game not in own else [f"{game}.{name}" for name in table if name not in own[game]]
        if unknown:
            raise ValueError(f"{path}: no such threshold: {', '.join(unknown)}")
        own[game] |= table
    return own


def _stands_out(count: Count, usual: odds.Common, table: Table, chance: float) -> bool:
    share = count.x / count.n if count.n else 0.0
    far = share >= table["ratio"] * usual.share and share - usual.share >= table["gap"]
    return bool(far and count.x >= table["least"] and chance < table["alpha"])


def _flag(game: str, unit: str, count: Count, usual: odds.Common, chance: float, table: Table) -> dict[str, Any]:
    line = max(table["ratio"] * usual.share, usual.share + table["gap"])
    return {
        "what": game, "family": next(f for f, names in games.FAMILIES.items() if game in names), "unit": unit,
        "value": round(count.x / count.n, 4), "of": count.n, "hits": count.x, "threshold": round(min(1.0, line), 4),
        "baseline": round(usual.share, 4), "chance": float(f"{chance:.2g}"), "matters": count.names[:NAMED_MOST],
        "why": {"zh": table["why_zh"], "en": table["why_en"]},
    }  # fmt: skip


def _usual(game: str, counts: Counts, table: Table) -> dict[str, odds.Common]:
    """What is usual for each unit: the city's share, or where the game knows it the unit's own habit."""
    rows = {u: (c.n, c.x) for u, c in counts.items()}
    if game in OWN:
        return odds.against_own(rows, {u: c.habit for u, c in counts.items()}, table["weight"], table["rho"])
    return dict.fromkeys(rows, odds.common(rows, table["prior"], table["weight"], table["rho"]))


def _runs(counts: Counts, table: Table, liked: Mapping[str, tuple[int, int]]) -> list[dict[str, Any]]:
    """Runs of satisfied judgements, each measured against the unit's own judgements outside it."""
    usual = odds.common(liked, table["prior"], table["weight"], table["rho"])
    out = []
    for unit, count in counts.items():
        chance = games.run_odds(count, liked[unit][1], usual) if count.x >= table["least"] else 1.0
        if chance < table["alpha"]:
            out.append(_flag("ring_run", unit, count, usual, chance, table))
    return out


def _weigh(game: str, counts: Counts, table: Table) -> list[dict[str, Any]]:
    """The flags of one game over all units."""
    usual, out = _usual(game, counts, table), []
    for unit, count in counts.items():
        chance = odds.tail(count.n, count.x, usual[unit].share, usual[unit].rho) if count.x >= table["least"] else 1.0
        if _stands_out(count, usual[unit], table, chance):
            out.append(_flag(game, unit, count, usual[unit], chance, table))
    return out


def judge(found: trail.Trail, tables: Mapping[str, Table]) -> dict[str, Any]:
    """The report: every flag, strongest first, and the share of units without one."""
    matters = list(trail.settle(found))
    units = {a.unit for m in matters for a in m.acts if a.unit}
    liked, flags = games.satisfied(matters), []
    for game, play in games.GAMES.items():
        counts, table = play(matters, tables[game]), tables[game]
        flags += _runs(counts, table, liked) if game == "ring_run" else _weigh(game, counts, table)
    flags.sort(key=lambda f: (f["chance"], f["unit"], f["what"]))
    flagged = {f["unit"] for f in flags}
    return {
        "flags": flags, "units": len(units), "flagged_units": len(flagged), "matters": len(matters), "lines": found.lines,
        "unreadable_lines": found.bad, "honest_share": round(1 - len(flagged) / len(units), 4) if units else None,
        "as_of": found.header.get("as_of"),
        "note": {
            "zh": "只标出值得人去看一看的单位和事，不下结论；里面没有、也放不下任何个人。",
            "en": "Units and matters that deserve a human look, not a verdict; nobody is in it, and no field could hold a person.",
        },
    }  # fmt: skip


def run(lines: Iterable[str], path: Path | None = None) -> dict[str, Any]:
    """Judge the lines of an extract by the thresholds of a file, or ours."""
    return judge(trail.read(lines), thresholds(path))


def main(source: str, path: Path | None = None) -> dict[str, Any]:
    """Judge a file, "-" for standard input."""
    if source == "-":
        return run(sys.stdin, path)
    with open(source, encoding="utf-8", errors="replace") as lines:
        return run(lines, path)


if __name__ == "__main__":
    import json

    print(json.dumps(main(sys.argv[1], Path(sys.argv[2]) if len(sys.argv) > 2 else None), ensure_ascii=False, indent=1))
