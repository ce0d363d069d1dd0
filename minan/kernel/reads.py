"""The hot reads as fixed statements: the ORM's very rows, without building the same SQL anew each time (half of a small read's cost).

The text of a statement depends only on its shape, so that PostgreSQL keeps it prepared. Everything else uses the ORM.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import datetime
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection, models

Row = dict[str, Any]
M = TypeVar("M", bound=models.Model)
U = TypeVar("U", bound=models.Model)


@cache
def columns(model: type[models.Model], table: str = "t") -> str:
    """A model's own columns in the model's order, of the table so called in the statement."""
    return ", ".join(f'{table}."{f.column}"' for f in model._meta.concrete_fields)


@cache
def _names(model: type[models.Model]) -> list[str]:
    return [f.attname for f in model._meta.concrete_fields]


@cache
def _converters(model: type[models.Model]) -> list[tuple[int, Any, list[Any]]]:
    """(place, column, converters) of the columns whose database value is not yet Python's."""
    out = []
    for i, f in enumerate(model._meta.concrete_fields):
        column = f.get_col(model._meta.db_table)
        found = [*connection.ops.get_db_converters(column), *f.get_db_converters(connection)]
        if found:
            out.append((i, column, found))
    return out


@contextmanager
def _unprepared() -> Iterator[None]:
    """PostgreSQL plans a prepared statement for the average value: right for a case, wrong by far for the unit that sees all."""
    connection.ensure_connection()
    kept = connection.connection if connection.vendor == "postgresql" else None
    threshold = kept.prepare_threshold if kept is not None else None
    if kept is not None:
        kept.prepare_threshold = None
    try:
        yield
    finally:
        if kept is not None:
            kept.prepare_threshold = threshold


def fetch(sql: str, params: Sequence[Any], *, anew: bool = False) -> list[tuple[Any, ...]]:
    """All rows of one statement; with `anew` planned for these very values."""
    with _unprepared() if anew else nullcontext(), connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def values(model: type[models.Model], rows: list[tuple[Any, ...]]) -> list[list[Any]]:
    """Rows that begin with `columns(model)`, as the ORM would hand them out; what follows these columns stays as it is."""
    ready = connection
    out = []
    for row in rows:
        cells = list(row)
        for i, column, found in _converters(model):
            value = cells[i]
            for convert in found:
                value = convert(value, column, ready)
            cells[i] = value
        out.append(cells)
    return out


def dicts(model: type[models.Model], tail: str, params: Sequence[Any]) -> list[Row]:
    """`SELECT … FROM model t` and the tail, as dictionaries."""
    names = _names(model)
    sql = f'SELECT {columns(model)} FROM "{model._meta.db_table}" t {tail}'
    return [dict(zip(names, row, strict=True)) for row in values(model, fetch(sql, params))]


def objects(model: type[M], tail: str, params: Sequence[Any]) -> list[M]:
    """The same as model instances."""
    names = _names(model)
    sql = f'SELECT {columns(model)} FROM "{model._meta.db_table}" t {tail}'
    return [model.from_db("default", names, row) for row in values(model, fetch(sql, params))]


def paired(model: type[M], more: str, tail: str, params: Sequence[Any], *, anew: bool = False) -> list[tuple[M, Any]]:
    """Model instances, each with the value of one more column; `anew` as in `fetch`."""
    names = _names(model)
    sql = f'SELECT {columns(model)}, {more} FROM "{model._meta.db_table}" t {tail}'
    return [
        (model.from_db("default", names, row[:-1]), row[-1]) for row in values(model, fetch(sql, params, anew=anew))
    ]


def with_user(model: type[M], user: type[U], where: str, params: Sequence[Any]) -> tuple[M, U | None] | None:
    """The first row of a table that has a column user_id, with that person; None where there is none."""
    join = f'LEFT JOIN "{user._meta.db_table}" u ON u."id" = t."user_id"'
    sql = f'SELECT {columns(model)}, {columns(user, "u")} FROM "{model._meta.db_table}" t {join} WHERE {where} LIMIT 1'
    width = len(_names(model))
    for row in fetch(sql, params):
        own, theirs = values(model, [row[:width]])[0], values(user, [row[width:]])[0]
        person = user.from_db("default", _names(user), theirs) if theirs[0] is not None else None
        return model.from_db("default", _names(model), own), person
    return None


def with_clocks(model: type[M], clock: type[models.Model], tail: str, params: Sequence[Any]) -> tuple[M, list[Row]] | None:
    """The case that `tail` finds and all its clocks, oldest first, in one statement; None where there is none."""
    join = f'LEFT JOIN "{clock._meta.db_table}" c ON c."county" = t."county" AND c."case_id" = t."id"'
    sql = f'SELECT {columns(model)}, {columns(clock, "c")} FROM "{model._meta.db_table}" t {join} {tail} ORDER BY c."id"'
    rows = fetch(sql, params)
    if not rows:
        return None
    width, names = len(_names(model)), _names(clock)
    case = model.from_db("default", _names(model), values(model, [rows[0][:width]])[0])
    found = values(clock, [row[width:] for row in rows if row[width] is not None])
    return case, [dict(zip(names, row, strict=True)) for row in found]


def seen(units: Sequence[str], keys: Sequence[str], code: str) -> tuple[str, list[Any]]:
    """The tail that finds a case by its code where one of `units` has it before it and no wall stands before `keys`."""
    before, params = among('i."unit"', units)
    there = f'SELECT 1 FROM "kernel_inbox" i WHERE i."county" = t."county" AND i."case_id" = t."id" AND {before}'
    wall, more = walled("t", "id", keys)
    return f'WHERE t."code" = %s AND EXISTS ({there}) AND {wall}', [code, *params, *more]


def walled(table: str, column: str, keys: Sequence[str]) -> tuple[str, list[Any]]:
    """The condition that no wall (models.Wall) keeps the holder of `keys` from the case that a row of `table` names."""
    mine, params = among('w."who"', keys)
    there = f'SELECT 1 FROM "kernel_wall" w WHERE w."county" = {table}."county" AND w."case_id" = {table}."{column}" AND {mine}'
    return f"NOT EXISTS ({there})", params


def moment(value: datetime) -> Any:
    """A moment as a parameter: text on SQLite."""
    return connection.ops.adapt_datetimefield_value(value)


def row_id(value: UUID) -> Any:
    """A row id as a parameter: 32 hex digits on SQLite."""
    return value if connection.vendor == "postgresql" else value.hex


def among(column: str, wanted: Sequence[Any], kind: str = "varchar") -> tuple[str, list[Any]]:
    """A condition that `column` is one of `wanted`: one parameter on PostgreSQL, so that the text stays the same."""
    if connection.vendor == "postgresql":
        return f"{column} = ANY(%s::{kind}[])", [list(wanted)]
    return f"{column} IN ({', '.join('%s' for _ in wanted) or 'NULL'})", list(wanted)
