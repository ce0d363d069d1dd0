"""L5: what was acknowledged stands in a published checkpoint within a minute; and a proof asks little however long the log is."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench import proof as bench
from minan.kernel import merkle, worker
from minan.systems.proof import publication, receipts, store
from minan.systems.proof.models import CITY, Checkpoint, Leaf, Log, Tile
from minan.systems.proof.tests.test_life import AT, say

pytestmark = [pytest.mark.django_db, pytest.mark.bar("L5")]
SECONDS, EACH = 200, 3  # of the clock on the wall, and one matter each so many of them
PROMISED = 300.0  # seconds a promise gives
LONG = 300_000  # leaves


def delays() -> list[float]:
    """Minutes of a city played at the worker's own pace: seconds from each event to the checkpoint that holds it."""
    said = 0
    for half in range(2 * (SECONDS + 61)):
        now = AT + timedelta(seconds=half / 2)
        while said * EACH <= min(half / 2, SECONDS):
            say(said * EACH)  # at that second
            said += 1
        worker.turn(now)
    signed = list(Checkpoint.objects.order_by("size").values_list("size", "at"))
    at = {n: AT + timedelta(seconds=n * EACH) for n in range(said)}
    order = list(Leaf.objects.order_by("index").values_list("city_index", flat=True))
    out = []
    for n, place in enumerate(order):
        when = next((moment for size, moment in signed if place is not None and size > place), None)
        out.append((when - at[n]).total_seconds() if when else float("inf"))
    return out


def test_every_event_is_published_within_a_minute_and_none_after_five(city: None, record_property: Any) -> None:
    found = sorted(delays())
    p99 = found[int(len(found) * 0.99) - 1]
    record_property("p99_seconds", p99)
    record_property("max_seconds", found[-1])
    assert len(found) == SECONDS // EACH + 1
    assert p99 <= 60.5  # a turn of the worker is half a second
    assert found[-1] <= PROMISED


def test_a_log_that_signs_seldom_breaks_its_promises_and_is_found_out(city: None, settings: Any) -> None:
    settings.CHECKPOINT_SECONDS = 3_600
    assert max(delays()) > PROMISED


def test_a_proof_in_a_long_log_asks_once_and_reads_few_tiles(city: None, monkeypatch: pytest.MonkeyPatch) -> None:
    root = bench.fill(CITY, LONG)
    Log.objects.create(name=CITY, size=LONG, published=LONG)
    hashed, plain, rng = [0], merkle.node, random.Random(5)

    def counted(left: bytes, right: bytes) -> bytes:
        hashed[0] += 1
        return plain(left, right)

    monkeypatch.setattr(merkle, "node", counted)
    for index in (0, 1, 255, 256, 65_535, 65_536, LONG - 1, *(rng.randrange(LONG) for _ in range(40))):
        hashed[0] = 0
        with CaptureQueriesContext(connection) as asked:
            (path,) = receipts.proofs([index], LONG).values()
        assert len(asked) == 1
        assert hashed[0] < 2_000, "a millisecond or two of hashing"
        (leaf,) = merkle.split(store.leaves(CITY, index, index + 1))
        assert merkle.verify_inclusion(leaf, index, LONG, [bytes.fromhex(h) for h in path], root)


def test_a_long_log_goes_on_from_its_last_tiles_alone(city: None) -> None:
    bench.fill(CITY, LONG)
    Log.objects.create(name=CITY, size=LONG, published=LONG)
    tiles = Tile.objects.filter(log=CITY).count()
    say()
    worker.settle(AT)
    with CaptureQueriesContext(connection) as asked:
        assert publication.publish(AT + timedelta(days=1)) == 0
    assert len(asked) <= 2
    assert Checkpoint.objects.get().size == LONG + 1
    assert Tile.objects.filter(log=CITY).count() - tiles <= 1
    tree = store.proved(CITY, lambda node: merkle.compact(LONG + 1, node))
    assert tree.root().hex() == Checkpoint.objects.get().root
