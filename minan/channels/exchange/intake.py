"""A file of a partner's: what it would do (the preview), and doing it; what cannot be taken comes out as a file to be mended.

Between preview and import the file waits sealed: the key stands in the preview page alone, so that nobody reads it here meanwhile.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from minan.channels.exchange import taking
from minan.channels.exchange.models import Intake, Nonce
from minan.channels.exchange.partners import Partner
from minan.channels.exchange.tables import BadFile, Row, rows_of
from minan.channels.exchange.taking import MORE, OPENED, REJECTED, SAME, Plan
from minan.kernel import directory, vault
from minan.lib import csvsafe

REASON = "原因"  # the column a rejected row gets; taken no notice of when it comes in again
KEEP_HOURS = 24  # a sealed file
PAGE_ROWS = 500  # rows a page takes in while somebody waits; larger files come by the folder or the command


@dataclass(slots=True)
class Done:
    """What became of a file's rows."""

    plans: list[Plan] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        found = Counter(plan.what for plan in self.plans)
        return {what: found[what] for what in taking.WHATS if found[what]}

    @property
    def rejected(self) -> list[Plan]:
        return [plan for plan in self.plans if plan.what == REJECTED]


def preview(partner: Partner, rows: Sequence[Row], now: datetime, county: str = "") -> Done:
    """What each row would do, without doing it; a number that stands there twice is seen as it would be."""
    numbers = [str(row.get(partner.fields["number"], "")).strip() for row in rows]
    known, coming, done = taking.held(partner, numbers), dict[str, set[str]](), Done()
    for row in rows:
        plan = taking.plan(partner, row, now, known, county)
        matter = plan.matter
        if plan.what == OPENED and matter is not None:
            before = coming.setdefault(matter.number, set())
            plan.what = OPENED if not before else SAME if matter.mark in before else MORE
            before.add(matter.mark)
        done.plans.append(plan)
    return done


def bring(partner: Partner, rows: Sequence[Row], way: str, now: datetime, county: str = "") -> Done:
    """Take every row, each by itself: one that cannot be taken holds up no other, and a second run changes nothing."""
    return Done([taking.take(partner, row, now, way, county) for row in rows])


def rejected_file(plans: Sequence[Plan], lang: str = "zh") -> bytes:
    """The rows as they came with the reason behind: mended, the same file can be given again."""
    names = list(dict.fromkeys(name for plan in plans for name in plan.row if name != REASON))
    lines = [[*(plan.row.get(name, "") for name in names), plan.why.into(lang) if plan.why else ""] for plan in plans]
    return "".join(csvsafe.lines([[*names, REASON], *lines])).encode("utf-8", "replace")


def record(partner: Partner, way: str, name: str, data: bytes, done: Done, now: datetime) -> Intake:
    """A file or mail that was brought in at once, without a page in between."""
    return Intake.objects.create(
        partner=partner.code, way=way, name=name[:120], sha256=hashlib.sha256(data).hexdigest(), made_at=now, done_at=now,
        rows=len(done.plans), counts=done.counts,
    )  # fmt: skip


# ---- the sealed file


def _key(token: str) -> bytes:
    return HKDF(hashes.SHA256(), 32, vault.reply_key(), b"minan:exchange:file").derive(token.encode())


def _seal(token: str, data: bytes) -> bytes:
    nonce = os.urandom(12)
    return nonce + AESGCM(_key(token)).encrypt(nonce, data, b"")


def opened(token: str, sealed: bytes | memoryview | None) -> bytes | None:
    """What was sealed; None where it is gone or this is not its token."""
    held = bytes(sealed or b"")
    try:
        return AESGCM(_key(token)).decrypt(held[:12], held[12:], b"") if len(held) > 28 else None
    except InvalidTag:
        return None


def paged(data: bytes, name: str) -> list[Row]:
    """The rows of a file given to the page. Raises tables.BadFile."""
    rows = rows_of(data, name)
    if len(rows) > PAGE_ROWS:
        zh = f"在页面上一次最多 {PAGE_ROWS} 行；更多的请放进对接文件夹，或由管理员运行 minan exchange in"
        raise BadFile(
            zh,
            f"at most {PAGE_ROWS} rows at a time on this page; put larger files into the folder, or run minan exchange in",
        )
    return rows


def hold(partner: Partner, name: str, data: bytes, user: int, county: str, now: datetime) -> tuple[Intake, str]:
    """Keep an uploaded file until its preview is answered; (its row, the token for the page). Raises tables.BadFile."""
    rows, token = paged(data, name), secrets.token_urlsafe(24)
    row = Intake.objects.create(
        partner=partner.code, way="file", name=name[:120], sha256=hashlib.sha256(data).hexdigest(), user_id=user, county=county,
        made_at=now, rows=len(rows), sealed=_seal(token, data),
    )  # fmt: skip
    return row, token


def bring_held(partner: Partner, row: Intake, token: str, now: datetime) -> Done | None:
    """Take in what was held; None where it is gone, taken already, or the token is another's. The file is forgotten with it."""
    data = opened(token, row.sealed)
    if data is None or row.done_at is not None:
        return None
    done = bring(partner, rows_of(data, row.name), "file", now, row.county)
    left = _seal(token, rejected_file(done.rejected)) if done.rejected else None
    Intake.objects.filter(id=row.id).update(done_at=now, counts=done.counts, sealed=None, left=left)
    return done


def purge(now: datetime) -> int:
    """Sealed files nobody came back for, and nonces past their time."""
    old = Intake.objects.filter(made_at__lt=now - timedelta(hours=KEEP_HOURS))
    gone = old.exclude(sealed=None, left=None).update(sealed=None, left=None)
    return gone + Nonce.objects.filter(at__lt=now - timedelta(hours=1)).delete()[0]


def county_of(unit: str) -> str:
    """The six digits of a county centre's county; "" for the city's, which brings in for all."""
    office = directory.office(unit)
    return "" if office is None or office.level == "city" else directory.within(office.place, "county")[:6]
