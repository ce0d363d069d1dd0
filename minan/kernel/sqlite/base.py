"""The database backend "minan.kernel.sqlite": every transaction that writes waits its turn in one fair line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from django.db.backends.sqlite3 import base
from django.db.utils import OperationalError

from minan.kernel import ballast
from minan.kernel.sqlite.queue import WriteLock, lock_of

WRITES = ("INSERT", "UPDATE", "DELETE", "REPLAC")


@lru_cache(maxsize=1000)
def _marked(query: str) -> str:
    """The statement with SQLite's own marks; most statements are the same few texts."""
    return base.FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%")


class Cursor(base.SQLiteCursorWrapper):
    """Takes the lock for a single statement that writes outside a transaction; reading never waits."""

    owner: DatabaseWrapper

    def convert_query(self, query: str, *, param_names: Any = None) -> str:
        """As Django does it, once a text."""
        return super().convert_query(query, param_names=param_names) if param_names else _marked(query)

    def execute(self, query: str, params: Any = None) -> Any:
        with self.owner.turn_for(query):
            return super().execute(query, params)

    def executemany(self, query: str, param_list: Any) -> Any:
        with self.owner.turn_for(query):
            return super().executemany(query, param_list)


class DatabaseWrapper(base.DatabaseWrapper):
    """Holds the write lock from BEGIN until COMMIT, ROLLBACK or close, whatever happens in between."""

    _held: WriteLock | None = None

    def take_turn(self) -> None:
        """Wait for the write lock. Raises OperationalError when it is not free within the connection's timeout."""
        if self._held is not None:
            return
        lock = lock_of(str(self.settings_dict["NAME"]), self.is_in_memory_db())
        seconds = float(self.settings_dict["OPTIONS"].get("timeout", 20))
        if not lock.acquire(seconds):
            raise OperationalError(f"the write lock was not free within {seconds:g} s")
        self._held = lock
        ballast.spare(os.path.dirname(str(self.settings_dict["NAME"])) or ".")

    def end_turn(self) -> None:
        """Release the lock if no transaction is open any more; safe to call at any time."""
        if self._held is None or (self.connection is not None and self.connection.in_transaction):
            return
        lock, self._held = self._held, None
        lock.release()

    @contextmanager
    def turn_for(self, query: str) -> Iterator[None]:
        """The lock for one statement, if it writes and no transaction holds the lock already."""
        if self._held is not None or query.lstrip()[:6].upper() not in WRITES:
            yield
            return
        self.take_turn()
        try:
            yield
        finally:
            self.end_turn()

    def create_cursor(self, name: str | None = None) -> Cursor:
        cursor: Cursor = self.connection.cursor(factory=Cursor)
        cursor.owner = self
        return cursor

    def _start_transaction_under_autocommit(self) -> None:
        self.take_turn()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        finally:
            self.end_turn()  # keeps the lock once BEGIN has succeeded

    def _commit(self) -> None:
        try:
            super()._commit()  # type: ignore[misc]
        finally:
            self.end_turn()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self.end_turn()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            if self._held is not None:  # closing ended whatever was open
                lock, self._held = self._held, None
                lock.release()
