"""The world of the matrix: built once a process, inside a transaction that never ends well."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from conftest import load_city
from minan.kernel import directory
from minan.kernel.models import Place, User
from tests.matrix import world
from tests.matrix.world import World


@pytest.fixture(scope="module")
def town(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Everybody and every matter; nothing of it is there afterwards."""
    keep = directory.TTL
    directory.TTL = 3600.0
    directory.forget()
    with django_db_blocker.unblock(), transaction.atomic():
        if not Place.objects.exists() or not User.objects.filter(username="clerk").exists():
            load_city()
        yield world.build()
        transaction.set_rollback(True)
    directory.TTL = keep
    directory.forget()
