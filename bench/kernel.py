"""What one call of the kernel costs, without HTTP: `python -m bench.kernel --db postgres` → CPU of program and database, queries."""

from __future__ import annotations

import argparse
import cProfile
import json
import os
import pstats
import time
from collections.abc import Callable
from typing import Any

from bench import base, machine


def _measured(call: Callable[[int], Any], n: int, postmaster: int) -> dict[str, Any]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for i in range(-8, 0):
        call(i)
    with CaptureQueriesContext(connection) as asked:
        call(n)
    times: list[float] = []
    app, db = time.process_time(), machine.database(postmaster) if postmaster else 0.0
    for i in range(n):
        begun = time.perf_counter()
        call(i)
        times.append(time.perf_counter() - begun)
    app, db = time.process_time() - app, (machine.database(postmaster) if postmaster else 0.0) - db
    return {
        "n": n, "app_ms": round(app / n * 1000, 3), "db_ms": round(db / n * 1000, 3), "cpu_ms": round((app + db) / n * 1000, 3),
        "queries": len(asked), **machine.quantiles(times),
    }  # fmt: skip


def calls() -> dict[str, Callable[[int], Any]]:
    """What is measured, by name: each takes the number of the call."""
    from minan.kernel import access, inbox, sheet
    from minan.kernel.act import Opened, act, open_case
    from minan.kernel.models import Case, User

    clerk = User.objects.get(username="clerk")
    made: list[Case] = []

    def opened(i: int) -> None:
        facts = {
            "text": f"小区东门第 {i} 盏路灯不亮，老人摔了一跤，电话 13812345678。",
            "place": "131022100010",
            "kind": "lamp.out",
            "phone": "13812345678",
        }
        found = open_case("matter", by=access.SPEAKER, facts=facts, channel="open311", where=(116.29, 39.43))
        assert isinstance(found, Opened), found
        made.append(found.case)

    def step(i: int) -> None:
        case = Case.objects.seen_by(clerk, made[i].code)
        assert act(case, "accept", by=access.actor(clerk), moves=case.moves)

    def note(i: int) -> None:
        case = Case.objects.seen_by(clerk, made[i].code)
        assert act(case, "note", by=access.actor(clerk), facts={"words": "已看过现场"})

    def listed(i: int) -> None:
        assert inbox.listed(clerk, inbox.Wanted(state="accepted", kind="lamp.out")).items

    def detail(i: int) -> None:
        case = Case.objects.seen_by(clerk, made[i].code)
        sheet.of(case, access.actor(clerk))

    def found(i: int) -> None:
        inbox.listed(clerk, inbox.Wanted(q="路灯"))

    def counted(i: int) -> None:
        inbox.counts(clerk)

    return {
        "open": opened,
        "step": step,
        "note": note,
        "list": listed,
        "detail": detail,
        "search": found,
        "counts": counted,
    }


def _behind(postmaster: int) -> dict[str, Any]:
    """What the worker does with the events of the calls above: CPU per event."""
    from minan.kernel import worker
    from minan.kernel.models import Outbox

    n = Outbox.objects.count()
    app, db, begun = time.process_time(), machine.database(postmaster) if postmaster else 0.0, time.perf_counter()
    worker.settle()
    app, db = time.process_time() - app, (machine.database(postmaster) if postmaster else 0.0) - db
    return {
        "n": n, "app_ms": round(app / n * 1000, 3), "db_ms": round(db / n * 1000, 3), "cpu_ms": round((app + db) / n * 1000, 3),
        "per_second": round(n / (time.perf_counter() - begun)),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--db", choices=("sqlite", "postgres"), default="postgres")
    parser.add_argument("--n", type=int, default=500)
    parser.add_argument("--keep", default="", help="a folder that stays, to be used again")
    parser.add_argument("--profile", default="", help="print where the time of this one goes")
    args = parser.parse_args()
    with base.made(args.db, args.keep) as here:
        here.enter()
        import django

        django.setup()
        out: dict[str, Any] = {
            "bench": "kernel",
            "db": args.db,
            "machine": machine.facts(),
            "calibration_ms": machine.calibration(),
        }
        from minan.kernel import worker

        worker.settle()
        for name, call in calls().items():
            out[name] = _measured(call, args.n, here.postmaster)
            if args.profile == name:
                profile = cProfile.Profile()
                start = 0 if name == "open" else None
                profile.enable()
                for i in range(args.n) if start == 0 or name != "step" else ():
                    call(i)
                profile.disable()
                pstats.Stats(profile).sort_stats("tottime").print_stats(45)
        out["worker"] = _behind(here.postmaster)
        print(json.dumps(out, ensure_ascii=False, indent=1))
        os.sync()


if __name__ == "__main__":
    main()
