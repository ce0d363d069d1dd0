"""The people of the shell's tests: 陈静 at her desk and 王秀兰 at home."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache

from minan.kernel.models import Post, Unit

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _no_memory_of_wrong_passwords() -> None:
    cache.clear()


@pytest.fixture
def clerk(db: None) -> Any:
    user = get_user_model().objects.create_user("clerk", password=PASSWORD, name="陈静", name_en="Chen Jing")
    unit = Unit.objects.create(id="131022100-station", name="固安镇说事站", kind="station", level="town", place="131022100", word="station")
    Post.objects.create(user=user, unit=unit, role="clerk")
    return user


@pytest.fixture
def resident(db: None) -> Any:
    return get_user_model().objects.create_user("resident", password=PASSWORD, name="王秀兰")
