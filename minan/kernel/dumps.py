"""PostgreSQL's own dump and restore, run beside the city: one snapshot for the dump and for what the manifest says of it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.db import connection, transaction

PLACES = "/usr/lib/postgresql"
HOUR = 3600


class Missing(Exception):
    """A program of PostgreSQL is not on this machine."""


def program(name: str) -> str:
    """Where pg_dump or pg_restore lies: in PATH, else Debian's newest."""
    found = shutil.which(name) or next((str(p) for p in sorted(Path(PLACES).glob(f"*/bin/{name}"), reverse=True)), "")
    if not found:
        raise Missing(f"{name} is not installed: apt install postgresql-client")
    return found


def _environment() -> dict[str, str]:
    said = connection.settings_dict
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    return os.environ | {name: str(said[key]) for name, key in names.items() if said.get(key)}


def dump(target: Path, heads_of: str, digest: Callable[[Iterator[Any]], str]) -> dict[str, Any]:
    """Dump everything in custom format; returns the counts and the digest of the same snapshot."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        command = [
            program("pg_dump"),
            "--format=custom",
            "--no-owner",
            "--no-acl",
            f"--snapshot={snapshot}",
            f"--file={target}",
        ]
        subprocess.run(command, env=_environment(), check=True, timeout=24 * HOUR)
        counts: dict[str, Any] = {}
        for name in ("case", "event", "body", "attachment"):
            cursor.execute(f"SELECT count(*) FROM kernel_{name}")  # noqa: S608 four fixed names
            counts[name] = cursor.fetchone()[0]
        cursor.execute(heads_of)
        counts["heads"] = digest(iter(cursor.fetchone, None))
    return counts


def restore(source: Path) -> None:
    """Bring a dump back into a database without tables. Raises ValueError where there are some."""
    if connection.introspection.table_names():
        raise ValueError("the database of DATABASE_URL is not empty: restore into a new one")
    command = [
        program("pg_restore"),
        "--no-owner",
        "--no-acl",
        "--exit-on-error",
        f"--dbname={connection.settings_dict['NAME']}",
        str(source),
    ]
    connection.close()
    subprocess.run(command, env=_environment(), check=True, timeout=24 * HOUR)
