"""All that a city administers as one file 规则文件: taken out, read by people, brought into another city or back, by two people.

The file is canonical JSON with a hash: tables by name, each row by its own words, no ids of ours, nobody's name. Bringing it in
makes the tables what the file says, in one edition: rows that differ are changed, those missing are ended, nothing is deleted.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from django.db import models

from minan.kernel import config, config_checks, directory, dryrun, house, planned
from minan.kernel.models import (
    Article,
    Duty,
    Edition,
    Ground,
    Kind,
    LimitRule,
    OfficeHours,
    Question,
    RestDay,
    RoutingRule,
    StandardAnswer,
)
from minan.kernel.procedure import Words

FORMAT, MOST_BYTES = 1, 4_000_000
# Table → its rows' own key, in the order in which they hang on each other.
KEYS: dict[type[models.Model], tuple[str, ...]] = {
    Ground: ("code",), Kind: ("code",), Question: ("kind_id", "code"), OfficeHours: ("name",), RestDay: ("date",),
    LimitRule: ("clock", "urgency", "size", "group"), Duty: ("kind", "level", "word"), RoutingRule: ("rule",), StandardAnswer: ("code",),
    Article: ("code",),
}  # fmt: skip
DATES: dict[type[models.Model], tuple[str, ...]] = {RestDay: ("date",), Article: ("checked",)}  # JSON holds them as text
LISTED = (Duty,)  # a kind's rows are read in their order: where one differs, the list begins anew
Row = dict[str, Any]
Table = dict[tuple[str, ...], Row]


class Unreadable(ValueError):
    """A file that is none of ours, or was changed after it was taken out; `words` say so."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.words = Words(zh, en)


@dataclass(slots=True)
class Difference:
    """What bringing a file in would do to one row."""

    model: type[models.Model]
    key: tuple[str, ...]
    what: str  # new, changed, ended
    before: Row = field(default_factory=dict)  # only what changes
    after: Row = field(default_factory=dict)


def name_of(model: type[models.Model]) -> str:
    return model._meta.model_name or model.__name__.lower()


def _models() -> dict[str, type[models.Model]]:
    return {name_of(model): model for model in KEYS}


def _held(model: type[models.Model]) -> Table:
    """The rows that hold now, each by its key, as JSON can hold them."""
    rows = model._default_manager.order_by("pk")
    if model in config.VERSIONED:
        rows = rows.filter(until=None)
    return {tuple(str(config._plain(getattr(row, k))) for k in KEYS[model]): config.said(row) for row in rows}


def _canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def take_out() -> bytes:
    """The whole rulebook as a file: UTF-8 JSON, indented to be read, with the hash of its tables."""
    tables = {name: list(_held(model).values()) for name, model in _models().items()}
    city = next((s.name for s in directory.city().places.values() if s.level == "city"), "")
    head = {"format": FORMAT, "city": city, "edition": directory.city().edition, "at": datetime.now(UTC).isoformat(timespec="seconds")}
    whole = head | {"sha256": hashlib.sha256(_canonical(tables)).hexdigest(), "tables": tables}
    return (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode()


def read(data: bytes) -> dict[type[models.Model], Table]:
    """The tables of a file. Raises Unreadable for what is no rulebook, of another format, or changed by hand without its hash."""
    if len(data) > MOST_BYTES:
        raise Unreadable("文件太大，不是规则文件", "The file is too large to be a rulebook")
    try:
        whole = json.loads(data.decode("utf-8-sig"))
        tables = whole["tables"]
        known = {name: tables[name] for name in _models() if name in tables}
    except (UnicodeDecodeError, ValueError, KeyError, TypeError, RecursionError):
        raise Unreadable("这不是规则文件", "This is no rulebook") from None
    if whole.get("format") != FORMAT or not known:
        raise Unreadable("规则文件的格式不认识", "The format of this rulebook is not known")
    if whole.get("sha256") != hashlib.sha256(_canonical(tables)).hexdigest():
        raise Unreadable(
            "文件导出后被改过，和它的校验值对不上：请在管理里改好，再导出一份",
            "The file was changed after it was taken out: change the tables under Administration and take out a new one",
        )
    return {_models()[name]: _rows(_models()[name], rows) for name, rows in known.items()}


def _rows(model: type[models.Model], rows: Any) -> Table:
    names, out = config.FIELDS[model], Table()
    for row in rows if isinstance(rows, list) else [None]:
        if not isinstance(row, dict) or set(row) != set(names):
            raise Unreadable(f"“{name_of(model)}”有一行的栏目不对", f"A row of {name_of(model)} does not have its fields")
        key = tuple(str(row[k]) for k in KEYS[model])
        if key in out:
            raise Unreadable(f"“{name_of(model)}”有两行是同一个：{'/'.join(key)}", f"{name_of(model)} names {'/'.join(key)} twice")
        out[key] = row
    return out


def compare(wanted: Mapping[type[models.Model], Table]) -> list[Difference]:
    """What bringing these tables in would change, row by row, in the order in which it is done."""
    out: list[Difference] = []
    for model in KEYS:
        if model not in wanted:
            continue
        held, rows = _held(model), wanted[model]
        for key, row in rows.items():
            was = held.get(key)
            if was is None:
                out.append(Difference(model, key, "new", {}, row))
            elif changed := {n for n in row if row[n] != was[n]}:
                out.append(Difference(model, key, "changed", {n: was[n] for n in changed}, {n: row[n] for n in changed}))
        out += [Difference(model, key, "ended", was, {}) for key, was in held.items() if key not in rows and _ends(model, was)]
    return out


def _ends(model: type[models.Model], row: Row) -> bool:
    """Whether a row missing in the file would change anything: what is out of use already is not ended again."""
    return model in config.VERSIONED or bool(row.get("active")) or model is RestDay


@dataclass(slots=True)
class Ahead:
    """What bringing a file in would do to matters; None where none of its differences could."""

    file: str  # the hash of its tables
    moves: planned.Preview | None = None  # ends of what is open, by rest days and office hours
    dry: dryrun.Dry | None = None  # the last 30 days by the other duties and routing rules
    words: tuple[str, ...] = ()  # what it asks for in what people said: nobody is told an answer who is not written down

    @property
    def mark(self) -> str:
        return self.moves.mark if self.moves else ""

    @property
    def nothing(self) -> bool:
        return not (self.moves and self.moves.moves) and not (self.dry and self.dry.elsewhere)


def ahead(data: bytes, by: str = "") -> Ahead:
    """What bringing the file in would move, tried and taken back. Raises Unreadable, config.Wrong as `bring` would.

    `by` signs in as: who asks. Where the file asks for words in what people said, that stands in the register first; "", for a
    page that is only looked at, gets no trial of such a file.
    """
    wanted, old, now = read(data), directory.city(), datetime.now(UTC)
    found = compare(wanted)
    if not found:
        raise config.Wrong({"": config.SAME})
    new = config._as_after(lambda number: _bring_all(found, wanted, number))
    routed = _touches(found, config.ROUTING)
    words = tuple(dryrun.by_words(old, new)) if routed else ()
    if words and by:
        config.tried(list(words), by, file=hashlib.sha256(data).hexdigest())
    return Ahead(
        json.loads(data.decode("utf-8-sig"))["sha256"],
        planned.preview(RestDay, {}, old, new, "", now) if _touches(found, planned.DATED) else None,
        dryrun.run(old, new, now) if routed and (by or not words) else None,
        words,
    )


def _touches(found: list[Difference], models_: tuple[type[models.Model], ...]) -> bool:
    return any(one.model in models_ for one in found)


def bring(data: bytes, by: str, why: str, *, second: str, base: str | None = None) -> Edition:
    """Make the tables what the file says, as one edition with one event of the register.

    `base` is the mark of the preview that was looked at. Raises Unreadable; config.Wrong with every row that does not fit
    ("kind lamp.out: …"), or where something else moves by now, and nothing changed.
    """
    wanted = read(data)

    def write(number: int) -> tuple[str, Row, Row]:
        found = compare(wanted)
        if not found:
            raise config.Wrong({"": config.SAME})
        dated = _touches(found, planned.DATED)
        before = directory.read() if dated else None
        _bring_all(found, wanted, number)
        counts: Row = {}
        for one in found:
            counts[f"{name_of(one.model)} {one.what}"] = counts.get(f"{name_of(one.model)} {one.what}", 0) + 1
        if dated:  # rest days and office hours count for what is open, as where they are changed by hand
            seen = planned.preview(RestDay, {}, before, directory.read(), "", datetime.now(UTC))
            if base is not None and base != seen.mark:
                raise config.Wrong({"": planned.LOOK_AGAIN})
            planned.write(number, seen)
            counts["moves"] = len(seen.moves)
        return "rulebook", {}, counts | {"sha256": hashlib.sha256(data).hexdigest()}

    if second in ("", by):
        raise config.Wrong({"": house.ALONE})
    return config._published(write, by, why, "rule", second)


def _bring_all(found: list[Difference], wanted: Mapping[type[models.Model], Table], number: int) -> None:
    """Write every difference and hold what was written against the rules. Raises config.Wrong."""
    with ExitStack() as so_far:
        for model in KEYS:
            some = [d for d in found if d.model is model]
            if some:
                _bring(model, some, wanted[model], number)
                so_far.enter_context(directory.as_if(directory.read()))  # the next table hangs on this one
        _checked(found, wanted)


def _typed(model: type[models.Model], row: Row) -> Row:
    return {n: date.fromisoformat(v) if n in DATES.get(model, ()) and v else v for n, v in row.items()}


def _bring(model: type[models.Model], some: list[Difference], rows: Table, number: int) -> None:
    """Write one table's differences."""
    manager: models.Manager[Any] = model._default_manager
    if model in config.VERSIONED:
        keys = [d.key for d in some]
        if model in LISTED:
            lists = {key[0] for key in keys}
            keys = [key for key in [*_held(model), *rows] if key[0] in lists]
        old = [row for row in manager.filter(until=None) if tuple(str(getattr(row, k)) for k in KEYS[model]) in set(keys)]
        config._replace(model, old, [rows[key] for key in rows if key in set(keys)], number)
        return
    for one in some:
        found = manager.filter(**dict(zip(KEYS[model], one.key, strict=True)))
        if one.what == "new":
            manager.create(**_typed(model, one.after))
        elif one.what == "changed":
            found.update(**_typed(model, one.after))
        elif model is RestDay:
            found.delete()
        else:
            found.update(active=False)


def _checked(found: list[Difference], wanted: Mapping[type[models.Model], Table]) -> None:
    """Every row written is held against the rules for one written by hand. Raises config.Wrong with all that do not fit."""
    errors: dict[str, Words] = {}
    for one in found:
        where = f"{name_of(one.model)} {'/'.join(one.key)}"
        if one.what == "ended":
            for words in config_checks.check_gone(one.model, one.key).values():
                errors[where] = Words(f"{where}：{words.zh}", f"{where}: {words.en}")
            continue
        row = one.model._default_manager.filter(**dict(zip(KEYS[one.model], one.key, strict=True)))
        here = (row.filter(until=None) if one.model in config.VERSIONED else row).first()
        for name, words in config_checks.check(one.model, _typed(one.model, wanted[one.model][one.key]), here).items():
            at = f"{where} {name}" if name else where
            errors[at] = Words(f"{at}：{words.zh}", f"{at}: {words.en}")
    if errors:
        raise config.Wrong(errors)
