"""What is done all day looks no row up by reading a whole table: every statement of a small story, explained by SQLite's planner."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from minan.kernel import worker

GROWING = "case event body clock inbox attachment speaker judged wall"
SCAN = re.compile(rf"SCAN kernel_({'|'.join(GROWING.split())})\b(?! USING)")


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="not run: another planner has other words")
def test_no_statement_of_the_days_work_reads_a_table_that_grows_from_end_to_end(city: None) -> None:
    demo = pytest.importorskip("minan.systems.matters.demo", reason="no folder of matters to play")
    told: dict[str, tuple[str, Any]] = {}

    def listen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not many and sql.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE")):
            told.setdefault(re.sub(r"IN \([^()]*\)", "IN ()", sql), (sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        demo.seed(datetime(2026, 11, 20, 2, 0, tzinfo=UTC), 40)
        worker.turn(datetime(2026, 11, 20, 3, 0, tzinfo=UTC))
    assert len(told) > 50
    scans = []
    with connection.cursor() as cursor:
        for sql, params in told.values():
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
            scans += [f"{row[-1]}: {sql[-420:]}" for row in cursor.fetchall() if SCAN.match(str(row[-1]))]
    assert scans == []
