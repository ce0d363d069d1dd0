"""village_rules.toml of a city's folder → the register: everything is checked first, loading twice changes nothing, nothing is deleted."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from minan.kernel import directory
from minan.kernel.access import CLOCK
from minan.kernel.act import Refused, act, open_case
from minan.kernel.models import Case
from minan.lib.loading import Wrong
from minan.systems.disputes import village

FILE = "village_rules.toml"
NEEDED, OPTIONAL = ("place", "title", "adopted", "since", "articles"), ("how", "filed", "filed_with")


def texts(path: Path) -> list[dict[str, str]]:
    """The texts of a file, oldest first. Raises Wrong with every fault."""
    try:
        rows = tomllib.loads(path.read_text("utf-8")).get("text", [])
    except (OSError, ValueError) as error:
        raise Wrong([f"{path.name}: {error}"]) from None
    faults, out = [], []
    for n, row in enumerate(rows, 1):
        said = {name: str(row.get(name, "")) for name in (*NEEDED, *OPTIONAL)}
        fault = _fault(said, set(row) - {*NEEDED, *OPTIONAL})
        if fault:
            faults.append(f"{path.name} [[text]] {n} {said['title']}: {fault}")
        out.append(said)
    if faults:
        raise Wrong(faults)
    return sorted(out, key=lambda one: (one["place"], one["adopted"]))


def _fault(said: dict[str, str], unknown: set[str]) -> str:
    missing = [name for name in NEEDED if not said[name].strip()]
    if missing or unknown:
        return f"缺 missing {missing}; 不认识 unknown {sorted(unknown)}"
    if directory.level_of(said["place"]) != "village":
        return f"不是村、社区的代码 no village or community: {said['place']}"
    try:
        for name in ("adopted", "since", *(["filed"] if said["filed"] else [])):
            village.dated(said[name])
    except ValueError:
        return f"日子写成 2025-03-12 a day is written 2025-03-12: {name}"
    try:
        village.read(said["articles"])
    except ValueError as line:
        return f"这一行不是“第…条 内容” does not begin with 第…条: {line}"
    return ""


def load(path: Path, at: datetime | None = None) -> dict[str, int]:
    """Bring the file into the register; how many texts, new ones among them. Raises Wrong."""
    rows, new = texts(path), 0
    for said in rows:
        case = village.of_place(said["place"])
        if case is not None and any(row["adopted"] == said["adopted"] for row in case.facts["versions"]):
            continue
        new += 1
        now, key = at or datetime.now(UTC), f"charter:{said['place']}:{said['adopted']}"
        given: dict[str, Any] = {name: value for name, value in said.items() if value}
        done = open_case(village.NAME, by=CLOCK, facts=given, key=key, at=now) if case is None else _amend(case, given, key, now)
        if isinstance(done, Refused):
            reasons = [words.zh for words in done.errors.values()] or [done.reason.zh]
            raise Wrong([f"{said['title']} {said['adopted']}: {'; '.join(reasons)}"])
    return {"texts": len(rows), "new": new}


def _amend(case: Case, given: dict[str, Any], key: str, now: datetime) -> Any:
    del given["place"]
    return act(case, "amend", by=CLOCK, facts=given, key=key, at=max(now, case.changed_at))
