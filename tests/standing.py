"""What many tests of a module read and none keeps changed: built once for all of them, inside a transaction that never ends well."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction

from minan.kernel import directory, draws
from minan.kernel.models import Place, User


@contextmanager
def standing(blocker: Any, folder: Path, build: Callable[[], Any]) -> Iterator[Any]:
    """`build()` in the model city with DATA in `folder`; each test's own changes go with its savepoint, all the rest at the end."""
    from conftest import load_city  # the root's own

    with pytest.MonkeyPatch.context() as patch, blocker.unblock(), transaction.atomic():
        patch.setattr(settings, "DATA", folder)
        patch.setattr(draws, "BELOW", 0)  # as for every single test
        patch.setattr(directory, "TTL", 3600.0)
        directory.forget()
        if not Place.objects.exists() or not User.objects.filter(username="clerk").exists():
            load_city()
        yield build()
        transaction.set_rollback(True)
    directory.forget()
