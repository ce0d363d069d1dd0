"""A worker in a process of its own on the test's records, to be killed; nothing of the program is read before it is set up."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any


def turning(database: dict[str, Any], now: datetime, until: float) -> None:
    """Turn at the frozen moment `now` until killed, at most until the monotonic second `until`."""
    import django  # in the child only

    django.setup()
    from django.conf import settings  # only after setup
    from django.db import connections  # as above

    settings.DATABASES["default"].update(database)
    connections.databases["default"].update(database)
    from minan.kernel import worker  # as above

    while time.monotonic() < until:
        if not worker.turn(now):
            time.sleep(0.02)
