"""The database backend "minan.kernel.postgres": a kept connection is looked at before each request, not asked.

Django sends a query to find out whether a kept connection still works, one more round trip a request. When the server ends
or restarts, its end of the socket closes, which is seen here for nothing; only then is the query sent.
"""

from __future__ import annotations

import select

import psycopg
from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, but for `is_usable`."""

    def is_usable(self) -> bool:
        """Whether the connection can be used: silent means yes, a word or an end from the server means asking."""
        if self.connection is None:
            return False
        try:
            silent = not self.connection.closed and not select.select([self.connection.fileno()], [], [], 0)[0]
        except (OSError, ValueError, psycopg.Error):
            return False
        return silent or bool(super().is_usable())
