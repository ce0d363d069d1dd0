"""This checkout and another one side by side, in turns: `python -m bench.turns --other FOLDER --only open,step --clients 8 --rounds 8`.

Both serve at the same time, each on a base of its own; short windows change over (A B B A), so what the machine does in these
minutes falls on both alike. Says per scenario the median of the pairs' ratios (ours / other's) of requests a second and of CPU a request: of all processes of
the program, of the database, and of both, what the worker does behind it included.
The other folder needs its `.venv` and its own bench/; it may be any commit since the first issue.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench import machine
from bench.base import ROOT

WARM, STEPS = 0.6, 20_000


class Side:
    """One checkout's server, asked for windows over a pipe."""

    def __init__(self, folder: Path, db: str, size: int, names: list[str]) -> None:
        words = [str(folder / ".venv" / "bin" / "python"), str(Path(__file__).resolve()), "--agent"]
        words += ["--db", db, "--size", str(size), "--only", ",".join(names)]
        self.process = subprocess.Popen(words, cwd=folder, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.told()

    def told(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("a side ended early")
        found: dict[str, Any] = json.loads(line)
        return found

    def window(self, name: str, clients: int, seconds: float) -> dict[str, Any]:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps([name, clients, seconds]) + "\n")
        self.process.stdin.flush()
        return self.told()

    def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(60)


def agent(args: argparse.Namespace) -> None:
    """Runs inside a checkout with that checkout's own bench: serves, and answers each line with one window's figures."""
    sys.path[0] = str(Path.cwd())  # its own code, not ours
    for held in [held for held in sys.modules if held == "bench" or held.startswith("bench.")]:
        del sys.modules[held]
    from bench import base, client, run, served

    with base.made(args.db, "") as here:
        here.enter()
        import django

        django.setup()
        from bench import load, scenarios

        load.load(args.size)
        asks = scenarios.Scenarios()
        with served.minan(here) as server:
            if "step" in args.only.split(","):
                asks.prepare_steps(STEPS)
            sources = {name: asks.source(name) for name in args.only.split(",")}
            for source in sources.values():
                client.run(server.port, source, 8, 1.0)
            run.calm()
            print("{}", flush=True)
            for line in sys.stdin:
                name, clients, seconds = json.loads(line)
                client.run(server.port, sources[name], clients, WARM)
                run.calm()
                app, db = server.process.pid, here.postmaster
                before = machine.cpu(app), machine.database(db) if db else 0.0
                answers = client.run(server.port, sources[name], clients, seconds)
                run.calm()  # what the worker does behind a request belongs to it, and is not the other side's burden
                used = machine.cpu(app) - before[0], (machine.database(db) if db else 0.0) - before[1]
                n = max(1, len(answers.seconds))
                bad = sum(count for status, count in answers.statuses.items() if status >= 400)
                row = {
                    "n": n,
                    "per_second": n / answers.took,
                    "app_ms": used[0] / n * 1000,
                    "db_ms": used[1] / n * 1000,
                }
                row |= {"all_ms": sum(used) / n * 1000, "p99": machine.quantiles(answers.seconds)["p99"], "not_ok": bad}
                print(json.dumps({name: round(value, 3) for name, value in row.items()}), flush=True)


def compared(ours: Side, other: Side, name: str, clients: int, rounds: int, seconds: float) -> dict[str, Any]:
    """Windows in turns; the ratios are of each pair."""
    pairs = []
    for turn in range(rounds):
        if turn % 2:
            theirs = other.window(name, clients, seconds)
            mine = ours.window(name, clients, seconds)
        else:
            mine = ours.window(name, clients, seconds)
            theirs = other.window(name, clients, seconds)
        pairs.append((mine, theirs))
    ratio = {
        what: round(statistics.median(a[what] / b[what] for a, b in pairs if b[what]), 3)
        for what in ("per_second", "app_ms", "db_ms", "all_ms")
    }
    halves = [{what: statistics.median(pair[i][what] for pair in pairs) for what in pairs[0][0]} for i in (0, 1)]
    return {"clients": clients, "ratio": ratio, "ours": halves[0], "other": halves[1], "pairs": pairs}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--other", default="", help="the other checkout")
    parser.add_argument("--db", choices=("sqlite", "postgres"), default="postgres")
    parser.add_argument("--size", type=int, default=1000)
    parser.add_argument("--only", default="open,step")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--agent", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.agent:
        agent(args)
        return
    names, folders = args.only.split(","), [ROOT, Path(args.other).resolve()]
    sides: list[Side] = []
    try:
        for folder in folders:
            sides.append(Side(folder, args.db, args.size, names))
        found = {name: compared(sides[0], sides[1], name, args.clients, args.rounds, args.seconds) for name in names}
    finally:
        for side in sides:
            side.end()
    out = {"bench": "turns", "db": args.db, "size": args.size, "machine": machine.facts(), **found}
    print(json.dumps(out, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
