"""What the hotline asks while somebody types: `python -m bench.hotline --db sqlite --cases 100000 --keep FOLDER` → JSON.

Each letter count of a call as it is typed is one request; the server's own time is measured (no network), cold first, then warm.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from typing import Any

from bench import base, machine

GOAL_MS = {"likely": 150.0, "hints": 150.0, "danger": 10.0}
SAID = "您好，固安镇朝阳社区东门外头，三盏路灯都不亮了，有四五天了，晚上老人出门看不清道，昨天还摔了一个。"
LEAST = 6  # letters before the first request


def _times(call: Callable[[str], Any], turns: int) -> dict[str, Any]:
    times, cold, cpu = [], 0.0, time.process_time()
    for turn in range(turns):
        for end in range(LEAST, len(SAID), 4):
            begun = time.perf_counter()
            call(SAID[:end] if turn % 2 == 0 else f"{SAID[:end]}{turn}")
            times.append(time.perf_counter() - begun)
            cold = cold or times[0]
    cpu = (time.process_time() - cpu) / len(times)
    return {"n": len(times), "cpu_ms": round(cpu * 1000, 1), "first_ms": round(cold * 1000, 1), **machine.quantiles(times[1:])}


def measured(turns: int = 4) -> dict[str, Any]:
    """Server time of each look-up and of the whole piece of the page, in ms."""
    from django.test import Client
    from django.utils import timezone

    from minan.channels.hotline.hearing import Hearing
    from minan.kernel import directory, emergency
    from minan.kernel.models import Case, User

    user = User.objects.get(username="operator")
    browser = Client()
    browser.force_login(user)
    session = browser.session
    session["second_factor"] = True
    session.save()
    directory.city()

    def likely(text: str) -> None:
        _ = Hearing.read({"text": text, "place": "131022100010"}, user, timezone.now()).likely

    def hints(text: str) -> None:
        got = browser.post("/hotline/hints/", {"key": "b" * 32, "text": text}, headers={"host": "localhost"})
        assert got.status_code == 200, got.status_code

    out = {
        "cases": Case.objects.count(),
        "danger": _times(emergency.heard, turns),
        "likely": _times(likely, turns),
        "hints": _times(hints, turns),
    }
    return out | {"missed": [name for name, goal in GOAL_MS.items() if out[name]["p95"] > goal]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--db", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--keep", default="", help="a folder of bench.load that stays, to be used again")
    args = parser.parse_args()
    with base.made(args.db, args.keep) as here:
        here.enter()
        import django

        django.setup()
        from bench import load
        from minan.kernel.models import Case

        loaded = {} if Case.objects.exists() else load.load(args.cases)
        out = {"bench": "hotline", "db": args.db, "machine": machine.facts(), "calibration_ms": machine.calibration()}
        print(json.dumps(out | {"load": loaded} | measured(), ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
