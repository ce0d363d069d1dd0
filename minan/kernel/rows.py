"""The only two places that write a case: `open_rows` and `step_rows`, one statement each on PostgreSQL, one transaction on SQLite.

Each has a plain ORM twin (`orm_open`, `orm_step`); a test writes the same case by both and compares every row.
On PostgreSQL everything goes in one CTE (2.2 times the ORM's rate, measured in SPEED.md); the step's UPDATE is guarded by
the number of the case's last event, so that who was slower writes nothing at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction

from minan.kernel.models import Case, Inbox

Row = dict[str, Any]


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
def _columns(model: type[models.Model]) -> tuple[tuple[str, str, Any, str], ...]:
    """(attribute, column, field, PostgreSQL type) of a model's own columns."""
    out: list[tuple[str, str, Any, str]] = []
    for f in model._meta.concrete_fields:
        kind = (f.rel_db_type(connection) if f.is_relation else f.db_type(connection)) or "text"
        out.append((f.attname, str(f.column), f, kind.split("(")[0].split(" CHECK")[0]))
    return tuple(out)


def _full(model: type[models.Model], row: Row) -> list[tuple[str, Any, str]]:
    """(column, database value, type) of a whole row; what is not given takes the model's default."""
    out = []
    for name, column, f, kind in _columns(model):
        value = row[name] if name in row else f.get_default()
        out.append((column, f.get_db_prep_save(value, connection), kind))
    return out


def _some(model: type[models.Model], row: Row) -> list[tuple[str, Any, str]]:
    known = {name: (column, f, kind) for name, column, f, kind in _columns(model)}
    out = []
    for name, value in row.items():
        column, f, kind = known[name]
        out.append((column, f.get_db_prep_save(value, connection), kind))
    return out


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _set(cells: Iterable[tuple[str, Any, str]]) -> str:
    return ", ".join(f'"{column}" = %s::{kind}' for column, _, kind in cells)


def _insert_cte(model: type[models.Model], rows: list[Row], guarded: bool, params: list[Any]) -> str:
    lines, columns = [], ""
    when = " WHERE EXISTS (SELECT 1 FROM guard)" if guarded else ""
    for row in rows:
        cells = _full(model, row)
        columns = ", ".join(f'"{c}"' for c, _, _ in cells)
        lines.append("SELECT " + ", ".join(f"%s::{kind}" for _, _, kind in cells) + when)
        params += [v for _, v, _ in cells]
    return f"INSERT INTO {_table(model)} ({columns}) " + " UNION ALL ".join(lines)


def _cte(write: Write) -> bool:
    """Everything in one statement; False where the guard found that somebody was faster."""
    params: list[Any] = []
    parts: list[str] = []
    guarded = write.guard is not None
    when = " AND EXISTS (SELECT 1 FROM guard)"
    if guarded:
        cells = _some(Case, write.case)
        parts.append(
            f'guard AS (UPDATE {_table(Case)} SET {_set(cells)} WHERE "county" = %s AND "id" = %s::uuid AND "n" = %s RETURNING 1)'
        )
        params += [v for _, v, _ in cells] + [write.county, write.case_id, write.guard]
    opened: list[tuple[type[models.Model], list[Row]]] = [] if guarded else [(Case, [write.case])]
    inserts = [*opened, *write.inserts]
    for i, (model, rows) in enumerate(inserts):
        if rows:
            parts.append(f"i{i} AS ({_insert_cte(model, rows, guarded, params)} RETURNING 1)")
    for i, (model, pk, row) in enumerate(write.updates):
        cells = _some(model, row)
        parts.append(
            f'u{i} AS (UPDATE {_table(model)} SET {_set(cells)} WHERE "county" = %s AND "id" = %s::uuid{when} RETURNING 1)'
        )
        params += [v for _, v, _ in cells] + [write.county, pk]
    if write.inbox is not None:
        cells = _some(Inbox, write.inbox)
        parts.append(
            f'inbox AS (UPDATE {_table(Inbox)} SET {_set(cells)}, "mine" = ("unit" = %s) '
            f'WHERE "county" = %s AND "case_id" = %s::uuid AND NOT ("unit" = ANY(%s::varchar[])){when} RETURNING 1)'
        )
        params += [v for _, v, _ in cells] + [write.mine, write.county, write.case_id, write.dropped]
    if write.dropped:
        parts.append(
            f'dropped AS (DELETE FROM {_table(Inbox)} WHERE "county" = %s AND "case_id" = %s::uuid AND "unit" = ANY(%s::varchar[]){when} RETURNING 1)'
        )
        params += [write.county, write.case_id, write.dropped]
    last = "guard" if guarded else "i0"
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {', '.join(parts)} SELECT count(*) FROM {last}", params)
        row = cursor.fetchone()
    return bool(row and row[0])


def _plain_insert(cursor: Any, model: type[models.Model], rows: list[Row]) -> None:
    cells = [_full(model, row) for row in rows]
    columns = ", ".join(f'"{c}"' for c, _, _ in cells[0])
    marks = ", ".join("%s" for _ in cells[0])
    cursor.executemany(
        f"INSERT INTO {_table(model)} ({columns}) VALUES ({marks})", [[v for _, v, _ in row] for row in cells]
    )


def _pieces(write: Write) -> bool:
    """The same pieces one after another in one transaction (SQLite, behind its one fair write lock)."""
    with transaction.atomic(), connection.cursor() as cursor:
        key = [write.county, Case._meta.pk.get_db_prep_value(write.case_id, connection)]
        if write.guard is not None:
            cells = _some(Case, write.case)
            names = ", ".join(f'"{c}" = %s' for c, _, _ in cells)
            cursor.execute(
                f'UPDATE {_table(Case)} SET {names} WHERE "county" = %s AND "id" = %s AND "n" = %s',
                [*(v for _, v, _ in cells), *key, write.guard],
            )
            if cursor.rowcount != 1:
                return False
        else:
            _plain_insert(cursor, Case, [write.case])
        for model, rows in write.inserts:
            if rows and model is not Inbox:
                _plain_insert(cursor, model, rows)
        for model, pk, row in write.updates:
            cells = _some(model, row)
            names = ", ".join(f'"{c}" = %s' for c, _, _ in cells)
            cursor.execute(
                f'UPDATE {_table(model)} SET {names} WHERE "county" = %s AND "id" = %s',
                [*(v for _, v, _ in cells), write.county, model._meta.pk.get_db_prep_value(pk, connection)],
            )
        if write.inbox is not None:
            cells = _some(Inbox, write.inbox)
            names = ", ".join(f'"{c}" = %s' for c, _, _ in cells)
            cursor.execute(
                f'UPDATE {_table(Inbox)} SET {names}, "mine" = ("unit" = %s) WHERE "county" = %s AND "case_id" = %s',
                [*(v for _, v, _ in cells), write.mine, *key],
            )
        for unit in write.dropped:
            cursor.execute(
                f'DELETE FROM {_table(Inbox)} WHERE "county" = %s AND "case_id" = %s AND "unit" = %s', [*key, unit]
            )
        for model, rows in write.inserts:
            if rows and model is Inbox:
                _plain_insert(cursor, model, rows)
    return True


def orm(write: Write) -> bool:
    """The twin in plain ORM: slower, and what the fast forms are held against."""
    with transaction.atomic():
        if write.guard is None:
            Case.objects.bulk_create([Case(**write.case)])
        elif not Case.objects.filter(county=write.county, id=write.case_id, n=write.guard).update(**write.case):
            return False
        for model, pk, row in write.updates:
            model._default_manager.filter(county=write.county, pk=pk).update(**row)
        rows = Inbox.objects.filter(county=write.county, case_id=write.case_id)
        rows.filter(unit__in=write.dropped).delete()
        if write.inbox is not None:
            rows.update(**write.inbox, mine=models.Case(models.When(unit=write.mine, then=True), default=False))
        for model, fresh in write.inserts:
            model._default_manager.bulk_create([model(**row) for row in fresh])
    return True


def commit(write: Write) -> bool:
    """Write it all or nothing; False: somebody was faster. IntegrityError: the key or the code is taken."""
    return _cte(write) if connection.vendor == "postgresql" else _pieces(write)
