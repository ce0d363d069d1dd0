"""What the fault tests share: one prepared city for all of them."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator

import pytest

from tests.faults import town


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("prepared")
    town.prepare(folder)
    return folder


@pytest.fixture
def running(prepared: pathlib.Path, tmp_path: pathlib.Path) -> Iterator[town.Town]:
    """A city of its own; its server is stopped afterwards, whatever happened."""
    here = town.Town(prepared, tmp_path)
    yield here
    here.kill()
