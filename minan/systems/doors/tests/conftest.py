"""A court of doors for every test, a door's process where one is asked for, and keys of their own."""

from __future__ import annotations

import pathlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from minan.systems.doors.tests.process import Running, Server


@pytest.fixture
def keys(tmp_path: pathlib.Path) -> Iterator[pathlib.Path]:
    """Keys of this test alone; the vault's keeper stays where it is."""
    from minan.kernel import passes  # Django is set up only now

    folder = tmp_path / "keys"
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passes, "_folder", lambda: folder)
        yield folder


@pytest.fixture
def court(people: dict[str, Any], keys: pathlib.Path) -> Any:
    from minan.systems.doors.tests import office  # as above

    return office.court()


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.stop()


@pytest.fixture
def stand(server: Server, tmp_path: pathlib.Path, keys: pathlib.Path) -> Iterator[Callable[[Any], Running]]:
    """Puts up the process of a door with the list as it is now."""
    from django.utils import timezone  # as above

    from minan.kernel import passes
    from minan.systems.doors import lists

    made: list[Running] = []

    def put_up(door: Any) -> Running:
        server.hand_out(lists.signed(door, timezone.now()))
        made.append(Running(server, passes.root().hex(), tmp_path / f"door{len(made)}"))
        made[-1].until(held=True)
        return made[-1]

    yield put_up
    for one in made:
        one.stop()
