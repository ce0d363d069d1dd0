"""Somebody has the database, the disk, the logs and the mediator's account together, and tries in earnest to learn what 孙长河 would pay.

What they look for is planted first and found, so that a search that finds nothing means something.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import pathlib
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as conf
from django.db import connection
from django.test import Client
from django.utils import timezone, translation

from minan.kernel import onetime_code, vault
from minan.kernel.keeper import offers
from minan.kernel.models import Case
from minan.systems.disputes.tests.cast import HEAD, JUDICIAL, MEDIATOR, SECOND, side
from minan.systems.disputes.tests.test_sealed import begun, by_link, hands_in, receipt, staff

pytestmark = pytest.mark.django_db
YUAN, FEN = "43219.87", 4321987  # nothing else in the city has these digits
MOST = 1_000_000  # yuan: what an attacker goes through


@pytest.fixture(autouse=True)
def _plain(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.MFA_REQUIRED_FOR_STAFF = False
    monkeypatch.setattr(onetime_code, "APART", timedelta(0))
    with translation.override("zh-hans"):
        yield


def shapes(nonce: str = "") -> dict[str, bytes]:
    """Every way the sum, or the nonce, might lie there: digits, bytes, hex, base64 at all three offsets, UTF-16."""
    words = {"yuan": YUAN.encode(), "grouped": b"43,219.87", "fen": b"4321987", "han": "四万三千二百一十九".encode()}
    raw = {"int64": FEN.to_bytes(8, "little"), "int64be": FEN.to_bytes(8, "big")}
    if nonce:
        raw |= {"nonce": bytes.fromhex(nonce), "opened": bytes.fromhex(nonce) + b"4321987"}
        words |= {"nonce hex": nonce.encode()}
    out = dict(words) | raw
    for name, value in (words | raw).items():
        out[f"{name} as hex"] = value.hex().encode()
        out[f"{name} as UTF-16"] = value.decode("utf-8", "replace").encode("utf-16-le") if name in words else value
        for offset in range(3):
            coded = base64.b64encode(b"\0" * offset + value).rstrip(b"=")
            out[f"{name} as base64 at {offset}"] = coded[-(-offset * 4 // 3) + (offset > 0) : -1]
    return {name: value for name, value in out.items() if len(value) >= 6}


def found(where: bytes, nonce: str) -> list[str]:
    return [name for name, value in shapes(nonce).items() if value in where]


def dump() -> bytes:
    """Every table, as text and as bytes."""
    parts: list[bytes] = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            for row in cursor.fetchall():
                for value in row:
                    parts.append(bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode())
    return b"\n".join(parts)


def disk() -> Iterator[tuple[str, bytes]]:
    """Everything in DATA and KEYS: the private keys, the keeper's log, pictures, the database's own file."""
    for place in {pathlib.Path(conf.DATA), pathlib.Path(conf.KEYS), vault.folder()}:
        for path in place.rglob("*"):
            if path.is_file():
                yield str(path), path.read_bytes()


def asked(case: Case, people: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    """Every page and file of this dispute that the mediator, the head, the judicial office, a colleague and the other side can open."""
    paths = [f"/disputes/{one.code}/{tail}" for one in (case, side(case, "a"), side(case, "b")) for tail in ("", "?step=draft", "?on=b", "?on=a")]
    paths += [f"/desk/{one.code}/" for one in (case, side(case, "a"), side(case, "b"))]
    paths += ["/desk/", "/supervise/", f"/api/v1/cases/{case.code}", f"/api/v1/cases/{case.code}/events", "/disputes/numbers/"]
    own = [f"/m/{side(case, 'a').code}/", f"/m/{side(case, 'a').code}/rights/", f"/m/{side(case, 'a').code}/rights/file.json"]
    clients: dict[str, Client] = {name: staff(people[name]) for name in (MEDIATOR, HEAD, JUDICIAL, SECOND)}
    for name in (HEAD, JUDICIAL):
        assert clients[name].post(f"/disputes/{case.code}/inspect/", {"words": "抽查"}).status_code == 302
    own += [path.replace(side(case, "a").code, side(case, "b").code) for path in own]
    links = {"other side": by_link(case, "a"), "the mediator by the link they handed over": by_link(case, "b")}
    for name, client in [*clients.items(), *links.items()]:
        for path in paths + (own if name in links else []):
            answer = client.get(path, follow=True)
            yield f"{name} {path}", b"".join(answer.streaming_content) if answer.streaming else answer.content


def guessed(marks: list[str], near: list[bytes]) -> list[int]:
    """Go through every whole sum up to a million yuan against the commitments, with no nonce, with zeros, and with what lies about."""
    wanted, hits = {bytes.fromhex(mark) for mark in marks}, []
    for head in near:
        start = hashlib.sha256(head)
        for yuan in range(MOST + 1):
            one = start.copy()
            one.update(b"%d" % (yuan * 100))
            if one.digest() in wanted:
                hits.append(yuan)
    return hits


def test_the_dump_the_disk_the_logs_and_the_mediator_together_do_not_learn_a_limit(
    people: dict[str, Any], caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    case = begun(people)
    nonce, mark = receipt(hands_in(case, "b", YUAN))
    assert hashlib.sha256(bytes.fromhex(nonce) + b"4321987").hexdigest() == mark, "what is looked for is what was handed in"
    heard = (json.dumps([record.getMessage() + str(record.__dict__) for record in caplog.records]) + "".join(capfd.readouterr())).encode()
    whole = dump()
    assert mark.encode() in whole, "the commitment stands in the events"
    assert found(whole, nonce) == []
    assert found(heard, nonce) == []
    for name, content in disk():
        assert found(content, nonce) == [], name
    for name, content in asked(case, people):
        assert found(content, nonce) == [], name
    # with any 32 bytes that lie about as the nonce, the right sum fits no commitment …
    near = {bytes.fromhex(one) for one in re.findall(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])", whole.decode("utf-8", "replace"))}
    near |= {base64.b64decode(one) for one in re.findall(rb"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{43}=(?!=)", whole)}
    near |= {content[at : at + 32] for _, content in disk() if len(content) < 4096 for at in range(max(0, len(content) - 31))}
    assert len(near) > 50
    assert [one.hex() for one in near if hashlib.sha256(one + b"4321987").hexdigest() == mark] == []
    # … and without one, no sum at all does
    assert guessed([mark], [b"", bytes(32)]) == []


def test_the_search_finds_what_is_there() -> None:
    nonce = "1f" * 32
    for name, value in shapes(nonce).items():
        assert name in found(b"\x01noise" + value + b"noise", nonce)
    coded = base64.b64encode(b"{\"fen\":4321987}")
    assert any("base64" in name for name in found(coded, nonce))
    for head in (b"", bytes(32)):
        assert guessed([hashlib.sha256(head + b"4321900").hexdigest()], [head]) == [43219]
    assert offers.commitment(bytes(32), FEN) == hashlib.sha256(bytes(32) + b"4321987").hexdigest()


def test_no_answer_of_the_keeper_says_a_sum_before_both_are_in(people: dict[str, Any]) -> None:
    """Whoever holds the web process now, but did not when the form came, asks the keeper everything it answers."""
    case = begun(people)
    mark = receipt(hands_in(case, "b", YUAN))[1]
    near = [mark, "0" * 64, mark.upper(), ""]
    asks: list[dict[str, Any]] = [{"what": what, "code": code, "names": names, "k": k} for what in ("key", "held", "meet", "put")
            for code in (case.code, side(case, "b").code, "") for names in ([mark, mark], near[:2], near, [mark]) for k in (1, 2)]  # fmt: skip
    for ask in asks:
        try:
            said = json.dumps(vault.offer(**ask))
        except vault.Sealed:
            continue
        assert found(said.encode(), "") == [], ask
        assert "mid" not in said
        assert "overlap" not in said
    assert found(json.dumps(vault.status()).encode(), "") == []
    assert vault.offer("held", code=case.code, names=[mark])["held"] == [mark], "and nothing was spoilt"
    hands_in(case, "a", "40000")
    assert case.facts["sealed"]["result"] == "overlap"
    assert timezone.now() > case.opened_at
