"""The download: the extract, the script that recomputes the figures, and how to read them, as one zip; made at most once a day."""

from __future__ import annotations

import fcntl
import json
import logging
import threading
import zipfile
from datetime import UTC, datetime, timedelta
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, connections

from minan.lib.folders import write_whole
from minan.systems.proof import extract
from minan.systems.proof.extract import Extract

HERE = Path(__file__).resolve().parent
FOLDER, NAME, TOLD = "public", "minan-extract.zip", "minan-extract.json"
AFTER = timedelta(hours=24)
SOON = timedelta(minutes=1)  # how long a new demand waits after one that failed
log = logging.getLogger("minan.proof")


def write(out: Path, now: datetime, since: datetime | None = None, until: datetime | None = None) -> Extract:
    """The zip, whole or not at all."""
    part = out.with_name(out.name + ".part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as held:
        with held.open("EVENTS.jsonl", "w", force_zip64=True) as raw, TextIOWrapper(raw, "utf-8") as text:
            found = extract.make(text.write, now, since, until)
        held.write(HERE / "figures.py", "figures.py")
        held.write(HERE / "README-extract.md", "README.md")
    part.replace(out)
    return found


def folder() -> Path:
    path = Path(settings.DATA) / FOLDER
    path.mkdir(mode=0o755, exist_ok=True)
    return path


def standing() -> tuple[Path, dict[str, Any]] | None:
    """The zip that is there, and what it holds: {"as_of", "matters", "lines", "left_out", "bytes"}."""
    path, told = folder() / NAME, folder() / TOLD
    try:
        return path, json.loads(told.read_text("utf-8")) | {"bytes": path.stat().st_size}
    except (OSError, ValueError):
        return None


def fresh(now: datetime) -> tuple[Path, dict[str, Any]] | None:
    found = standing()
    return found if found and now - datetime.fromisoformat(found[1]["as_of"]) < AFTER else None


def make(now: datetime) -> bool:
    """Make it anew, unless somebody is at it; True where it was made."""
    with (folder() / "making").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        found = write(folder() / NAME, now)
        said = {"as_of": now.astimezone(UTC).isoformat(timespec="seconds"), "matters": found.matters - found.suppressed,
                "lines": found.lines, "left_out": found.suppressed}  # fmt: skip
        write_whole(folder() / TOLD, json.dumps(said), 0o644)
    return True


def _make_beside() -> None:
    try:
        make(datetime.now(UTC))
    except Exception:  # a thread has nobody to tell; the page goes on giving what it has
        log.exception("the extract could not be made")
    finally:
        connections.close_all()


def _start() -> None:
    if not connection.in_atomic_block:  # a test's own transaction: nobody else could read what it holds
        threading.Thread(target=_make_beside, name="extract", daemon=True).start()


_begun: dict[str, datetime] = {}


def want(now: datetime) -> tuple[Path, dict[str, Any]] | None:
    """The zip to be given out: today's; else yesterday's while today's is being made beside; None where there is none yet."""
    found = fresh(now)
    if found is None and now - _begun.get("at", now - AFTER) > SOON:
        _begun["at"] = now
        _start()
    return found or standing()
