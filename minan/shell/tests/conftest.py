"""The people of the shell's tests: 陈静 at her desk and 王秀兰 at home, each with a password."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _no_memory_of_wrong_passwords() -> None:
    cache.clear()


def with_password(user: Any) -> Any:
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    return user


@pytest.fixture
def clerk(people: dict[str, Any]) -> Any:
    return with_password(people["clerk"])


@pytest.fixture
def resident(people: dict[str, Any]) -> Any:
    return with_password(people["resident"])
