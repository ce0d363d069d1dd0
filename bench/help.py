"""From a press to the first duty screen, with the real lane in a process of its own: `python -m bench.help --calls 1000 --hands 8` → JSON.

No records are there: what is measured is the way a press takes while the database is away, which is the same when it is not. A
"screen" is whoever hears what the live process hears. `taken`: until the caller's page knows that it is on the disk.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import resource
import tempfile
import time
from typing import Any

from bench import machine

GOAL_MS = {"screen_p99": 2000.0}


def measured(calls: int, hands: int) -> dict[str, Any]:
    """So many calls by so many hands at once, each of another person; milliseconds."""
    from minan.systems.help.tests.real import (  # not before the settings are there
        RealLane,
        Screen,
        at_once,
        here,
        until,
    )

    with tempfile.TemporaryDirectory(prefix="minan-help-") as folder:
        data, keys = here(pathlib.Path(folder))
        screen, lane = Screen(data), RealLane(data, keys, calls)
        started = lane.start()
        begun = time.monotonic()
        done = at_once(lane, range(1, calls + 1), hands)
        spent = time.monotonic() - begun
        until(lambda: {press for press, _at, _s in done} <= screen.heard.keys(), 60)
        reached = [screen.heard[press] - at for press, at, _s in done]
        lane.kill()
        again = lane.start()
        lost = sum(_lost(press) for press, _at, _s in done)
        lane.stop()
        screen.close()
    child = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "calls": calls, "hands": hands, "per_second": round(calls / spent, 1), "taken_ms": machine.quantiles([s for _p, _at, s in done]),
        "screen_ms": machine.quantiles(reached), "lost": lost, "start_s": round(started, 2), "start_after_kill_s": round(again, 2),
        "lane_cpu_ms_per_call": round((child.ru_utime + child.ru_stime) * 1000 / calls, 2),
    }  # fmt: skip


def _lost(press: str) -> bool:
    from minan.systems.help import wire  # as above

    return wire.ask({"op": "calls_of", "press": press}, 10)["call"] is None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--hands", type=int, default=8)
    args = parser.parse_args()
    os.environ |= {"DJANGO_SETTINGS_MODULE": "minan.settings", "MINAN_HTTP": "1"}
    import django  # only now: the environment above decides what it says

    django.setup()
    out = {"bench": "help", **measured(args.calls, args.hands)}
    out["missed"] = ["screen p99"] if out["screen_ms"]["p99"] > GOAL_MS["screen_p99"] else []
    print(json.dumps(out, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
