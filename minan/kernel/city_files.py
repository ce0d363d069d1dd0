"""Reads the folder of a city: tables and lists as plain rows, each with the file and line it came from. Pure.

A row is a dict of texts (CSV) or values (TOML, GeoJSON) with `@file` and `@line` beside them, so that whoever finds a
mistake later can say where it stands.
"""

from __future__ import annotations

import csv
import json
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

Row = dict[str, Any]

# Columns each table must have; others are taken and ignored, so that a city may keep notes of its own.
COLUMNS = {
    "places.csv": "code,name,level,parent,lon,lat,slon,slat",
    "units.csv": "id,name,name_en,kind,level,place,ranges,block,line,word,hours,lead",
    "kinds.csv": "code,group,group_name,group_name_en,name,name_en,words,urgency,size,proof,public,turn_to",
    "duty.csv": "kind,level,word,rule,article",
    "routing.csv": "rank,kind,group,place,words,channel,urgency,hours,level,word,unit,rule,article",
    "calendar.csv": "date,working,name",
    "posts.csv": "user,name,name_en,unit,role,title",
    "rota.csv": "unit,when,weekday,post,telephone",
}
OPTIONAL = frozenset(
    {"routing.csv", "calendar.csv", "posts.csv", "rota.csv", "questions.toml", "answers.toml", "articles.toml", "words.toml"}
)
OUTLINES = ("counties.geojson", "towns.geojson", "villages.geojson", "grids.geojson")
ROWS_MOST = 200_000
_TOML_AT = re.compile(r"\(at line (\d+), column \d+\)|\(at end of document\)")


class Fault(NamedTuple):
    """One mistake: where it stands and what is wrong, in both languages."""

    file: str
    line: int
    zh: str
    en: str

    def into(self, lang: str) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.en if lang.startswith('en') else self.zh}"


@dataclass
class Folder:
    """A city's folder as read: rows by table, and every fault found on the way."""

    path: Path
    tables: dict[str, list[Row]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def __getitem__(self, table: str) -> list[Row]:
        return self.tables.get(table, [])

    def fault(self, row: Row, zh: str, en: str) -> None:
        self.faults.append(Fault(row.get("@file", ""), row.get("@line", 0), zh, en))


def read(path: Path) -> Folder:
    """Everything in a city's folder. What cannot be read is a fault; nothing is raised."""
    folder = Folder(path)
    for name, columns in COLUMNS.items():
        folder.tables[name.removesuffix(".csv")] = _csv(folder, name, columns.split(","))
    folder.tables["limits"] = _tables(folder, "limits.toml", "limit")
    folder.tables["grounds"] = _tables(folder, "grounds.toml", "")
    folder.tables["questions"] = _tables(folder, "questions.toml", "")
    folder.tables["hours"] = _named(folder, "hours.toml")
    folder.tables["answers"] = _named(folder, "answers.toml")
    folder.tables["articles"] = _named(folder, "articles.toml")
    folder.tables["words"] = _words(folder)
    folder.tables["outlines"] = [row for name in OUTLINES for row in _outlines(folder, name)]
    return folder


def _text(folder: Folder, name: str) -> str | None:
    path = folder.path / name
    if not path.is_file():
        if name not in OPTIONAL and not name.endswith(".geojson"):
            folder.faults.append(Fault(name, 0, "缺少这个文件", "this file is missing"))
        return None
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        folder.faults.append(Fault(name, line, "不是 UTF-8 编码", "not UTF-8"))
        return None


def _csv(folder: Folder, name: str, columns: list[str]) -> list[Row]:
    text = _text(folder, name)
    if text is None:
        return []
    rows: list[Row] = []
    header: list[str] = []
    reader = csv.reader(text.splitlines(keepends=True))
    for cells in reader:
        if not cells or cells[0].startswith("#"):
            continue
        if not header:
            header = [cell.strip() for cell in cells]
            if missing := [column for column in columns if column not in header]:
                names = ", ".join(missing)
                folder.faults.append(Fault(name, reader.line_num, f"表头缺少列：{names}", f"the header lacks: {names}"))
                return []
            continue
        row: Row = {"@file": name, "@line": reader.line_num}
        if len(cells) != len(header):
            n, m = len(cells), len(header)
            folder.fault(row, f"这一行有 {n} 格，表头有 {m} 格", f"{n} cells where the header has {m}")
            continue
        rows.append(row | {key: cell.strip() for key, cell in zip(header, cells, strict=True)})
        if len(rows) > ROWS_MOST:
            folder.fault(row, f"超过 {ROWS_MOST} 行", f"more than {ROWS_MOST} rows")
            break
    return rows


def _toml(folder: Folder, name: str) -> tuple[dict[str, Any], dict[str, list[int]]]:
    """The document, and on which lines each of its tables begins."""
    text = _text(folder, name)
    if text is None:
        return {}, {}
    heads: dict[str, list[int]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("["):
            heads.setdefault(line.split("]")[0].strip('["'), []).append(number)
    try:
        return tomllib.loads(text), heads
    except tomllib.TOMLDecodeError as error:
        at = _TOML_AT.search(str(error))
        line_number = int(at[1]) if at and at[1] else text.count("\n") + 1
        folder.faults.append(Fault(name, line_number, f"写法有误：{error}", f"not TOML: {error}"))
        return {}, {}


def _tables(folder: Folder, name: str, only: str) -> list[Row]:
    """Arrays of tables: one row each, with the array's name as `@name`."""
    document, heads = _toml(folder, name)
    rows = []
    for table, entries in document.items():
        if (only and table != only) or not isinstance(entries, list):
            continue
        for number, entry in enumerate(entries):
            lines = heads.get(table, [])
            at = lines[number] if number < len(lines) else 0
            rows.append({"@file": name, "@line": at, "@name": table} | entry)
    return rows


def _named(folder: Folder, name: str) -> list[Row]:
    """Tables with a name of their own: one row each, the name as `@name`."""
    document, heads = _toml(folder, name)
    return [
        {"@file": name, "@line": heads.get(key, [0])[0], "@name": key} | entry
        for key, entry in document.items()
        if isinstance(entry, dict)
    ]


def _words(folder: Folder) -> list[Row]:
    document, _ = _toml(folder, "words.toml")
    return [{"@file": "words.toml", "@line": 0} | document] if document else []


def _outlines(folder: Folder, name: str) -> list[Row]:
    """GeoJSON features: code and geometry."""
    text = _text(folder, name)
    if text is None:
        return []
    try:
        document = json.loads(text)
        features = document["features"]
    except (ValueError, KeyError, TypeError) as error:
        line = getattr(error, "lineno", 1)
        folder.faults.append(Fault(name, line, f"不是 GeoJSON：{error}", f"not a GeoJSON collection: {error}"))
        return []
    rows: list[Row] = []
    lines = text.splitlines()
    for feature in features:
        code = str((feature.get("properties") or {}).get("code", ""))
        at = next((n for n, line in enumerate(lines, 1) if code and f'"{code}"' in line), 1)
        rows.append({"@file": name, "@line": at, "code": code, "geometry": feature.get("geometry")})
    return rows
