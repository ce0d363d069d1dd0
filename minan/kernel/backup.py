"""A copy of everything but the keys, made while the city works, and the way back from it.

A backup is a folder: the records (SQLite's own online copy, or pg_dump), the pictures, the list of what was erased, and
a manifest with the SHA-256 of every file. With `follow` (SQLite) the log of every few seconds is added to it, so that at
most these seconds are lost. A folder in which one byte differs is refused. The keys are never inside: keep them elsewhere.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from minan.kernel import attachments, dumps, wal
from minan.kernel.erasures import LIST, replay

MANIFEST, RECORDS, DUMP, PICTURES, LOG = "manifest.json", "records.sqlite3", "records.pgdump", "attachments", "log"
CHUNK = 1 << 20
KEEP_DAYS = 30  # an older backup beside a new whole one is removed: what was erased is in no backup for longer
SEGMENT = re.compile(r"(\d{8})-(\d+)-([0-9a-f]{64})\.seg")  # number, page size, hash of its bytes
HEADS = "SELECT code, n, head FROM kernel_case ORDER BY id"


class Refused(Exception):
    """The backup cannot be made or taken back; says why and what to do."""


def digest(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(CHUNK):
            found.update(part)
    return found.hexdigest()


def settled(path: Path) -> None:
    """What was written lies on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write(path: Path, data: bytes) -> None:
    """A file that is there whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(data)
    settled(part)
    part.replace(path)
    settled(path.parent)


def heads(rows: Iterator[Any]) -> str:
    """The digest over all chains, as `minan verify` prints it."""
    found = hashlib.sha256()
    for code, n, head in rows:
        found.update(f"{code}:{n}:{head}\n".encode())
    return found.hexdigest()


def copy_records(target: Path) -> None:
    """SQLite's online copy: consistent at one moment, without holding up who writes."""
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
    settled(target)


def copy_pictures(folder: Path) -> int:
    """Copy the pictures that are not there yet; they never change, their names are their hashes."""
    new, source = 0, attachments.folder()
    for path in source.rglob("*"):
        target = folder / PICTURES / path.relative_to(source)
        if path.name.startswith(".") or not path.is_file() or target.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.part")
        shutil.copyfile(path, part)
        settled(part)
        part.replace(target)
        new += 1
    return new


def copy_erased(folder: Path) -> None:
    source = settings.DATA / LIST
    if source.exists():
        write(folder / LIST, source.read_bytes())


def make(folder: Path) -> dict[str, Any]:
    """Make a backup in a new or empty folder; returns its manifest. Refused where something is there."""
    if folder.exists() and any(folder.iterdir()):
        raise Refused(f"{folder} is not empty: give a new folder for each backup")
    folder.mkdir(parents=True, exist_ok=True)
    counts: dict[str, Any] = {}
    if connection.vendor == "sqlite":
        copy_records(folder / RECORDS)
        with closing(sqlite3.connect(f"file:{folder / RECORDS}?mode=ro&immutable=1", uri=True)) as copy:
            counts = {"heads": heads(copy.execute(HEADS))}
            for name in ("case", "event", "body", "attachment"):
                counts[name] = copy.execute(f"SELECT count(*) FROM kernel_{name}").fetchone()[0]  # noqa: S608 four fixed names
    else:
        counts = dumps.dump(folder / DUMP, HEADS, heads)
    copy_pictures(folder)  # after the records: every picture they name is there
    copy_erased(folder)
    return seal(folder, counts)


def seal(folder: Path, counts: dict[str, Any]) -> dict[str, Any]:
    """Write the manifest: what is inside, and the hash of every file."""
    files = {
        str(p.relative_to(folder)): digest(p)
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name not in (MANIFEST, LIST)
    }
    manifest = {
        "v": 1,
        "made_at": datetime.now(UTC).isoformat(),
        "database": connection.vendor,
        "counts": counts,
        "files": files,
    }
    write(folder / MANIFEST, json.dumps(manifest, indent=1).encode())
    return manifest


def prune(folder: Path, days: int = KEEP_DAYS, now: datetime | None = None) -> list[Path]:
    """Remove the backups beside this one that are older than so many days; only folders that say of themselves they are one.

    Their newest moment counts: one that is still being followed is not old. Returns what was removed.
    """
    limit, gone = (now or datetime.now(UTC)) - timedelta(days=days), []
    for beside in sorted(folder.resolve().parent.iterdir()):
        if beside == folder.resolve() or beside.is_symlink() or not (beside / MANIFEST).is_file():
            continue
        try:
            said = json.loads((beside / MANIFEST).read_bytes())
            made = datetime.fromisoformat(said["made_at"]) if said["v"] == 1 and "heads" in said["counts"] else None
        except (OSError, ValueError, KeyError, TypeError):
            continue
        last = max((p.stat().st_mtime for p in (beside / LOG).glob("*.seg")), default=0.0)
        if made is not None and max(made, datetime.fromtimestamp(last, UTC)) < limit:
            shutil.rmtree(beside)
            gone.append(beside)
    return gone


def segments(folder: Path) -> list[tuple[int, Path]]:
    """The pieces of log that were added, in order, each (page size, path). Refused where one is missing or changed."""
    found = []
    for number, path in enumerate(sorted((folder / LOG).glob("*.seg")), 1):
        name = SEGMENT.fullmatch(path.name)
        if name is None or int(name[1]) != number:
            raise Refused(f"a piece of the log is missing before {path.name}")
        if digest(path) != name[3]:
            raise Refused(f"{path.name} is not what it was when it was made")
        found.append((int(name[2]), path))
    return found


def inspect(folder: Path) -> dict[str, Any]:
    """The manifest of a backup whose every file is what it was. Refused otherwise."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
        files, _ = dict(manifest["files"]), manifest["counts"]["heads"]
    except (OSError, ValueError, KeyError, TypeError):
        raise Refused(f"{folder} holds no whole backup: its manifest is missing or unreadable") from None
    for name, said in files.items():
        path = folder / name
        if not path.is_file():
            raise Refused(f"{name} is missing from the backup")
        if digest(path) != said:
            raise Refused(f"{name} is not what it was when the backup was made: do not use this copy")
    for path in (folder / PICTURES).rglob("*"):
        name = path.name.removesuffix(".thumb")
        if (
            path.is_file()
            and str(path.relative_to(folder)) not in files
            and not path.name.endswith(".thumb")
            and digest(path) != name
        ):
            raise Refused(f"picture {name} is not what it was")
    segments(folder)
    return manifest


def restore(folder: Path, erased: Path | None = None) -> dict[str, Any]:
    """Bring a backup back into an empty DATA (and an empty database); what was erased since is erased again."""
    manifest = inspect(folder)
    if manifest["database"] != connection.vendor:
        raise Refused(f"this backup is of {manifest['database']}, these records are on {connection.vendor}")
    if attachments.folder().exists() and any(attachments.folder().rglob("*")):
        raise Refused(f"{settings.DATA} holds pictures already: restore into an empty DATA")
    if connection.vendor == "sqlite":
        _records_back(folder, Path(connection.settings_dict["NAME"]))
    else:
        dumps.restore(folder / DUMP)
    if (folder / PICTURES).exists():
        shutil.copytree(
            folder / PICTURES, attachments.folder(), dirs_exist_ok=True, ignore=shutil.ignore_patterns(".*")
        )
    for list_ in filter(None, (folder / LIST, erased)):
        if list_.exists():
            replay(list_)
    return manifest


def _records_back(folder: Path, target: Path) -> None:
    if target.exists() and target.stat().st_size:
        raise Refused(f"{target} exists already: restore into an empty DATA")
    connection.close()
    for end in ("", "-wal", "-shm"):
        target.with_name(target.name + end).unlink(missing_ok=True)
    part = target.with_name(target.name + ".part")
    shutil.copyfile(folder / RECORDS, part)
    for page, path in segments(folder):
        wal.lay(part, page, path.read_bytes())
    settled(part)
    part.replace(target)
    settled(target.parent)
