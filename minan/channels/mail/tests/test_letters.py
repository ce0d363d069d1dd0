"""A letter is plain text, says no word of the matter, carries nothing that counts readers, and nobody writes a header of it."""

from __future__ import annotations

import smtplib
import socketserver
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from minan.channels.mail import outgoing as mail
from minan.kernel import posting, ways
from minan.kernel.outcomes import Failed, Never, Outcome, Unsure

WORDS = "【民安】GA3K9-00000-00001 受理。固安镇说事站 #1a2b3c4d"


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    said: list[str]
    refuses: dict[str, str]


class Post(socketserver.StreamRequestHandler):
    """As much of a mail server as a letter needs."""

    def handle(self) -> None:
        server: Any = self.server
        self.wfile.write(b"220 loopback\r\n")
        in_text = False
        while line := self.rfile.readline():
            server.said.append(line.decode("utf-8", "replace").rstrip("\r\n"))
            if in_text:
                if line == b".\r\n":
                    in_text = False
                    if "end" in server.refuses:
                        return
                    self.wfile.write(server.refuses.get("text", "250 ok").encode() + b"\r\n")
                continue
            word = line[:4].upper().decode()
            in_text = word == "DATA"
            told = server.refuses.get(word) or ("354 go on" if in_text else "250 ok")
            in_text = in_text and told.startswith("354")
            self.wfile.write(told.encode() + b"\r\n")


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    here = Server(("127.0.0.1", 0), Post)
    here.said, here.refuses = [], {}
    threading.Thread(target=here.serve_forever, args=(0.05,), daemon=True).start()
    settings.MAIL, settings.MAIL_FROM = f"smtp://127.0.0.1:{here.server_address[1]}", "minan@langfang.example"
    settings.ADDRESS = "https://shuo.langfang.example"
    yield here
    here.shutdown()
    here.server_close()


def became(to: str = "wang@example.cn") -> Outcome | None:
    try:
        mail.send("k" * 32, to, WORDS)
    except Outcome as outcome:
        return outcome
    return None


def test_a_letter_has_the_code_and_the_step_and_nothing_that_is_fetched(server: Server) -> None:
    assert became() is None
    text = "\n".join(server.said)
    assert "RCPT TO:<wang@example.cn>" in text.replace("rcpt", "RCPT")
    assert f"Message-ID: <{'k' * 32}@langfang.example>" in text
    assert "Auto-Submitted: auto-generated" in text
    assert "text/plain" in text
    assert "text/html" not in text
    assert "<img" not in text
    subject, body = mail.text_of(WORDS)
    assert "GA3K9-00000-00001" in subject
    assert "https://shuo.langfang.example/m/GA3K90000000001/" in body
    assert "?" not in body.split("https://")[1], "the link tells nobody who opened it"


@pytest.mark.parametrize(
    ("refuses", "kind", "reason"),
    [
        ({"RCPT": "550 no such mailbox"}, Never, "number"),
        ({"RCPT": "450 try later"}, Failed, "rate"),
        ({"MAIL": "421 too many"}, Failed, "rate"),
        ({"text": "554 refused as spam"}, Failed, "setup"),
        ({"end": "cut"}, Unsure, "unsure"),
    ],
    ids=str,
)
def test_each_answer_of_a_mail_server(
    server: Server, refuses: dict[str, str], kind: type[Outcome], reason: str
) -> None:
    server.refuses = refuses
    got = became()
    assert got is not None
    assert (type(got), got.reason) == (kind, reason)
    assert "wang" not in got.detail


def test_nobody_there_and_a_wrong_password(server: Server, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MAIL = "smtp://127.0.0.1:9"
    assert isinstance(became(), Failed)

    def refused(*_: Any) -> Any:
        raise smtplib.SMTPAuthenticationError(535, b"no")

    monkeypatch.setattr(posting, "_session", refused)
    got = became()
    assert got is not None
    assert got.reason == "setup"


@pytest.mark.parametrize("name", ["wang@example.cn\r\nBcc: all@example.cn", "wang@example.cn\nX: 1", "a\0@example.cn"])
def test_nobody_writes_a_header(server: Server, name: str) -> None:
    with pytest.raises(ValueError, match="broken line"):
        posting.letter("minan@langfang.example", name, "x", "x", "k")
    with pytest.raises(ways.Unfit):
        ways.email(name)


@pytest.mark.parametrize(
    "name",
    [
        "wang",
        "wang@",
        "@example.cn",
        "a b@example.cn",
        "<a@example.cn>",
        "a@example.cn,b@example.cn",
        "a@b",
        "a..b@c.cn",
    ],
)
def test_what_is_no_address_is_not_kept_as_one(name: str) -> None:
    with pytest.raises(ways.Unfit):
        ways.email(name)


def test_an_address_that_was_never_looked_at_is_looked_at_before_a_letter(server: Server) -> None:
    got = became("wang@example.cn\r\nBcc: all@example.cn")
    assert isinstance(got, Never)
    assert server.said == []


def test_without_a_server_nobody_is_offered_letters(settings: Any) -> None:
    settings.MAIL = ""
    assert mail.providers() == []
