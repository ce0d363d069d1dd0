"""Mails of a partner's: tables are taken in, what cannot be read is set aside and listed, nothing is lost, a mail twice is one."""

from __future__ import annotations

import contextlib
import re
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from minan.channels.exchange import folders, mailbox, places_on_disk
from minan.channels.exchange.models import Hand, Intake
from minan.channels.exchange.partners import Mailbox, Partner
from minan.channels.exchange.tests import partner as made
from minan.channels.exchange.tests.partner import as_csv, as_json, row
from minan.kernel.models import Case

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 16, 1, 20, tzinfo=UTC)
SENDER = "out@12345.example"


def mail(rows: list[dict[str, str]] | None, sender: str = SENDER, name: str = "派单.csv", data: bytes = b"") -> bytes:
    one = EmailMessage()
    one["From"], one["To"], one["Subject"] = sender, "minan@city.example", "派单"
    one.set_content("见附件")
    if rows is not None or data:
        one.add_attachment(
            data or as_csv(rows or [], "gb18030"), maintype="application", subtype="octet-stream", filename=name
        )
    return one.as_bytes()


@pytest.fixture
def box(people: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Partner, Path]:
    maildir = tmp_path / "mail"
    for name in ("new", "cur", "tmp"):
        (maildir / name).mkdir(parents=True)
    return made.settle_in(tmp_path, monkeypatch, maildir=str(maildir)), maildir


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir()) if folder.exists() else []


def test_tables_in_mails_are_taken_in_and_the_mails_laid_aside(box: tuple[Partner, Path]) -> None:
    partner, maildir = box
    (maildir / "new" / "1").write_bytes(mail([row(1), row(2)]))
    (maildir / "new" / "2").write_bytes(mail(None, name="派单.json", data=as_json([row(3)])))
    assert mailbox.look(partner, NOW, folders.by_hand) == 2
    assert Case.objects.count() == 3
    assert names(maildir / "Minan-done") == ["1", "2"]
    assert names(maildir / "new") == []
    assert Hand.objects.count() == 0
    assert Intake.objects.filter(way="mail").count() == 2


def test_what_cannot_be_read_lies_in_the_hand_folder_and_on_the_list(box: tuple[Partner, Path]) -> None:
    partner, maildir = box
    odd = {
        "stranger": mail([row(1)], sender="other@12345.example"), "two": mail([row(1)], sender=f"{SENDER}, x@y.example"),
        "bare": mail(None), "picture": mail(None, name="x.jpg", data=b"\xff\xd8"),
        "broken": mail(None, name="x.xlsx", data=b"PK\x03\x04oops"),
        "noise": bytes(range(256)) * 20, "empty": b"", "bad-row": mail([row(7), row(8, 联系电话="1")]),
    }  # fmt: skip
    for name, data in odd.items():
        (maildir / "new" / name).write_bytes(data)
    assert mailbox.look(partner, NOW, folders.by_hand) == len(odd)
    assert names(maildir / "Minan-hand") == sorted(odd)
    assert Case.objects.count() == 1, "of the mail with one bad row the good one is taken"
    assert Hand.objects.count() == len(odd)
    whys = " ".join(Hand.objects.values_list("why", flat=True))
    for word in ("约定的发件人", "没有附件", "不是表格", "坏了", "1 行收不进"):
        assert word in whys


def test_a_mail_read_again_after_a_crash_changes_nothing(
    box: tuple[Partner, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    partner, maildir = box
    (maildir / "new" / "1").write_bytes(mail([row(1)]))
    with monkeypatch.context() as broken:
        broken.setattr(Path, "replace", _killed)
        with pytest.raises(KeyboardInterrupt):
            mailbox.look(partner, NOW, folders.by_hand)
    assert names(maildir / "new") == ["1"], "it is still there"
    mailbox.look(partner, NOW, folders.by_hand)
    assert Case.objects.count() == 1
    assert names(maildir / "Minan-done") == ["1"]


def _killed(*args: Any) -> None:
    raise KeyboardInterrupt


def test_a_mailbox_that_is_away_holds_up_nobody_else(box: tuple[Partner, Path]) -> None:
    partner, maildir = box
    (maildir / "new").rmdir()
    (places_on_disk.folder(partner.code, "in") / "a.csv").write_bytes(as_csv([row(1)]))
    folders.forget()
    assert folders.turn(NOW) == 0, "the file was written this second and is let lie"
    assert folders.look(partner, NOW, still=0) == 1
    assert Case.objects.count() == 1


def test_files_in_the_folder_are_taken_and_gone_and_bad_ones_set_aside(hotline: Partner) -> None:
    here = places_on_disk.folder(hotline.code, "in")
    (here / "good.csv").write_bytes(as_csv([row(1), row(2, 联系电话="1")]))
    (here / "bad.csv").write_bytes(b"")
    (here / "half.csv.part").write_bytes(as_csv([row(3)]))
    (here / "link.csv").symlink_to("/etc/hostname")
    assert folders.look(hotline, NOW, still=0) == 2
    assert Case.objects.count() == 1
    assert names(here) == ["half.csv.part", "hand", "link.csv", "rejected"]
    assert "联系电话" in (here / "rejected" / "good.csv.rejected.csv").read_text("utf-8-sig")
    assert Hand.objects.get().where == "in/hand/bad.csv"
    assert places_on_disk.purge(now=__import__("time").time() + 40 * 86400) == 2


# ---- IMAP


class Server(socketserver.ThreadingTCPServer):
    """As much of an IMAP server as a poller speaks with: folders of mails by number."""

    allow_reuse_address, daemon_threads = True, True

    def __init__(self, mails: list[bytes]) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.folders: dict[str, dict[int, bytes]] = {
            "INBOX": dict(enumerate(mails, 1)),
            "Minan-done": {},
            "Minan-hand": {},
        }
        self.deleted: set[int] = set()
        self.refuse_copy = False
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()


class Talk(socketserver.StreamRequestHandler):
    server: Server

    def handle(self) -> None:
        self.wfile.write(b"* OK ready\r\n")
        with contextlib.suppress(OSError):
            while line := self.rfile.readline():
                tag, _, rest = line.decode().strip().partition(" ")
                self.wfile.write(self.answer(rest) + f"{tag} {self.end(rest)}\r\n".encode())
                if rest.upper().startswith("LOGOUT"):
                    return

    def end(self, said: str) -> str:
        if said.upper().startswith("LOGIN") and '"pass"' not in said:
            return "NO wrong"
        return "NO full" if self.server.refuse_copy and "COPY" in said.upper() else "OK done"

    def answer(self, said: str) -> bytes:
        inbox, word = self.server.folders["INBOX"], said.upper()
        if word.startswith("CAPABILITY"):
            return b"* CAPABILITY IMAP4rev1\r\n"
        if word.startswith("SELECT"):
            return f"* {len(inbox)} EXISTS\r\n".encode()
        if word.startswith("UID SEARCH"):
            return f"* SEARCH {' '.join(map(str, inbox))}\r\n".encode()
        number = int(found[1]) if (found := re.match(r"UID \w+ (\d+)", word)) else 0
        if "RFC822.SIZE" in word:
            return f"* 1 FETCH (UID {number} RFC822.SIZE {len(inbox[number])})\r\n".encode()
        if "BODY.PEEK" in word:
            data = inbox[number]
            return f"* 1 FETCH (UID {number} BODY[] {{{len(data)}}}\r\n".encode() + data + b")\r\n"
        if word.startswith("UID COPY") and not self.server.refuse_copy:
            folder = "Minan-done" if "DONE" in word else "Minan-hand"
            self.server.folders[folder][number] = inbox[number]
        if word.startswith("UID STORE"):
            self.server.deleted.add(number)
        if word.startswith("EXPUNGE"):
            for gone in self.server.deleted:
                inbox.pop(gone, None)
        return b""


@pytest.fixture
def imap() -> Iterator[Server]:
    server = Server([mail([row(1)]), mail(None), mail([row(1), row(2)])])
    yield server
    server.shutdown()
    server.server_close()


def by_imap(partner: Partner, server: Server) -> Partner:
    return replace(partner, mail=Mailbox("127.0.0.1", server.server_address[1], "minan", "INBOX", (SENDER,), tls=False))


def test_an_imap_mailbox_is_read_to_its_end_and_each_mail_moved(hotline: Partner, imap: Server) -> None:
    assert mailbox.look(by_imap(hotline, imap), NOW, folders.by_hand) == 3
    assert Case.objects.count() == 2
    assert {name: sorted(held) for name, held in imap.folders.items()} == {
        "INBOX": [],
        "Minan-done": [1, 3],
        "Minan-hand": [2],
    }
    assert Hand.objects.get().where == "Minan-hand"


def test_a_mail_that_cannot_be_moved_stays_and_is_read_again_without_harm(hotline: Partner, imap: Server) -> None:
    imap.refuse_copy = True
    with pytest.raises(OSError, match="IMAP"):
        mailbox.look(by_imap(hotline, imap), NOW, folders.by_hand)
    assert len(imap.folders["INBOX"]) == 3
    imap.refuse_copy = False
    mailbox.look(by_imap(hotline, imap), NOW, folders.by_hand)
    assert Case.objects.count() == 2


def test_a_wrong_password_is_an_error_of_the_mailbox_not_of_ours(hotline: Partner, imap: Server) -> None:
    nobody = replace(by_imap(hotline, imap), code="nobody")
    with pytest.raises(OSError, match="wrong"):
        mailbox.look(nobody, NOW, folders.by_hand)
    assert len(imap.folders["INBOX"]) == 3
