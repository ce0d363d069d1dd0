"""What was erased, as a list outside the records: so that a backup brought back does not bring erased people back.

The list names case and event numbers only, never what was said there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.db import connection

from minan.kernel.models import Body, Case, Speaker

LIST = "erased.jsonl"
Entry = tuple[str, str, int]  # code, "speaker" or "body", event number (0 for a speaker)


def note(entries: Iterable[Entry], day: str) -> None:
    """Add to DATA/erased.jsonl, on the disk before anything is erased."""
    lines = [json.dumps({"code": code, "what": what, "n": n, "on": day}) for code, what, n in entries]
    if not lines:
        return
    with (Path(settings.DATA) / LIST).open("a", encoding="ascii") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        os.fsync(file.fileno())


def thoroughly() -> None:
    """From here on SQLite overwrites what it deletes."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")


def erase(entries: Iterable[Entry]) -> int:
    """Erase speakers' facts and bodies; events and their proofs stay. Returns how many were still there."""
    thoroughly()
    done = 0
    for code, what, n in entries:
        for county, case_id in Case.objects.filter(code=code).values_list("county", "id"):
            if what == "speaker":
                rows = Speaker.objects.filter(county=county, case_id=case_id, wrapped__isnull=False)
                done += rows.update(wrapped=None, sealed=None, owner="", phone=False)
            elif what == "body":
                done += Body.objects.filter(county=county, case_id=case_id, n=n).delete()[0]
    return done


def replay(path: Path) -> int:
    """Erase again what a list names; keeps the list's lines in DATA. Returns how many were still there."""
    entries: list[tuple[str, str, int]] = []
    for line in path.read_text("ascii").splitlines():
        said = json.loads(line)
        entries.append((said["code"], said["what"], int(said["n"])))
    own = Path(settings.DATA) / LIST
    known = set(own.read_text("ascii").splitlines()) if own.exists() else set()
    fresh = [line for line in path.read_text("ascii").splitlines() if line not in known]
    if fresh:
        with own.open("a", encoding="ascii") as file:
            file.write("\n".join(fresh) + "\n")
    return erase(entries)
