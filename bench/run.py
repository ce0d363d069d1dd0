"""The service as a city runs it, measured: `python -m bench.run --db postgres --size 100000 --clients 1,8,32`.

Each size is a base of its own, loaded by load.py; the server is `minan serve` with its worker; a bare Django that inserts
one row is asked in between (A B A B), so that rates can be read as a share of what this machine gives in these minutes.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

from bench import base, client, machine, memory, served
from bench.base import Base

WARM = 1.5  # seconds before each window that are not counted
CALM_MOST = 120.0


class Meter:
    """CPU of program, worker and database between two readings."""

    def __init__(self, here: Base, server: served.Served) -> None:
        self.here, self.server, self.behind = here, server, server.worker()
        self.backend = self._backend()

    def _backend(self) -> int:
        """The database's process that serves the worker: the one that is busy while nobody asks."""
        if not self.behind:
            return 0
        before = self._asked_last()
        for _ in range(8):
            time.sleep(0.8)
            after = self._asked_last()
            busy = [pid for pid, at in after.items() if pid in before and at != before[pid]]
            if len(busy) == 1:
                return busy[0]
        raise RuntimeError("the worker's database process was not found")

    def _asked_last(self) -> dict[int, Any]:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pid, query_start FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
            return dict(cursor.fetchall())

    def read(self) -> dict[str, float]:
        behind = machine.cpu(self.behind) if self.behind else 0.0
        backend = machine.cpu(self.backend) if self.backend else 0.0
        return {
            "app": machine.cpu(self.server.process.pid) - behind, "db": (machine.database(self.here.postmaster) if self.here.postmaster else 0.0) - backend,
            "behind": behind + backend, "client": time.process_time(), "all": machine.busy(),
        }  # fmt: skip


def window(meter: Meter, port: int, source: client.Source, clients: int, seconds: float) -> dict[str, Any]:
    """One measurement: what came back, how long it took, and what it cost."""
    client.run(port, source, clients, WARM)
    before = meter.read()
    answers = client.run(port, source, clients, seconds)
    used = {k: v - before[k] for k, v in meter.read().items()}
    n = max(1, len(answers.seconds))
    bad = sum(count for status, count in answers.statuses.items() if status >= 400)
    others = used["all"] - sum(used[k] for k in ("app", "db", "behind", "client"))
    return {
        "clients": clients, "n": n, "per_second": round(n / answers.took, 1), **machine.quantiles(answers.seconds), "not_ok": bad, "broken": answers.broken,
        "app_ms": round(used["app"] / n * 1000, 3), "db_ms": round(used["db"] / n * 1000, 3), "cpu_ms": round((used["app"] + used["db"]) / n * 1000, 3),
        "behind_ms": round(used["behind"] / n * 1000, 3), "others_cores": round(others / answers.took, 2), **({"odd": answers.odd.decode("utf-8", "replace")} if bad else {}),
    }  # fmt: skip


def queries(asked: bytes) -> int:
    """How many statements one such request takes, asked of the same program in this process."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    head, _, body = asked.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    method, path, _ = first.split(" ")
    headers = dict(line.split(": ", 1) for line in lines)
    kind = headers.pop("Content-Type", "text/plain")
    headers.pop("Content-Length", None)
    with CaptureQueriesContext(connection) as found:
        Client(headers=headers).generic(method, path, body, content_type=kind)
    return len(found)


def calm(seconds: float = CALM_MOST) -> float:
    """Wait until the worker has nothing left; how long that took."""
    from minan.kernel.models import Delivery, Outbox

    begun = time.monotonic()
    while time.monotonic() - begun < seconds and (
        Outbox.objects.exists() or Delivery.objects.filter(next_at__isnull=False).exists()
    ):
        time.sleep(0.3)
    return round(time.monotonic() - begun, 1)


def measured(here: Base, names: list[str], clients: list[int], seconds: float) -> dict[str, Any]:
    """All scenarios on the base Django is connected to."""
    from bench import scenarios
    from minan.kernel.models import Case

    out: dict[str, Any] = {"cases": Case.objects.count(), "open_cases": Case.objects.filter(closed_at=None).count()}
    asks = scenarios.Scenarios()
    with served.minan(here) as server, served.bare(here) as bare:
        out["start_seconds"], out["calm_before_seconds"] = server.start_seconds, calm()
        _ours(server, asks)
        out["pss_mb_at_rest"] = round(machine.pss(server.process.pid), 1)
        out["pss_mb_at_rest_of"] = memory.measured(server.process.pid)["pss_mb"]
        meter, beside = Meter(here, server), Meter(here, bare)
        for name in names:
            if name == "step":
                asks.prepare_steps(min(20_000, int(300 * (seconds + WARM) * len(clients)) + 200))
                calm()
            rows = []
            for count in clients:
                if name == "open":
                    rows.append(
                        {
                            "bare": window(
                                beside,
                                bare.port,
                                lambda: asks.open().replace(b"/open311/v2/requests.json", b"/insert"),
                                count,
                                seconds / 2,
                            )
                        }
                    )
                rows.append(window(meter, server.port, asks.source(name), count, seconds))
            out[name] = {"queries": _asked(asks, name), "windows": rows}
            out[name]["calm_after_seconds"] = calm()
        out["pss_mb"] = round(machine.pss(server.process.pid), 1)
        out["pss_mb_of"] = memory.measured(server.process.pid)["pss_mb"]
        out["pss_mb_database"] = round(machine.pss(here.postmaster), 1) if here.postmaster else 0.0
    return out


def _asked(asks: Any, name: str) -> int:
    from minan.kernel import directory

    directory.city()
    queries(asks.source(name)())  # the first reads what is kept in memory
    return queries(asks.source(name)())


def _ours(server: served.Served, asks: Any) -> None:
    """A matter said over the network must stand in the very records this process reads."""
    from minan.kernel.models import Case

    answers = client.run(server.port, asks.open, 1, 0.05)
    (made,) = json.loads(answers.last)
    if not Case.objects.filter(code=made["service_request_id"]).exists():
        raise RuntimeError("the server answers from other records than ours")


def one(args: argparse.Namespace, cases: int) -> dict[str, Any]:
    """One base, in this process."""
    keep = str(Path(args.keep) / f"{args.db}-{cases}") if args.keep else ""
    with base.made(args.db, keep) as here:
        here.enter()
        import django

        django.setup()
        from django.db import connection

        from bench import load
        from minan.kernel.models import Case

        loaded = None if Case.objects.exists() else load.load(cases)
        out = measured(
            here,
            args.only.split(",") if args.only else list(_names()),
            [int(c) for c in args.clients.split(",")],
            args.seconds,
        )
        connection.close()
        return {
            "bench": "run",
            "db": args.db,
            "size": cases,
            "machine": machine.facts(),
            "calibration_ms": machine.calibration(),
            "load": loaded,
            **out,
        }


def _names() -> tuple[str, ...]:
    from bench.scenarios import NAMES

    return NAMES


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--db", choices=("sqlite", "postgres"), default="postgres")
    parser.add_argument("--size", type=int, default=1000, help="cases in the base")
    parser.add_argument("--clients", default="1,8,32")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each window")
    parser.add_argument("--only", default="", help="scenarios between commas")
    parser.add_argument("--keep", default="", help="a folder where bases stay, to be measured again")
    args = parser.parse_args()
    print(json.dumps(one(args, args.size), ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
