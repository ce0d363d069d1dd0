"""Findings of the police from a file, CSV or JSON: each row is one finding, known again by its number; every fault is told with its line.

A row names the case of the finding that waits for it (`case`), or else an accident is filed from it. The same row twice changes nothing;
another content under a known number is a fault, never an overwriting. Compared are number, days and every side's responsibility; the
words lie in the vault and are not.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from minan.kernel import access, routing
from minan.kernel.access import Actor
from minan.kernel.act import Opened, Refused, act, open_case
from minan.kernel.models import Case, Event
from minan.kernel.procedure import Words
from minan.lib import codes
from minan.systems.accidents import fields as f
from minan.systems.accidents.police import ISSUE, duties

W = Words
MOST, BYTES_MOST = 500, 2_000_000
COLUMNS = tuple("case number happened_on made_on place duty_a duty_b more words name_a phone_a name_b phone_b".split())
# What people may write for a duty: our word, or the Chinese one with or without 责任.
DUTY = {name: name for name, _ in f.DUTIES} | {w.zh: name for name, w in f.DUTIES} | {w.zh.removesuffix("责任"): name for name, w in f.DUTIES}


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one row."""

    n: int
    number: str
    what: str  # "new", "again", "bad"
    words: Words
    code: str = ""


def rows(raw: bytes) -> list[dict[str, str]]:
    """The rows of a CSV with a first line of names, or of a JSON list of objects. Raises ValueError(Words)."""
    if len(raw) > BYTES_MOST:
        raise ValueError(W("文件太大，最多 2 MB", "The file is too large; at most 2 MB"))
    text = _text(raw).strip()
    if not text:
        raise ValueError(W("是空的", "It is empty"))
    try:
        found = _json(text) if text[0] in "[{" else list(csv.DictReader(io.StringIO(text)))
    except csv.Error:
        raise ValueError(W("表读不出来：有一格太长，或者换行坏了", "The table cannot be read: a cell is too long, or a line end is broken")) from None
    if not found or len(found) > MOST:
        raise ValueError(W(f"一次 1 到 {MOST} 行", f"Between 1 and {MOST} rows at a time"))
    unknown = sorted({str(name) for row in found for name in row} - set(COLUMNS))
    if unknown:
        zh = f"不认识的列：{'、'.join(unknown)}。认识：{'、'.join(COLUMNS)}"
        raise ValueError(W(zh, f"Unknown columns: {', '.join(unknown)}. Known: {', '.join(COLUMNS)}"))
    return [{name: str(row.get(name) or "").strip() for name in COLUMNS} for row in found]


def _text(raw: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValueError(W("文字读不出来，请存成 UTF-8 或 GBK", "The text cannot be read; save it as UTF-8 or GBK"))


def _json(text: str) -> list[dict[str, Any]]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(W("JSON 读不出来", "The JSON cannot be read")) from None
    found = [found] if isinstance(found, dict) else found
    if not isinstance(found, list) or any(not isinstance(one, dict) for one in found):
        raise ValueError(W("JSON 要是一列对象", "The JSON is a list of objects"))
    return found


def take(raw: bytes, by: Actor, at: datetime) -> list[Line]:
    """Every row by itself: a bad one stops no other. Raises ValueError(Words) where the file cannot be read at all."""
    return [_one(n, row, by, at) for n, row in enumerate(rows(raw), 1)]


def _facts(row: Mapping[str, str]) -> dict[str, Any]:
    facts = {name: row[name] for name in ("number", "happened_on", "made_on", "more", "words")}
    return facts | {name: DUTY.get(row[name], row[name]) for name in ("duty_a", "duty_b")}


def _key(number: str, what: str) -> str:
    return f"finding:{what}:{hashlib.sha256(number.encode()).hexdigest()[:40]}"


def _told(refused: Refused) -> Words:
    if not refused.errors:
        return refused.reason
    named = {spec.name: spec.label for spec in ISSUE.fields}
    zh = "；".join(f"{named[name].zh if name in named else name}：{words.zh}" for name, words in refused.errors.items())
    en = "; ".join(f"{named[name].en if name in named else name}: {words.en}" for name, words in refused.errors.items())
    return W(zh, en)


def _one(n: int, row: Mapping[str, str], by: Actor, at: datetime) -> Line:
    number, facts = row["number"], _facts(row)
    if not number:
        return Line(n, "", "bad", W("没有认定书编号", "No number of the finding"))
    known = Event.objects.filter(key=_key(number, "issue"), step="issue").first()
    if known is not None:
        return _again(n, known, number, facts, by)
    case = _waiting(row, by)
    if case is None and row["case"]:
        return Line(n, number, "bad", W("这个编号下没有等您的认定书", "No finding of yours waits under this code"))
    if case is None and routing.nearest("traffic", row["place"]) not in {post.unit for post in by.posts}:
        return Line(n, number, "bad", W("这个地方不归您单位管", "That place is not your unit's"))
    if case is None:
        filed = _filed(row, by, at)
        if isinstance(filed, Refused):
            return Line(n, number, "bad", _told(filed))
        case = Case.objects.filter(county=filed.county, parent=filed.id, procedure="finding").first()
        if case is None:
            return Line(n, number, "bad", W("这个地方没有交警单位", "No traffic police work there"))
    try:
        done = act(case, "issue", by=by, facts=facts, key=_key(number, "issue"), at=max(at, case.changed_at))
    except Case.DoesNotExist:
        return Line(n, number, "bad", W("这个地方不归您单位管", "That place is not your unit's"))
    if isinstance(done, Refused):
        return Line(n, number, "bad", _told(done), case.code)
    return Line(n, number, "new", W("录进去了", "Entered"), case.code)


def _again(n: int, known: Event, number: str, facts: Mapping[str, Any], by: Actor) -> Line:
    case = Case.objects.get(county=known.county, id=known.case_id)
    if "lead" not in access.roles_of(by, case.as_view()):  # no word of what another unit entered
        return Line(n, number, "bad", W("这个编号不能用，请核对", "This number cannot be used; please check it"))
    held = case.facts["finding"]
    same = all(held[name] == facts[name] for name in ("number", "happened_on", "made_on"))
    try:
        same = same and held["duty"] == duties(facts)
    except ValueError:
        same = False
    if same:
        return Line(n, number, "again", W("以前录过，没有变", "Entered before, nothing changed"), case.code)
    return Line(n, number, "bad", W("这个编号录过，内容不一样，没有改", "This number was entered with other content; nothing was changed"), case.code)


def _waiting(row: Mapping[str, str], by: Actor) -> Case | None:
    code = codes.parse(row["case"]) if row["case"] else None
    case = Case.objects.filter(code=code, procedure="finding", closed_at=None).first() if code else None
    return case if case is not None and "lead" in access.roles_of(by, case.as_view()) else None


def _filed(row: Mapping[str, str], by: Actor, at: datetime) -> Case | Refused:
    said = {"text": row["words"] or f"{row['number']}", "place": row["place"], "name": row["name_a"], "phone": row["phone_a"]}
    said |= {"other_name": row["name_b"], "other_phone": row["phone_b"]}
    opened = open_case("accident", by=by, facts=said, key=_key(row["number"], "file"), channel="import", at=at)
    return opened.case if isinstance(opened, Opened) else opened
