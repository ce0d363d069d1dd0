"""Finds a case by any Chinese word of any length: FTS5 phrases on SQLite, GIN over county and grams on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connection

from minan.kernel.models import Case
from minan.lib.text import grams, phrase, spaced

FOUND_MOST = 200


def _text(case: Case) -> str:
    return f"{case.title}\n{case.text}\n{case.place_words}"


def index(cases: Iterable[Case]) -> None:
    """Write (or write anew) what is searched of these cases; only work-order text, never the vault's."""
    rows = list(cases)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for case in rows:
                cursor.execute(
                    "INSERT INTO kernel_search (county, case_id, grams) VALUES (%s, %s, %s) "
                    "ON CONFLICT (county, case_id) DO UPDATE SET grams = EXCLUDED.grams",
                    [case.county, case.id, grams(_text(case))],
                )
        else:
            for case in rows:
                cursor.execute("DELETE FROM kernel_search WHERE rowid = %s", [_rowid(case.id)])
            cursor.executemany(
                "INSERT INTO kernel_search (rowid, county, case_id, words) VALUES (%s, %s, %s, %s)",
                [[_rowid(case.id), case.county, case.id.hex, spaced(_text(case))] for case in rows],
            )


def _rowid(case_id: UUID) -> int:
    """A row number in time order that fits SQLite's 63 bits: the UUIDv7's 48 bits of time and 15 of chance."""
    return (case_id.int >> 80) << 15 | (case_id.int & 0x7FFF)


def forget(case: Case) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("DELETE FROM kernel_search WHERE county = %s AND case_id = %s", [case.county, case.id])
        else:
            cursor.execute("DELETE FROM kernel_search WHERE rowid = %s", [_rowid(case.id)])


def ids(query: str, units: list[str], counties: list[str], limit: int = FOUND_MOST) -> list[UUID]:
    """The newest cases with the words of `query` that lie with one of `units`; at most `limit`.

    `counties` are the six-digit counties these units work in: they keep the look-up in one place.
    """
    if not query.strip() or not units or not counties:
        return []
    found = (
        _postgres(query, units, counties, limit) if connection.vendor == "postgresql" else _sqlite(query, units, limit)
    )
    return [row if isinstance(row, UUID) else UUID(row) for row in found]


def _postgres(query: str, units: list[str], counties: list[str], limit: int) -> list[Any]:
    wanted = grams(query)
    if not wanted:
        return []
    pairs = [g for g in wanted if len(g) > 1] or wanted
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.case_id FROM kernel_search s WHERE s.county = ANY(%s::varchar[]) AND s.grams @> %s::text[] AND EXISTS "
            "(SELECT 1 FROM kernel_inbox i WHERE i.county = s.county AND i.case_id = s.case_id AND i.unit = ANY(%s::varchar[])) "
            "ORDER BY s.case_id DESC LIMIT %s",
            [counties, pairs, units, limit],
        )
        return [row[0] for row in cursor.fetchall()]


def _sqlite(query: str, units: list[str], limit: int) -> list[Any]:
    marks = ", ".join("%s" for _ in units)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.case_id FROM kernel_search s WHERE s.words MATCH %s AND EXISTS "
            f"(SELECT 1 FROM kernel_inbox i WHERE i.county = s.county AND i.case_id = s.case_id AND i.unit IN ({marks})) "
            "ORDER BY s.rowid DESC LIMIT %s",
            [phrase(query), *units, limit],
        )
        return [row[0] for row in cursor.fetchall()]
