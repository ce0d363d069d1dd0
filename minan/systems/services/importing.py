"""Shops from a CSV through the one door, each once by its licence; what is wrong is told row by row and written beside the file."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from minan.kernel.access import Actor
from minan.kernel.act import Refused, open_case
from minan.lib import csvsafe
from minan.systems.services import shop

NEEDED = ("name", "trade", "place", "spot", "hours", "offers", "shop_phone", "licence")
MORE = (*shop.WAYS, "minutes", "opens", "closes", "seats")
ROWS_MOST = 5_000


class BadFile(ValueError):
    """The file is no table of shops; says what is missing."""


@dataclass
class Done:
    read: int = 0
    opened: int = 0
    before: int = 0
    rejected: list[tuple[int, dict[str, str], str]] = field(default_factory=list)  # line of the file, row, reasons


def rows(path: Path) -> list[dict[str, str]]:
    """The rows by column name. Raises BadFile."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            lacking = [name for name in NEEDED if name not in (reader.fieldnames or [])]
            if lacking:
                raise BadFile(f"{path.name}: 缺少列 no column {', '.join(lacking)}")
            found = [{str(k): csvsafe.original(v or "").strip() for k, v in row.items() if k} for row in reader]
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile(f"{path.name}: {error}") from None
    if len(found) > ROWS_MOST:
        raise BadFile(f"{path.name}: 一次最多 at most {ROWS_MOST}")
    return found


def trade(said: str) -> str:
    """A trade by its English word or its Chinese name."""
    return next((name for name, words in shop.TRADES if said in (name, words.zh, words.en)), said)


def load(path: Path, by: Actor) -> Done:
    """Every row as by this member of staff; the same licence twice is one shop. Raises BadFile."""
    done = Done()
    for n, row in enumerate(rows(path), 2):
        done.read += 1
        key = "shop:" + hashlib.sha256(row["licence"].encode()).hexdigest()[:48]
        where, wrong = point(row)
        facts: dict[str, Any] = {name: row.get(name, "") for name in (*NEEDED, *MORE)} | {"trade": trade(row["trade"])}
        opened = (
            open_case("shop", by=by, facts=facts, channel="station", key=key, where=where)
            if not wrong
            else None
        )
        if opened is None or isinstance(opened, Refused):
            done.rejected.append((n, row, wrong or reasons(opened)))
        elif opened.secret:
            done.opened += 1
        else:
            done.before += 1
    if done.rejected:
        write(path, done)
    return done


def point(row: dict[str, str]) -> tuple[tuple[float, float] | None, str]:
    """(lon, lat) in WGS-84, or why not."""
    if not row.get("lon") and not row.get("lat"):
        return None, ""
    try:
        lon, lat = float(row["lon"]), float(row["lat"])
    except (KeyError, ValueError):
        return None, "lon, lat: 经纬度写成 116.29 和 39.43 two numbers"
    return ((lon, lat), "") if 73 < lon < 136 and 3 < lat < 54 else (None, "lon, lat: 不在中国 outside China")


def reasons(refused: Any) -> str:
    """Every reason, each with its column, in both languages."""
    if not refused.errors:
        return f"{refused.reason.zh} {refused.reason.en}"
    return "; ".join(f"{name}: {words.zh} {words.en}" for name, words in sorted(refused.errors.items()))


def write(path: Path, done: Done) -> None:
    """The rows that were not taken, with their reasons, to be mended and brought in again."""
    names = list(done.rejected[0][1])
    table = [
        ["line", *names, "why"],
        *([n, *(row.get(name, "") for name in names), why] for n, row, why in done.rejected),
    ]
    path.with_name(path.name + ".rejected.csv").write_text("".join(csvsafe.lines(table)), "utf-8")
