"""S1 and S3 with the real process, real sockets, a real journal and no records at all: fifty calls, and the lane killed among them."""

from __future__ import annotations

import pathlib
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from minan.systems.help import wire
from minan.systems.help.tests.real import RealLane, Screen, at_once, here, until

pytestmark = [pytest.mark.bar("S1"), pytest.mark.bar("S3"), pytest.mark.once, pytest.mark.faults]
CALLS = 50


@pytest.fixture
def lane(tmp_path: pathlib.Path, settings: Any) -> Iterator[tuple[RealLane, Screen]]:
    data, keys = here(tmp_path)
    screen, made = Screen(data), RealLane(data, keys, 2 * CALLS)
    made.start()
    yield made, screen
    made.stop()
    screen.close()


def test_s1_fifty_calls_reach_the_screen_and_a_killed_lane_loses_none(lane: tuple[RealLane, Screen]) -> None:
    """The database has no table, so all this time the records are away: taken, dispatched, and on the journal for later."""
    real, screen = lane
    quick = at_once(real, range(1, CALLS // 2 + 1), 8)
    until(lambda: {press for press, _at, _s in quick} <= screen.heard.keys())
    took = sorted(screen.heard[press] - at for press, at, _s in quick)
    assert took[-1] <= 2.0, took
    later: list[tuple[str, float, float]] = []
    pressing = threading.Thread(target=lambda: later.extend(at_once(real, range(CALLS // 2 + 1, CALLS + 1), 4)))
    pressing.start()
    until(lambda: len(screen.heard) > CALLS // 2 + 3)
    real.kill()  # in the middle of it
    real.start()
    pressing.join(60)
    assert len(later) == CALLS // 2
    every = {press for press, _at, _s in (*quick, *later)}
    until(lambda: every <= screen.heard.keys())
    for press in every:
        call = wire.ask({"op": "calls_of", "press": press})["call"]
        assert call is not None, "lost"
        assert call["closed"] is None
    assert wire.ask({"op": "ping"})["open"] == CALLS
    known = until(
        lambda: sum(bool(wire.ask({"op": "calls_of", "press": p})["call"]["reached"]) for p in every) == CALLS
    )
    assert known
