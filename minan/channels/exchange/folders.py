"""Looks into the partners' folders and mailboxes now and then, within the worker or by `minan exchange poll`."""

from __future__ import annotations

import hashlib
import logging
import time
from datetime import datetime
from pathlib import Path

from django.utils import timezone

from minan.channels.exchange import acks, intake, known, mailbox, places_on_disk, tables
from minan.channels.exchange.models import Hand
from minan.channels.exchange.partners import Partner, PartnersError
from minan.kernel.procedure import Words

EVERY = {"folder": 20.0, "mail": 60.0, "purge": 3600.0}  # seconds
FILES_MOST = 5  # a look and partner: the rest at the next
log = logging.getLogger("minan.exchange")
_last: dict[str, float] = {}


def forget() -> None:
    """Look at once at the next turn (tests)."""
    _last.clear()


def _time(name: str) -> bool:
    now = time.monotonic()
    if now - _last.get(name, -1e9) < EVERY[name]:
        return False
    _last[name] = now
    return True


def by_hand(partner: Partner, mark: str, where: str, why: Words) -> None:
    """Put it on the list of what a person must look at; once, however often it is found."""
    row = Hand(
        partner=partner.code,
        mark=mark,
        where=where[:120],
        why=why.zh[:200],
        why_en=why.en[:200],
        made_at=timezone.now(),
    )
    Hand.objects.bulk_create([row], ignore_conflicts=True)


def take_file(partner: Partner, path: Path, now: datetime) -> intake.Done | None:
    """One file of the in folder: taken and gone, its rejected rows beside it; one that cannot be read goes to hand/."""
    data = path.read_bytes() if path.stat().st_size <= tables.BYTES_MOST else b""
    try:
        if not data:
            raise tables.BadFile("文件是空的或者太大", "the file is empty or too large")
        rows = tables.rows_of(data, path.name)
    except tables.BadFile as bad:
        by_hand(partner, hashlib.sha256(path.name.encode() + data).hexdigest(), f"in/hand/{path.name}", bad.words)
        places_on_disk.aside(path, "hand")
        return None
    done = intake.bring(partner, rows, "folder", now)
    if done.rejected:
        to = path.parent / "rejected"
        to.mkdir(exist_ok=True, mode=0o770)
        places_on_disk.put(to / f"{path.name}.rejected.csv", intake.rejected_file(done.rejected))
    intake.record(partner, "folder", path.name, data, done, now)
    path.unlink()  # who spoke lies in the vault now, and nowhere else
    return done


def take_acks(partner: Partner, path: Path, now: datetime) -> int:
    """One file of receipts; what cannot be taken of it goes to hand/. Returns how many were left."""
    data = path.read_bytes()
    try:
        left = acks.read(partner, tables.rows_of(data, path.name), now)
        why = left[0][1] if left else None
    except tables.BadFile as bad:
        left, why = [({}, bad.words)], bad.words
    if why is None:
        path.unlink()
        return 0
    told = Words(f"回执里 {len(left)} 行没有对上：{why.zh}", f"{len(left)} receipts could not be taken: {why.en}")
    by_hand(partner, hashlib.sha256(path.name.encode() + data).hexdigest(), f"acks/hand/{path.name}", told)
    places_on_disk.aside(path, "hand")
    return len(left)


def look(partner: Partner, now: datetime, still: float = places_on_disk.STILL) -> int:
    """Everything that lies ready in one partner's folders; returns how many files."""
    seen = 0
    if "folder" in partner.ways_in:
        for path in list(places_on_disk.lying(places_on_disk.folder(partner.code, "in"), still))[:FILES_MOST]:
            take_file(partner, path, now)
            seen += 1
    for path in list(places_on_disk.lying(places_on_disk.folder(partner.code, "acks"), still))[:FILES_MOST]:
        take_acks(partner, path, now)
        seen += 1
    return seen


def turn(now: datetime) -> int:
    """What the worker calls: folders every 20 s, mailboxes every minute, purging every hour; 0 in between."""
    folders, mails = _time("folder"), _time("mail")
    if _time("purge"):
        intake.purge(now)
        places_on_disk.purge()
    if not folders and not mails:
        return 0
    try:
        partners = known.partners()
    except PartnersError:
        return 0  # sending.py and the doctor say so
    done = 0
    for partner in partners.values():
        try:
            done += look(partner, now) if folders else 0
            done += mailbox.look(partner, now, by_hand) if mails and mailbox.ready(partner) else 0
        except OSError as error:  # one partner's disk or mailbox that is away holds up nobody else
            log.warning("not looked at", extra={"partner": partner.code, "error": type(error).__name__})
    return done
