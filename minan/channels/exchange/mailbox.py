"""A partner's mails: each attachment that is a table is taken in; a mail that cannot be read is set aside and listed, never lost.

Two kinds of mailbox: a maildir folder (new/, as every mail server can deliver), and IMAP over TLS. A mail leaves the inbox only
after its rows are in; the same mail twice changes nothing, for every row is known by its number.
"""

from __future__ import annotations

import email
import hashlib
import imaplib
import re
import ssl
from collections.abc import Callable, Iterator
from datetime import datetime
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses
from pathlib import Path
from typing import Any

from minan.channels.exchange import intake, known, places_on_disk, tables
from minan.channels.exchange.partners import Partner
from minan.kernel.procedure import Words

MAILS_MOST, BYTES_MOST, PARTS_MOST = 20, 20_000_000, 20  # a look; a mail; attachments
TABLE = (".csv", ".json", ".xlsx", ".txt")
DONE, HAND = "Minan-done", "Minan-hand"
SECONDS = 20  # an IMAP server may take for one answer
ByHand = Callable[[Partner, str, str, Words], None]


class Unreadable(Exception):
    """A person must read this mail; the words say why."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.words = Words(zh, en)


def _tables(partner: Partner, data: bytes) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of each attached table. Raises Unreadable."""
    mail = email.message_from_bytes(data, policy=default)
    assert isinstance(mail, EmailMessage)
    try:
        senders = {address.lower() for _, address in getaddresses([str(one) for one in mail.get_all("From", [])])}
        parts = list(mail.iter_attachments())
    except Exception:  # a header or part bent on purpose breaks the parser in ways of its own
        raise Unreadable("邮件结构读不出来", "the mail's structure cannot be read") from None
    if len(senders) != 1 or not senders <= {one.lower() for one in (partner.mail.senders if partner.mail else ())}:
        raise Unreadable("不是约定的发件人", "not from the agreed sender")
    if not 0 < len(parts) <= PARTS_MOST:
        raise Unreadable("没有附件，或者附件太多", "no attachment, or too many")
    for part in parts:
        name = str(part.get_filename() or "")
        if not name.lower().endswith(TABLE):
            raise Unreadable(f"附件不是表格：{Path(name).suffix[:10] or '没有名字'}", "an attachment is no table")
        try:
            yield name, bytes(part.get_payload(decode=True) or b"")  # type: ignore[arg-type]
        except Exception:
            raise Unreadable("附件读不出来", "an attachment cannot be read") from None


def read(partner: Partner, data: bytes, now: datetime) -> intake.Done:
    """Take in all rows of one mail. Raises Unreadable; also where some rows were rejected, after the others were taken."""
    if len(data) > BYTES_MOST:
        raise Unreadable("邮件太大", "the mail is too large")
    done = intake.Done()
    found = list(_tables(partner, data))
    for name, attached in found:
        try:
            rows = tables.rows_of(attached, name)
        except tables.BadFile as bad:
            raise Unreadable(bad.words.zh, bad.words.en) from None
        done.plans += intake.bring(partner, rows, "mail", now).plans
    intake.record(partner, "mail", found[0][0], data, done, now)
    if done.rejected:
        first = done.rejected[0].why
        raise Unreadable(
            f"有 {len(done.rejected)} 行收不进：{first.zh if first else ''}", f"{len(done.rejected)} rows were rejected"
        )
    return done


def _taken(partner: Partner, data: bytes, where: str, now: datetime, by_hand: ByHand) -> bool:
    """True where the mail is done with; False where a person must look, and it is listed."""
    try:
        read(partner, data, now)
    except Unreadable as unreadable:
        by_hand(partner, hashlib.sha256(data).hexdigest(), where, unreadable.words)
        return False
    return True


def ready(partner: Partner) -> bool:
    """Whether there is a mailbox to look into: of an IMAP server only once its password was put into KEYS."""
    if "mail" not in partner.ways_in or partner.mail is None:
        return False
    return not partner.mail.host or bool(known.keys(partner.code).get("mail_password"))


def look(partner: Partner, now: datetime, by_hand: ByHand) -> int:
    """Read what is new; returns how many mails. Raises OSError where the mailbox is away."""
    assert partner.mail is not None
    return _maildir(partner, now, by_hand) if not partner.mail.host else _imap(partner, now, by_hand)


def _maildir(partner: Partner, now: datetime, by_hand: ByHand) -> int:
    folder = Path(partner.mail.folder) if partner.mail else Path()
    new = folder / "new"
    if not new.is_dir():
        raise FileNotFoundError(str(new))
    seen = 0
    for path in list(places_on_disk.lying(new, 0))[:MAILS_MOST]:
        ok = _taken(partner, path.read_bytes(), f"{HAND}/{path.name}", now, by_hand)
        to = folder / (DONE if ok else HAND)
        to.mkdir(exist_ok=True)
        path.replace(to / path.name)
        seen += 1
    return seen


# ---- IMAP


def _said(answer: tuple[str, list[Any]]) -> list[Any]:
    """What the server answered. Raises OSError where it said no."""
    if answer[0] != "OK":
        raise OSError(f"IMAP: {answer[0]}")
    return answer[1]


def _link(partner: Partner) -> imaplib.IMAP4:
    mail = partner.mail
    assert mail is not None
    if mail.tls:
        return imaplib.IMAP4_SSL(mail.host, mail.port, ssl_context=ssl.create_default_context(), timeout=SECONDS)
    return imaplib.IMAP4(mail.host, mail.port, timeout=SECONDS)  # this machine only: partners.py sees to it


def _imap(partner: Partner, now: datetime, by_hand: ByHand) -> int:
    mail = partner.mail
    assert mail is not None
    try:
        link = _link(partner)
        try:
            _said(link.login(mail.user, known.keys(partner.code).get("mail_password", "")))
            for name in (DONE, HAND):
                link.create(name)  # no matter where it is there
            _said(link.select(mail.folder))
            uids = _said(link.uid("search", "ALL"))[0].split()[:MAILS_MOST]
            return sum(_one(partner, link, uid, now, by_hand) for uid in uids)
        finally:
            link.logout()
    except imaplib.IMAP4.error as error:
        raise OSError(f"IMAP: {error}") from None


def _one(partner: Partner, link: imaplib.IMAP4, uid: bytes, now: datetime, by_hand: ByHand) -> int:
    """One mail: read without marking it, taken in, then moved; a worker that dies before the move reads it again, which changes nothing."""
    name = uid.decode("ascii", "replace")
    size = re.search(
        rb"RFC822\.SIZE (\d+)",
        b"".join(p for p in _said(link.uid("fetch", name, "(RFC822.SIZE)")) if isinstance(p, bytes)),
    )
    if size and int(size[1]) > BYTES_MOST:
        by_hand(partner, hashlib.sha256(uid).hexdigest(), HAND, Words("邮件太大", "the mail is too large"))
        ok = False
    else:
        parts = _said(link.uid("fetch", name, "(BODY.PEEK[])"))
        data = next((part[1] for part in parts if isinstance(part, tuple)), b"")
        ok = _taken(partner, data, HAND, now, by_hand)
    _said(link.uid("copy", name, DONE if ok else HAND))
    _said(link.uid("store", name, "+FLAGS", r"(\Deleted)"))
    link.expunge()
    return 1
