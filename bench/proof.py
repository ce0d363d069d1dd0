"""What proof costs: `python -m bench.proof --leaves 10000000 --db sqlite` → proofs, appends, promises, the guard on cases, as JSON.

The city's log is filled directly with leaves of chance (tiles only); what is measured then goes through the house's own code.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from bench import base, machine

BATCH = 500  # tiles in one insert
ASKED, OPENED, GUARDED, TURNS = 300, 400, 3_000, 15
GOAL_MS = 20.0  # of a proof in a log of ten million (RELIABILITY.md L5)


def _roots(hashes: bytes) -> bytes:
    """The root of one full tile."""
    row, sha = [hashes[at : at + 32] for at in range(0, len(hashes), 32)], hashlib.sha256
    while len(row) > 1:
        row = [sha(b"\x01" + row[at] + row[at + 1]).digest() for at in range(0, len(row), 2)]
    return row[0]


def fill(log: str, size: int, seed: int = 7) -> bytes:
    """Store the tiles of a log of `size` leaves of chance; returns its root."""
    from minan.kernel import merkle
    from minan.systems.proof import store
    from minan.systems.proof.models import Tile

    rng, rows, level = random.Random(seed), list[Tile](), 0
    hashes: Iterator[bytes] = (rng.randbytes(32 * min(merkle.WIDTH, size - at)) for at in range(0, size, merkle.WIDTH))
    while True:
        above = bytearray()
        for number, tile in enumerate(hashes):
            rows.append(Tile(log=log, level=level, number=number, hashes=tile))
            if len(tile) == merkle.WIDTH * merkle.HASH:
                above += _roots(tile)
            if len(rows) >= BATCH:
                Tile.objects.bulk_create(rows)
                rows.clear()
        level += 1
        if not above:
            break
        wide = merkle.WIDTH * merkle.HASH
        hashes = iter([bytes(above[at : at + wide]) for at in range(0, len(above), wide)])
    Tile.objects.bulk_create(rows)
    return store.proved(log, lambda node: merkle.compact(size, node)).root()


def _times(call: Callable[[int], Any], n: int) -> dict[str, Any]:
    times = []
    for i in range(n):
        begun = time.perf_counter()
        call(i)
        times.append(time.perf_counter() - begun)
    return machine.quantiles(times)


def _rate(call: Callable[[], int]) -> dict[str, Any]:
    begun, cpu = time.perf_counter(), time.process_time()
    done = call()
    wall = time.perf_counter() - begun
    return {"n": done, "seconds": round(wall, 3), "per_second": round(done / wall), "cpu_us_each": round((time.process_time() - cpu) / max(1, done) * 1e6, 1)}  # fmt: skip


def proofs(size: int, root: bytes) -> dict[str, Any]:
    """Inclusion and consistency in the city's log; each one is verified."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from minan.kernel import merkle
    from minan.systems.proof import receipts, store
    from minan.systems.proof.models import CITY

    rng = random.Random(1)
    places = [rng.randrange(size) for _ in range(ASKED)]
    for index in places[:10]:
        leaf, path = store.leaves(CITY, index, index + 1), receipts.proofs([index], size)[index]
        assert merkle.verify_inclusion(leaf, index, size, [bytes.fromhex(h) for h in path], root)
    with CaptureQueriesContext(connection) as asked:
        receipts.proofs(places[:8], size)
    return {
        "inclusion": _times(lambda i: receipts.proofs([places[i]], size), ASKED),
        "of_eight": _times(lambda i: receipts.proofs(places[i : i + 8], size), 50),
        "consistency": _times(lambda i: store.proved(CITY, lambda node: merkle.consistency(places[i] + 1, size, node)), 100),
        "queries": len(asked),
    }  # fmt: skip


def appends() -> dict[str, Any]:
    """Cases opened by the door on top of the great log: sequenced, published, promised, and their receipts."""
    from datetime import UTC, datetime

    from minan.kernel import access, promises
    from minan.kernel.act import Opened, open_case
    from minan.kernel.models import Event
    from minan.systems.proof import publication, receipts, sequencer

    made = []
    for i in range(OPENED):
        opened = open_case(
            "matter",
            by=access.SPEAKER,
            facts={"text": f"第 {i} 盏路灯不亮", "place": "131022100010", "kind": "lamp.out"},
        )
        assert isinstance(opened, Opened)
        made.append(opened)
    out = {
        "promise": _times(lambda i: promises.of(made[i].event, made[i].case.code), OPENED),
        "sequence": _rate(lambda: sum(sequencer.take({"131022"}, {o.case.id for o in made[at : at + 50]}) for at in range(0, OPENED, 50))),
        "publish": _rate(lambda: publication.publish(datetime.now(UTC))),
        "receipt": _times(lambda i: receipts.of(made[i].case), 100),
    }  # fmt: skip
    assert Event.objects.count() == OPENED
    return out


@contextmanager
def _unguarded() -> Iterator[None]:
    """The database without the guard of migration 0008."""
    import importlib

    from django.db import connection

    guard = importlib.import_module("minan.kernel.migrations.0008_case_needs_event")
    postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        for sql in guard.POSTGRES_BACK if postgres else guard.SQLITE_BACK:
            cursor.execute(sql)
    yield
    with connection.cursor() as cursor:
        for sql in guard.POSTGRES if postgres else guard.SQLITE:
            cursor.execute(sql)


def _worked(postmaster: int, n: int) -> dict[str, float]:
    """CPU of program and database for opening and for one step, in ms each."""
    from minan.kernel import access
    from minan.kernel.act import Opened, act, open_case
    from minan.kernel.models import User

    clerk, made, out = access.actor(User.objects.get(username="clerk")), [], dict[str, float]()

    def opens(i: int) -> None:
        opened = open_case(
            "matter",
            by=access.SPEAKER,
            facts={"text": f"第 {i} 盏路灯不亮", "place": "131022100010", "kind": "lamp.out"},
        )
        assert isinstance(opened, Opened)
        made.append(opened.case)

    for name, call in (("open", opens), ("step", lambda i: act(made[i], "accept", by=clerk))):
        app, db = time.process_time(), machine.database(postmaster) if postmaster else 0.0
        for i in range(n):
            call(i)
        db = (machine.database(postmaster) if postmaster else 0.0) - db
        out[name] = (time.process_time() - app + db) / n * 1000
    return out


def guard(postmaster: int) -> dict[str, Any]:
    """Opening and a step with the guard and without, in many short turns so that both see the same machine; CPU in sum."""
    sums = {which: dict.fromkeys(("open", "step"), 0.0) for which in ("with", "without")}

    def turn(which: str) -> None:
        for name, ms in _worked(postmaster, GUARDED // TURNS).items():
            sums[which][name] += ms / TURNS

    _worked(postmaster, 100)
    for _ in range(TURNS):
        turn("with")
        with _unguarded():
            turn("without")
    out: dict[str, Any] = {}
    for name in ("open", "step"):
        on, off = sums["with"][name], sums["without"][name]
        more = round((on / off - 1) * 100, 1)
        out[name] = {"with_ms": round(on, 3), "without_ms": round(off, 3), "more_percent": more}
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--db", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--leaves", type=int, default=10_000_000)
    args = parser.parse_args()
    with base.made(args.db) as here:
        here.enter()
        import django

        django.setup()
        from minan.kernel import registry
        from minan.systems.proof.models import CITY, Log

        registry.procedures()
        out: dict[str, Any] = {"bench": "proof", "db": args.db, "leaves": args.leaves, "machine": machine.facts()}
        begun = time.perf_counter()
        root = fill(CITY, args.leaves)
        Log.objects.create(name=CITY, size=args.leaves, published=args.leaves)
        out["filled_seconds"] = round(time.perf_counter() - begun, 1)
        out |= proofs(args.leaves, root) | appends()
        out["guard"] = guard(here.postmaster)
        out["rss_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        out["missed"] = [f"a proof takes {out['inclusion']['p95']} ms"] if out["inclusion"]["p95"] > GOAL_MS else []
        print(json.dumps(out, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
