"""What the machine says: CPU and memory of a tree of processes from /proc, the facts of the machine, and how fast it is just now."""

from __future__ import annotations

import os
import platform
import time
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")


def _stat(pid: int) -> tuple[int, float] | None:
    """(parent, CPU seconds with those of ended children); None where the process is gone."""
    try:
        text = (PROC / str(pid) / "stat").read_text("ascii", "replace")
    except OSError:
        return None
    parts = text.rpartition(")")[2].split()
    return int(parts[1]), sum(map(int, parts[11:15])) / TICK


def tree(root: int) -> list[int]:
    """A process and everything it started, as far as it lives."""
    below: dict[int, list[int]] = {}
    for path in PROC.iterdir():
        if path.name.isdigit() and (found := _stat(int(path.name))):
            below.setdefault(found[0], []).append(int(path.name))
    out, todo = [], [root]
    while todo:
        pid = todo.pop()
        out.append(pid)
        todo += below.get(pid, [])
    return out


def cpu(root: int) -> float:
    """CPU seconds of a tree of processes, ended children included (their parent has waited for them)."""
    return sum(found[1] for pid in tree(root) if (found := _stat(pid)))


def database(postmaster: int) -> float:
    """CPU seconds of PostgreSQL without its autovacuum, which works off what was loaded before."""
    total = 0.0
    for pid in tree(postmaster):
        try:
            name = (PROC / str(pid) / "cmdline").read_bytes()
            parts = (PROC / str(pid) / "stat").read_text("ascii", "replace").rpartition(")")[2].split()
        except OSError:
            continue
        if b"autovacuum worker" not in name:
            total += sum(map(int, parts[11:13])) / TICK
    return total


def busy() -> float:
    """CPU seconds all processes of the machine have used, idle and waiting for the disk left out."""
    parts = (PROC / "stat").read_text("ascii").split("\n", 1)[0].split()[1:]
    return sum(int(parts[i]) for i in (0, 1, 2, 5, 6)) / TICK


def pss(root: int) -> float:
    """Proportional set size of a tree of processes, in MB."""
    total = 0
    for pid in tree(root):
        try:
            text = (PROC / str(pid) / "smaps_rollup").read_text("ascii")
        except OSError:
            continue
        total += next((int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0)
    return total / 1024


def calibration() -> float:
    """Milliseconds of CPU a fixed piece of Python takes: the same machine drifts, so every result carries it."""
    best = 1e9
    for _ in range(3):
        begun, total = time.thread_time(), 0
        for i in range(200_000):
            total += i * i % 7
        best = min(best, time.thread_time() - begun)
    return round(best * 1000, 2)


def facts() -> dict[str, object]:
    """Which machine this is."""
    model = next(
        (line.split(":")[1].strip() for line in (PROC / "cpuinfo").read_text().splitlines() if "model name" in line), ""
    )
    memory = int((PROC / "meminfo").read_text().split()[1]) / 1024 / 1024
    return {
        "cpus": os.cpu_count(), "cpu": model, "memory_gb": round(memory, 1), "kernel": platform.release(),
        "python": platform.python_version(), "load": [round(x, 2) for x in os.getloadavg()],
    }  # fmt: skip


def quantiles(seconds: list[float]) -> dict[str, float]:
    """p50, p95, p99 and the most, in milliseconds; with fewer than 200 the p99 says little."""
    ordered = sorted(seconds)
    at = (
        {
            name: ordered[min(len(ordered) - 1, int(len(ordered) * q))]
            for name, q in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
        }
        if ordered
        else {}
    )
    return {name: round(value * 1000, 2) for name, value in at.items()} | (
        {"max": round(ordered[-1] * 1000, 2)} if ordered else {}
    )
