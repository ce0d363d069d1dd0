"""What the worker does for the vault: links accounts that were sealed in while the keeper was away, notes how long its log was, rewraps."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from minan.kernel import vault
from minan.kernel.models import Case, Speaker
from minan.lib.folders import write_whole

SEEN = "keeper.seen"  # in DATA: {"n", "head"} of the keeper's log as it was an hour ago at most
EVERY, HELD = 20.0, 5.0  # seconds
BATCH = 200  # as keeper/answers.py takes
log = logging.getLogger("minan.keeping")
_next, _dial = {"at": 0.0}, {"at": 0.0}


def link_waiting(limit: int = BATCH, *, now: float | None = None) -> int:
    """Give matters their account's mark where the keeper was away when they were said; asked every EVERY seconds. Returns how many."""
    moment = time.monotonic() if now is None else now
    if moment < _next["at"]:
        return 0
    _next["at"] = moment + EVERY
    rows = list(Speaker.objects.filter(owner=vault.LATER, wrapped__isnull=False)[:limit])
    codes = dict(Case.objects.filter(id__in=[r.case_id for r in rows]).values_list("id", "code")) if rows else {}
    done = 0
    for row in rows:
        wrapped, sealed = bytes(row.wrapped or b""), bytes(row.sealed or b"")
        try:
            mark, sealed_anew = vault.link(codes.get(row.case_id, ""), wrapped, sealed)
        except (vault.Away, vault.Held):
            break
        except vault.Sealed:
            mark, sealed_anew = "", sealed  # its key is gone: nobody can say whose it was
        done += Speaker.objects.filter(id=row.id, sealed=sealed).update(owner=mark, sealed=sealed_anew)
    return done


def dial_waiting(limit: int = BATCH, *, now: float | None = None) -> int:
    """Give new matters with a number the mark by which their speaker's own live call finds them. Returns how many.

    What is confidential, sealed or nameless gets none: no call finds it. The keeper makes some a minute (keeper/limits.toml): the
    newest first, for who spoke just now calls again sooner than who is in a list that was brought in.
    """
    moment = time.monotonic() if now is None else now
    if moment < _dial["at"]:
        return 0
    rows = list(Speaker.objects.filter(caller=vault.LATER).order_by("-id")[:limit])
    ids = [row.case_id for row in rows]
    open_ones = Case.objects.filter(id__in=ids, privacy="", anonymous=False) if rows else Case.objects.none()
    codes, done = dict(open_ones.values_list("id", "code")), 0
    for row in rows:
        try:
            here = row.case_id in codes and row.wrapped and row.sealed
            mark = (
                vault.dial_mark(codes[row.case_id], bytes(row.wrapped or b""), bytes(row.sealed or b"")) if here else ""
            )
        except (vault.Away, vault.Held):
            _dial["at"] = moment + HELD  # asked again and again it would only be refused
            break
        except vault.Sealed:
            mark = ""
        done += Speaker.objects.filter(id=row.id, sealed=row.sealed, caller=vault.LATER).update(caller=mark)
    return done


def unmark() -> int:
    """Take the caller's mark from what is no plain matter any more and still has one, from before. Returns how many; once a day."""
    own = Case.objects.filter(county=OuterRef("county"), id=OuterRef("case_id"))
    private = Exists(own.filter(~Q(privacy="") | Q(anonymous=True)))
    found = list(Speaker.objects.filter(private, caller__gt="").values_list("id", flat=True)[: BATCH * 10])
    return Speaker.objects.filter(id__in=found).update(caller="") if found else 0


def note() -> None:
    """Write down how long the keeper's log is; a log that is shorter later was cut (vault_checks.py). The worker calls it hourly."""
    try:
        n, head = vault.status()["log"]
        write_whole(Path(settings.DATA) / SEEN, json.dumps({"n": n, "head": head}).encode())
    except (vault.Sealed, OSError) as error:
        log.warning("the keeper's log was not noted", extra={"error": type(error).__name__})


def seen() -> dict[str, Any]:
    """{"n", "head"} of the last `note`; {} where there was none."""
    try:
        found: dict[str, Any] = json.loads((Path(settings.DATA) / SEEN).read_bytes())
    except (OSError, ValueError):
        return {}
    return found


def _old(current: bytes) -> Iterator[list[tuple[str, Speaker]]]:
    """(code, row) of every vault row that is not closed to the key `current`, a batch at a time."""
    last = None
    while True:
        rows = Speaker.objects.filter(wrapped__isnull=False).order_by("id")
        some = list((rows.filter(id__gt=last) if last else rows)[: BATCH * 10])
        if not some:
            return
        last = some[-1].id
        stale = [row for row in some if bytes(row.wrapped or b"")[1:5] != current]
        codes = dict(Case.objects.filter(id__in=[row.case_id for row in stale]).values_list("id", "code"))
        for i in range(0, len(stale), BATCH):
            yield [(codes.get(row.case_id, ""), row) for row in stale[i : i + BATCH]]


def rewrap() -> tuple[int, int]:
    """Close every case's key to today's key, while the city works. Returns (done, rows that no key here opens). Raises vault.Away."""
    done = shut = 0
    for batch in _old(bytes.fromhex(vault.status()["current"])):
        fresh = vault.rewrap([(code, bytes(row.wrapped or b"")) for code, row in batch])
        for (_, row), wrapped in zip(batch, fresh, strict=True):
            if wrapped is None:
                shut += 1
            else:  # one that was erased meanwhile stays erased
                done += Speaker.objects.filter(id=row.id, wrapped=bytes(row.wrapped or b"")).update(wrapped=wrapped)
    return done, shut


def still_closed_to(mark: str) -> int:
    """How many vault rows are still closed to the key with this mark (8 hex digits)."""
    key = bytes.fromhex(mark)
    return sum(
        bytes(wrapped or b"")[1:5] == key
        for wrapped in Speaker.objects.filter(wrapped__isnull=False).values_list("wrapped", flat=True).iterator()
    )
