"""A city's records of one's own for a measurement: a folder with DATA and KEYS, on request a durable PostgreSQL, the model city loaded."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools import postgres

ROOT = Path(__file__).resolve().parent.parent
TUNED = (
    "shared_buffers=1GB", "shared_preload_libraries=pg_stat_statements", "max_wal_size=4GB", "checkpoint_timeout=15min",
    "work_mem=16MB", "maintenance_work_mem=256MB", "random_page_cost=1.1", "effective_cache_size=4GB",
)  # fmt: skip


@dataclass
class Base:
    """Where the records lie. `env` is what every process of the measurement runs with."""

    folder: Path
    db: str
    env: dict[str, str]

    @property
    def postmaster(self) -> int:
        """The process id of PostgreSQL; 0 on SQLite."""
        file = self.folder / "pg" / "cluster" / "postmaster.pid"
        return int(file.read_text().split()[0]) if file.exists() else 0

    def minan(self, *words: str) -> str:
        """Run a command of Minan on these records; returns what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "minan", *words], cwd=ROOT, env=self.env, text=True, capture_output=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"minan {' '.join(words)}: {done.stdout[-500:]} {done.stderr[-2000:]}")
        return done.stdout

    def enter(self) -> None:
        """Let this very process work on these records: call before Django's settings are read."""
        os.environ.pop("DATABASE_URL", None)
        os.environ.update({k: v for k, v in self.env.items() if k in NAMES})


NAMES = (
    "DATA", "KEYS", "DATABASE_URL", "MINAN_HTTP", "DJANGO_SETTINGS_MODULE", "MINAN_OPEN311_PER_MINUTE", "MINAN_LOG", "PORT",
)  # fmt: skip


@contextlib.contextmanager
def made(db: str, keep: str = "") -> Iterator[Base]:
    """A fresh base on "sqlite" or "postgres", gone afterwards; with `keep` (a folder) it stays and is used again."""
    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit(143)
    )  # who is ended from outside still stops what was started here
    folder = Path(keep).resolve() if keep else Path(tempfile.mkdtemp(prefix="minan-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    env = {k: v for k, v in os.environ.items() if k not in NAMES} | {
        "DATA": str(folder / "data"), "KEYS": str(folder / "keys"), "MINAN_HTTP": "1", "DJANGO_SETTINGS_MODULE": "minan.settings",
        "MINAN_OPEN311_PER_MINUTE": "100000000", "MINAN_LOG": "ERROR",
    }  # fmt: skip
    try:
        if db == "postgres":
            env["DATABASE_URL"] = postgres.start(folder / "pg", durable=True, more=TUNED)
        base = Base(folder, db, env)
        base.minan("migrate")
        if not (folder / "ready").exists():
            base.minan("city", "load", str(ROOT / "city" / "langfang"))
            (folder / "ready").touch()
        yield base
    finally:
        if db == "postgres":
            postgres.stop(folder / "pg", "fast")
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
