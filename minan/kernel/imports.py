"""Brings messages of another system in through the one door, each once: the key is (source, id) (CONTRACTS.md "Import of messages").

Rows go in by batches of one transaction, so that a run that was cut off goes on where it was, and a second run changes
nothing. What cannot be taken is written beside the file with its reason.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path

from django.db import transaction

from minan.kernel import access, act, directory, registry
from minan.kernel.directory import LOCAL
from minan.kernel.models import Event
from minan.lib import csvsafe

NEEDED = ("id", "user", "title", "at", "text")
TAKEN = ("place", "place_words", "kind", "phone", "address")  # columns that are facts where they are given
BATCH = 200  # rows in one transaction
ID_MAX, SOURCE = 40, re.compile(r"[a-z0-9][a-z0-9_-]{0,23}")
FORMS = ("%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d")
Row = dict[str, str]


class BadFile(ValueError):
    """The file is no table of messages; says what is missing."""


@dataclass
class Done:
    """What an import did: rows read, cases opened now, rows that were there before, rows refused with their reasons."""

    read: int = 0
    opened: int = 0
    before: int = 0
    rejected: list[tuple[Row, str]] = field(default_factory=list)


def rows_of(path: Path) -> Iterator[Row]:
    """The rows of the file by column name. BadFile where a needed column is missing or it is not UTF-8."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            lacking = [name for name in NEEDED if name not in (reader.fieldnames or [])]
            if lacking:
                raise BadFile(
                    f"{path}: no column {', '.join(lacking)}; a file of messages begins with {','.join(NEEDED)}"
                )
            for row in reader:
                yield {str(k): v or "" for k, v in row.items() if k is not None}
    except UnicodeDecodeError as error:
        raise BadFile(f"{path} is not UTF-8: {error}") from None


def moment(text: str) -> datetime:
    """When it was said; a time without a zone is Beijing's. ValueError where it is none."""
    text = text.strip()
    for form in FORMS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=LOCAL)
        except ValueError:
            continue
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=LOCAL)


def key_of(source: str, row: Row) -> str:
    return f"import:{source}:{row['id'].strip()}"


def _text(row: Row) -> str:
    title, text = row["title"].strip(), row["text"].strip()
    return text if text.startswith(title) else f"{title}\n{text}" if text else title


def take(row: Row, source: str, procedure: str, now: datetime, history: bool) -> str:
    """Open one case; "" or the reason why not, as one sentence."""
    if not 0 < len(row["id"].strip()) <= ID_MAX:
        return f"the id must have 1 to {ID_MAX} characters"
    try:
        said_at = moment(row["at"])
    except ValueError:
        return f"not a time: {row['at']!r}"
    if said_at > now:
        return f"said in the future: {row['at']}"
    facts = {"text": _text(row), "name": row["user"].strip()} | {name: row[name] for name in TAKEN if row.get(name)}
    result = act.open_case(
        procedure,
        by=access.SPEAKER,
        facts=facts,
        channel="import",
        key=key_of(source, row),
        at=now,
        said_at=said_at,
        history=history,
    )
    if isinstance(result, act.Refused):
        said = [f"{name}: {words.en}" for name, words in result.errors.items()] or [result.reason.en]
        return "; ".join(said)
    return ""


def _known(rows: list[Row], source: str) -> set[str]:
    """The keys of these rows that are there already, whichever county they lie in."""
    counties = {spot.code[:6] for spot in directory.city().places.values() if spot.level in ("city", "county")}
    keys = [key_of(source, row) for row in rows]
    return set(Event.objects.filter(county__in=counties, key__in=keys).values_list("key", flat=True))


def bring(
    path: Path, source: str, now: datetime, *, history: bool = False, procedure: str = "matter", told: Callable[[int], object] = int
) -> Done:  # fmt: skip
    """Bring the whole file in; `told` hears how many rows are through. Raises BadFile, and ValueError for a bad source."""
    if not SOURCE.fullmatch(source):
        raise ValueError("the source's name is 1 to 24 small letters, digits, - and _")
    declared = registry.get(procedure)
    if declared is None or (history and not declared.archive):
        raise ValueError(f"{procedure} takes no messages" + (" of the past" if declared else ""))
    done, ids, rows = Done(), set[str](), rows_of(path)
    try:
        while batch := list(islice(rows, BATCH)):
            refused: list[tuple[Row, str]] = []
            with transaction.atomic():
                known, fresh = _known(batch, source), 0
                for row in batch:
                    name = row["id"].strip()
                    reason = "this id stands in the file twice" if name in ids else ""
                    if not reason and key_of(source, row) not in known:
                        reason = take(row, source, procedure, now, history)
                        fresh += not reason
                    ids.add(name)
                    if reason:
                        refused.append((row, reason))
            done.read += len(batch)
            done.opened += fresh
            done.before += len(batch) - fresh - len(refused)
            done.rejected += refused
            told(done.read)
    finally:
        _write_rejected(path, done.rejected)
    return done


def rejected_path(path: Path) -> Path:
    return path.with_name(path.name + ".rejected.csv")


def _write_rejected(path: Path, rejected: list[tuple[Row, str]]) -> None:
    """Beside the file: the rows as they came, and why; nothing there where all were taken."""
    out = rejected_path(path)
    if not rejected:
        out.unlink(missing_ok=True)
        return
    names = [*rejected[0][0], "reason"]
    lines = csvsafe.lines([names, *([*row.values(), reason] for row, reason in rejected)])
    out.write_text("".join(lines), "utf-8")
