"""The database backend "minan.kernel.postgres": a kept connection is looked at before each request, not asked.

Django sends a query to find out whether a kept connection still works, one more round trip a request. When the server ends
or restarts, its end of the socket closes, which is seen here for nothing; only then is the query sent.
"""

from __future__ import annotations

import select
from collections.abc import Callable
from typing import Any

import psycopg
from django.db.backends.postgresql import base

from minan.kernel import hanging


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, but for `is_usable`; and whoever waits for the server is known to wait (hanging.py)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.execute_wrappers.append(_asked)

    def connect(self) -> None:
        with hanging.asking():
            super().connect()

    def _commit(self) -> None:
        with hanging.asking():
            super()._commit()  # type: ignore[misc] # Django's, which its stubs leave out

    def is_usable(self) -> bool:
        """Whether the connection can be used: silent means yes, a word or an end from the server means asking."""
        if self.connection is None:
            return False
        try:
            silent = not self.connection.closed and not select.select([self.connection.fileno()], [], [], 0)[0]
        except (OSError, ValueError, psycopg.Error):
            return False
        with hanging.asking():
            return silent or bool(super().is_usable())


def _asked(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    with hanging.asking():
        return execute(sql, params, many, context)
