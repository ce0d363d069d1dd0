"""What was erased, as a list outside the records: so that a backup brought back does not bring erased people back.

The list names case and event numbers only, never what was said there.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from minan.kernel import attachments, rows, search, vault, ways
from minan.kernel.directory import LOCAL
from minan.kernel.models import Attachment, Body, Case, Speaker
from minan.kernel.rights import ACCOUNT
from minan.lib import folders

LIST, FACT = "erased.jsonl", "fact:"
# code; "speaker" (all that the vault has), "fact:NAME", "account", "body", "words" (row, pictures, search); the event's number or 0
Entry = tuple[str, str, int]


def note(entries: Iterable[Entry], day: str) -> None:
    """Add to DATA/erased.jsonl, on the disk before anything is erased."""
    lines = [json.dumps({"code": code, "what": what, "n": n, "on": day}) for code, what, n in entries]
    if not lines:
        return
    with (Path(settings.DATA) / LIST).open("a", encoding="ascii") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        os.fsync(file.fileno())


def listed() -> frozenset[tuple[str, int]]:
    """(code, event) of every body that was erased by intent; what is gone without standing here was taken away."""
    path = Path(settings.DATA) / LIST
    if not path.exists():
        return frozenset()
    with path.open(encoding="ascii") as file:
        said = (json.loads(line) for line in file)
        return frozenset((one["code"], int(one["n"])) for one in said if one["what"] == "body")


def taken_out(code: str, wrapped: bytes | None, sealed: bytes | None, names: Collection[str], had: str = "") -> dict[str, Any]:
    """The columns of a speaker's row that change when these facts (and "account", the link) are erased; the list has them first.

    `had`: the row's ways of being told.

    Raises vault.Sealed, vault.Away.
    """
    out: dict[str, Any] = {"owner": ""} if ACCOUNT in names else {}
    entries: list[Entry] = [(code, ACCOUNT, 0)] if out else []
    if wrapped and sealed:
        there = vault.names(code, wrapped, sealed)
        gone = [name for name in there if name in names]
        if gone:
            left = vault.trim(code, wrapped, sealed, set(there) - set(gone))
            out |= {"sealed": left} if left is not None else {"sealed": None, "wrapped": None}
            out |= {"phone": False, "caller": ""} if "phone" in gone else {}
            out |= {"ways": ways.without(had, gone)} if had else {}
            entries += [(code, FACT + name, 0) for name in gone]
    note(entries, datetime.now(LOCAL).date().isoformat())
    return out


def thoroughly() -> None:
    """From here on SQLite overwrites what it deletes."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")


def erase(entries: Iterable[Entry]) -> int:
    """Erase speakers' facts, words and bodies; events and their proofs stay. Returns how many were still there.

    The pictures' files go with `unlink`, after the transaction. Raises vault.Away where single facts wait for the keeper.
    """
    thoroughly()
    done = 0
    for code, what, n in entries:
        for case in Case.objects.filter(code=code):
            mine = {"county": case.county, "case_id": case.id}
            speaker = Speaker.objects.filter(**mine)
            if what == "speaker":
                gone_too = {"owner": "", "caller": "", "phone": False, "ways": ""}
                done += speaker.filter(wrapped__isnull=False).update(wrapped=None, sealed=None, **gone_too)
            elif what == "body":
                done += Body.objects.filter(**mine, n=n).delete()[0]
            elif what == "words":
                done += Attachment.objects.filter(**mine).delete()[0]
                rows.forget(case.county, case.id, ended=False)
                search.forget(case)
            elif what == ACCOUNT or what.startswith(FACT):
                done += sum(_fact(code, row, what.removeprefix(FACT)) for row in speaker)
    return done


def _fact(code: str, row: Speaker, name: str) -> int:
    """Take one fact out of the vault again, without another line on the list."""
    if name == ACCOUNT:
        return int(bool(row.owner)) and Speaker.objects.filter(id=row.id).update(owner="")
    wrapped, sealed = bytes(row.wrapped or b""), bytes(row.sealed or b"")
    there = vault.names(code, wrapped, sealed) if wrapped and sealed else []
    if name not in there:
        return 0
    left = vault.trim(code, wrapped, sealed, set(there) - {name})
    closed: dict[str, Any] = ({"wrapped": None} if left is None else {}) | {"ways": ways.without(row.ways, [name])}
    closed |= {"phone": False, "caller": ""} if name == "phone" else {}
    return Speaker.objects.filter(id=row.id).update(sealed=left, **closed)


def pictures_of(county: str, case_id: UUID) -> list[str]:
    """The hashes of a case's pictures: asked before they are erased, for `unlink`."""
    return list(Attachment.objects.filter(county=county, case_id=case_id).values_list("sha256", flat=True))


def unlink(hashes: Iterable[str]) -> None:
    """Remove the files of pictures that no case names any more."""
    for sha256 in set(hashes):
        if not Attachment.objects.filter(sha256=sha256).exists():
            for path in (attachments.path_of(sha256), attachments.path_of(sha256, thumb=True)):
                with suppress(OSError):
                    path.unlink()
                    folders.hour_only(path.parent)


def fingerprint() -> tuple[int, str]:
    """(lines, SHA-256 in hex) of the list of what was erased: what the register notes each day."""
    path = Path(settings.DATA) / LIST
    text = path.read_bytes() if path.exists() else b""
    return text.count(b"\n"), hashlib.sha256(text).hexdigest()


def replay(path: Path) -> int:
    """Erase again what a list names; keeps the list's lines in DATA. Returns how many were still there.

    Straight into the rows, without an event: what the list names is gone from records that are being brought back, and the last
    body of each case whose words go is among it, so that no event vouches for what is no longer there. Raises vault.Away.
    """
    lines = path.read_text("ascii").splitlines()
    entries: list[Entry] = [(said["code"], said["what"], int(said["n"])) for said in map(json.loads, lines)]
    own = Path(settings.DATA) / LIST
    known = set(own.read_text("ascii").splitlines()) if own.exists() else set()
    fresh = [line for line in lines if line not in known]
    if fresh:
        with own.open("a", encoding="ascii") as file:
            file.write("\n".join(fresh) + "\n")
    gone = [
        sha256
        for code in {code for code, what, _n in entries if what == "words"}
        for case in Case.objects.filter(code=code)
        for sha256 in pictures_of(case.county, case.id)
    ]
    done = erase(entries)
    unlink(gone)
    return done


def compact() -> None:
    """Leave nothing of what was erased in the file: the search index's old segments, the log, free pages (PostgreSQL: VACUUM).

    Not inside a transaction: there it does nothing. On PostgreSQL blocks are overwritten as they are used again.
    """
    if connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for table in ("kernel_body", "kernel_case", "kernel_speaker", "kernel_attachment", "kernel_search"):
                cursor.execute(f"VACUUM {table}")
            return
        cursor.execute("INSERT INTO kernel_search(kernel_search, rank) VALUES('merge', -500)")
        while True:  # a merge that had nothing to do changes one row or none
            before = _changes()
            cursor.execute("INSERT INTO kernel_search(kernel_search, rank) VALUES('merge', 500)")
            if _changes() - before < 2:
                break
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _changes() -> int:
    """How many rows this connection has changed so far."""
    return int(connection.connection.total_changes)
