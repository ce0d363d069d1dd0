"""The only place that writes a case: `commit`, one statement on PostgreSQL, one transaction on SQLite.

It has a plain ORM twin (`orm`); a test writes the same case by both and compares every row. On PostgreSQL everything goes
in one CTE (2.2 times the ORM's rate, measured in SPEED.md); the step's UPDATE is guarded by the number of the case's last
event, so that who was slower writes nothing at all.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction

from minan.kernel.models import Case, Event, Inbox

Row = dict[str, Any]
PLAIN = frozenset({str, int, bool, type(None)})  # what every database takes as it is
FIXED = frozenset({"id", "county", "case_id", "code", "procedure", "opened_at"})  # never change once written
SHARED = ("state", "kind", "place", "open", "due_at", "warn_at", "flags")  # what every inbox row of a case repeats


@dataclass(slots=True)
class Write:
    """All that one act writes. `guard` is the case's last event number as read; None opens a case."""

    county: str
    case_id: UUID
    case: Row
    guard: int | None = None
    inserts: list[tuple[type[models.Model], list[Row]]] = field(default_factory=list)
    updates: list[tuple[type[models.Model], UUID, Row]] = field(default_factory=list)  # rows of this county by id
    inbox: Row | None = None  # columns every inbox row of the case takes
    mine: str = ""  # the unit that must act next
    dropped: list[str] = field(default_factory=list)  # units that no longer see it


@cache
def _columns(model: type[models.Model]) -> dict[str, Any]:
    """Attribute → field of a model's own columns; both names are the same in every model written here."""
    return {f.attname: f for f in model._meta.concrete_fields}


@cache
def _bare(model: type[models.Model]) -> Row:
    """The defaults of the columns that have one; those that are made anew each time are always given."""
    return {
        name: f.get_default()
        for name, f in _columns(model).items()
        if not (f.has_default() and callable(f.default) and f.primary_key)
    }


def _ready(value: Any) -> Any:
    """A value as SQLite keeps it; what Django's fields would make of it, without asking each of them."""
    if value.__class__ in PLAIN:  # most of a row, and asked for forty times a case
        return value
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return str(value.astimezone(UTC).replace(tzinfo=None))  # as Django's own adapter writes it
    return json.dumps(value) if isinstance(value, dict | list) else value


def _full(model: type[models.Model], row: Row) -> list[Any]:
    """The database values of a whole row in the model's order; what is not given takes the model's default."""
    bare = _bare(model)
    return [_ready(row[name] if name in row else bare[name]) for name in _columns(model)]


def _some(model: type[models.Model], row: Row) -> list[tuple[str, Any]]:
    return [(name, _ready(value)) for name, value in row.items()]


def _table(model: type[models.Model]) -> str:
    return f'"{model._meta.db_table}"'


def _plain(value: Any) -> str:
    """What JSON has no form for: moments, row ids and bytes, as PostgreSQL reads them."""
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    return value.isoformat() if isinstance(value, datetime) else str(value)


_json = json.JSONEncoder(default=_plain, ensure_ascii=False, separators=(",", ":")).encode


Models = tuple[type[models.Model], ...]


@cache
def _statement(guarded: bool, inserts: Models, updates: Models, inbox: bool, dropped: bool) -> str:
    """The one statement of a shape of write. Rows come in as JSON, one parameter a table, so that the same shape is the
    same text however many rows it has, and PostgreSQL keeps it prepared."""
    parts, when = [], " WHERE EXISTS (SELECT 1 FROM guard)" if guarded else ""
    also = when.replace("WHERE", "AND")
    if guarded:
        names = ", ".join(f'"{c}"' for c in _columns(Case) if c not in FIXED)
        parts.append(
            f"guard AS (UPDATE {_table(Case)} t SET ({names}) = (SELECT {names} FROM jsonb_populate_record(t, %s::jsonb)) "
            'WHERE "county" = %s AND "id" = %s::uuid AND "n" = %s RETURNING 1)'
        )
    for i, model in enumerate(inserts):
        names = ", ".join(f'"{c}"' for c in _columns(model))
        parts.append(
            f"i{i} AS (INSERT INTO {_table(model)} ({names}) SELECT {names} "
            f"FROM jsonb_populate_recordset(NULL::{_table(model)}, %s::jsonb){when} RETURNING 1)"
        )
    for i, model in enumerate(updates):
        names = ", ".join(f'"{c}"' for c in _columns(model) if c not in FIXED)
        parts.append(
            f"u{i} AS (UPDATE {_table(model)} t SET ({names}) = (SELECT {names} FROM jsonb_populate_record(t, %s::jsonb)) "
            f'WHERE "county" = %s AND "id" = %s::uuid{also} RETURNING 1)'
        )
    if inbox:
        names = ", ".join(f'"{c}"' for c in SHARED)
        parts.append(
            f'inbox AS (UPDATE {_table(Inbox)} t SET ({names}, "mine") = '
            f'(SELECT {names}, t."unit" = %s::varchar FROM jsonb_populate_record(t, %s::jsonb)) '
            f'WHERE "county" = %s AND "case_id" = %s::uuid AND NOT ("unit" = ANY(%s::varchar[])){also} RETURNING 1)'
        )
    if dropped:
        parts.append(
            f'dropped AS (DELETE FROM {_table(Inbox)} WHERE "county" = %s AND "case_id" = %s::uuid '
            f'AND "unit" = ANY(%s::varchar[]){also} RETURNING 1)'
        )
    return f"WITH {', '.join(parts)} SELECT count(*) FROM {'guard' if guarded else 'i0'}"


def _cte(write: Write) -> bool:
    """Everything in one statement; False where the guard found that somebody was faster."""
    guarded, key = write.guard is not None, (write.county, write.case_id)
    inserts = [(model, rows) for model, rows in ([] if guarded else [(Case, [write.case])]) + write.inserts if rows]
    params: list[Any] = [_json(write.case), *key, write.guard] if guarded else []
    params += [_json([_bare(model) | row for row in rows]) for model, rows in inserts]
    for _, pk, row in write.updates:
        params += [_json(row), write.county, pk]
    if write.inbox is not None:
        params += [write.mine, _json(write.inbox), *key, write.dropped]
    if write.dropped:
        params += [*key, write.dropped]
    text = _statement(
        guarded,
        tuple(m for m, _ in inserts),
        tuple(m for m, *_ in write.updates),
        write.inbox is not None,
        bool(write.dropped),
    )
    with connection.cursor() as cursor:
        cursor.execute(text, params)
        found = cursor.fetchone()
    return bool(found and found[0])


@cache
def _insert(model: type[models.Model]) -> str:
    names = ", ".join(f'"{c}"' for c in _columns(model))
    return f"INSERT INTO {_table(model)} ({names}) VALUES ({', '.join('%s' for _ in _columns(model))})"


def _plain_insert(cursor: Any, model: type[models.Model], rows: list[Row]) -> None:
    for row in rows:
        cursor.execute(_insert(model), _full(model, row))


def _plain_update(cursor: Any, model: type[models.Model], row: Row, where: str, key: list[Any]) -> int:
    cells = _some(model, row)
    names = ", ".join(f'"{name}" = %s' for name, _ in cells)
    cursor.execute(f"UPDATE {_table(model)} SET {names}{where}", [*(value for _, value in cells), *key])
    return int(cursor.rowcount)


def _first_event(cursor: Any, write: Write, event: Row, key: list[Any]) -> bool:
    """Insert the step's event where the case still is as the caller saw it; False: somebody was faster."""
    names = ", ".join(f'"{c}"' for c in _columns(Event))
    cursor.execute(
        f"INSERT INTO {_table(Event)} ({names}) SELECT {', '.join('%s' for _ in _columns(Event))} "
        f'WHERE EXISTS (SELECT 1 FROM {_table(Case)} WHERE "county" = %s AND "id" = %s AND "n" = %s)',
        [*_full(Event, event), *key, write.guard],
    )
    return bool(cursor.rowcount == 1)


def _pieces(write: Write) -> bool:
    """The same pieces one after another in one transaction (SQLite, behind its one fair write lock); the event before its case."""
    with transaction.atomic(), connection.cursor() as cursor:
        pk = Case._meta.pk
        key = [write.county, pk.get_db_prep_value(write.case_id, connection)]
        inserts = dict(write.inserts)
        events = inserts.pop(Event, [])
        if write.guard is None:
            _plain_insert(cursor, Event, events)
            _plain_insert(cursor, Case, [write.case])
        else:
            if events and not _first_event(cursor, write, events[0], key):
                return False
            _plain_insert(cursor, Event, events[1:])
            guarded = ' WHERE "county" = %s AND "id" = %s AND "n" = %s'
            if _plain_update(cursor, Case, write.case, guarded, [*key, write.guard]) != 1:
                return False
        for model, rows in inserts.items():
            if model is not Inbox:
                _plain_insert(cursor, model, rows)
        for model, row_id, row in write.updates:
            _plain_update(
                cursor,
                model,
                row,
                ' WHERE "county" = %s AND "id" = %s',
                [write.county, pk.get_db_prep_value(row_id, connection)],
            )
        if write.inbox is not None:
            mine = ', "mine" = ("unit" = %s) WHERE "county" = %s AND "case_id" = %s'
            _plain_update(cursor, Inbox, write.inbox, mine, [write.mine, *key])
        for unit in write.dropped:
            cursor.execute(
                f'DELETE FROM {_table(Inbox)} WHERE "county" = %s AND "case_id" = %s AND "unit" = %s', [*key, unit]
            )
        _plain_insert(cursor, Inbox, inserts.get(Inbox, []))
    return True


def orm(write: Write) -> bool:
    """The twin in plain ORM: slower, and what the fast forms are held against."""
    with transaction.atomic():
        own = Case.objects.filter(county=write.county, id=write.case_id)
        if write.guard is not None and not own.select_for_update().filter(n=write.guard).exists():
            return False
        rows = Inbox.objects.filter(county=write.county, case_id=write.case_id)
        rows.filter(unit__in=write.dropped).delete()
        if write.inbox is not None:
            rows.update(**write.inbox, mine=models.Case(models.When(unit=write.mine, then=True), default=False))
        for model, fresh in write.inserts:
            model._default_manager.bulk_create([model(**row) for row in fresh])
        if write.guard is None:
            Case.objects.bulk_create([Case(**write.case)])
        else:
            own.update(**write.case)
        for model, pk, row in write.updates:
            model._default_manager.filter(county=write.county, pk=pk).update(**row)
    return True


def forget(county: str, case_id: UUID, *, ended: bool = True) -> None:
    """Take the words out of a closed case whose time of keeping is over (retention.py); what it was and when stays.

    `ended` False: also where it is open, in records brought back from a time before its end (erasures.replay).
    """
    found = Case.objects.filter(county=county, id=case_id)
    (found.filter(closed_at__isnull=False) if ended else found).update(
        title="", text="", place_words="", lon=None, lat=None, facts={}
    )


def commit(write: Write) -> bool:
    """Write it all or nothing; False: somebody was faster. IntegrityError: the key or the code is taken."""
    return _cte(write) if connection.vendor == "postgresql" else _pieces(write)
