"""`minan emergencies drill`: plays a health emergency to its deletion in a folder of its own, and looks for what was planted."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from django.conf import settings

from minan.kernel import cities, migrations_state, registry
from minan.kernel.keeper import client
from minan.systems.emergencies import drill

NAME = "emergencies"
HELP = "drill: prove, in a folder of its own and in frozen time, that everything of a health emergency is deleted on its date"
SECONDS = 600


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("drill",))
    parser.add_argument(
        "--here", action="store_true", help=argparse.SUPPRESS
    )  # in this very DATA: only the drill's own


def run(args: argparse.Namespace) -> int:
    """0 where nothing was left; 1 with what was."""
    return here() if args.here else apart()


def apart() -> int:
    """In a process with a DATA of its own, on SQLite: the city's records are neither read nor written."""
    with tempfile.TemporaryDirectory(prefix="minan-drill-") as folder:
        clean = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "MINAN_KEEPER")}
        own = clean | {
            "DATA": str(Path(folder) / "data"),
            "KEYS": str(Path(folder) / "keys"),
            "MINAN_HTTP": "1",
            "MINAN_LOG": "ERROR",
        }
        words = [sys.executable, "-m", "minan", "emergencies", "drill", "--here"]
        return subprocess.run(words, env=own, timeout=SECONDS, check=False).returncode


def here() -> int:
    """Plays it in this very DATA, which must be empty."""
    if (Path(settings.DATA) / "minan.sqlite3").exists():
        print("the drill plays in an empty folder only", file=sys.stderr)
        return 2
    migrations_state.migrate()
    cities.load(settings.CITY)
    registry.settle()
    try:
        told = drill.play()
    finally:
        client.dismiss(Path(settings.KEYS))
    print("\n".join(told.lines))
    print("nothing was left" if not told.wrong else f"{len(told.wrong)} wrong")
    return 1 if told.wrong else 0
