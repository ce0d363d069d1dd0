"""Ids sort by the time they were made, whatever the clock does."""

import threading
import time
import uuid

import pytest

from minan.lib import uuid7


def test_ids_never_go_back_even_when_the_clock_does(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [uuid7.uuid7() for _ in range(10_000)]
    back = time.time_ns() - 3600 * 10**9
    monkeypatch.setattr(time, "time_ns", lambda: back)
    ids += [uuid7.uuid7() for _ in range(10_000)]
    assert ids == sorted(set(ids))


def test_ids_are_version_7_and_carry_the_time() -> None:
    made = uuid7.uuid7_at(1_700_000_000.5)
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == 1_700_000_000_500
    now = uuid7.uuid7()
    assert (now.version, now.variant) == (7, uuid.RFC_4122)


def test_eight_threads_get_ids_of_their_own() -> None:
    got: list[uuid.UUID] = []

    def take() -> None:
        mine = [uuid7.uuid7() for _ in range(2000)]
        assert mine == sorted(mine)
        got.extend(mine)

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(got)) == 16_000
