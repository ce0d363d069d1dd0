"""The city in memory is kept from one test to the next while nobody wrote to its tables: to read it anew costs each test 60 ms.

Every statement of every connection is looked at. What a test wrote it takes back at its end, and the kept city holds again; after
what was written outside a test's own transaction (a test that commits, the town of a whole module) it is read again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.backends.signals import connection_created

from minan.kernel import directory
from minan.kernel.models import (
    Duty,
    Edition,
    Ground,
    Kind,
    LimitRule,
    OfficeHours,
    Place,
    Post,
    RestDay,
    RoutingRule,
    Unit,
    User,
)  # fmt: skip

TABLES = (Duty, Edition, Ground, Kind, LimitRule, OfficeHours, Place, Post, RestDay, RoutingRule, Unit)
_of_them = "|".join(model._meta.db_table for model in TABLES)
_writes = re.compile(
    rf'(?:INSERT|UPDATE|DELETE|REPLACE|WITH)\b.{{0,30}}\b(?:(?:{_of_them})\b|{User._meta.db_table}\b.*"is_active" =)',
    re.S,
)


class Keeper:
    """`writes` counts the statements that changed the city's tables, less those that were taken back."""

    def __init__(self) -> None:
        self.writes, self.begin, self.at = 0, -1, -1  # `begin`: of the running test, -1 where it keeps what it writes
        self.city: Any = None
        self._really = directory._read
        directory._read = self._read
        connection_created.connect(self._listen)
        self._listen(None, connection)

    def _listen(self, sender: Any, connection: Any, **_: Any) -> None:
        if self._look not in connection.execute_wrappers:
            connection.execute_wrappers.append(self._look)

    def _look(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if _writes.match(sql):
            self.writes += 1
        return execute(sql, params, many, context)

    def _read(self, stamp: int) -> Any:
        if self.begin < 0:
            return self._really(stamp)
        same = self.city is not None and self.at == self.writes
        if same and (self.city.stamp, self.city.day) == (stamp, datetime.now(directory.LOCAL).date()):
            return replace(self.city, beside={})
        read = self._really(stamp)
        if self.writes == self.begin:
            self.city, self.at = read, self.writes
            read = replace(read, beside={})
        return read

    @contextmanager
    def around(self, *, own: bool) -> Iterator[None]:
        """Around one test; `own`: what it writes stands in a transaction of its own, which is open now and never commits."""
        if not own or len(connection.atomic_blocks) != 1:
            self.begin, self.city = -1, None
            yield
            return
        self.begin = self.writes
        yield
        self.writes, self.begin = self.begin, -1
