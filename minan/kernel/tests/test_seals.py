"""The city's seal: its key stays with the keeper, which signs one paper for one event; a real certificate is installed, a bad one not."""

from __future__ import annotations

import io
import pathlib
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from minan.kernel import book, outward, seals, vault, vault_checks
from minan.kernel.keeper import client, keys, protocol, seal
from minan.kernel.keeper.answers import Keeper
from minan.kernel.tests import pdf_reader

pytestmark = pytest.mark.django_db
NOW, PASS = time.time(), "一把够长的口令"
CASE = SimpleNamespace(code="0123456789ABCDE")


@pytest.fixture
def room(tmp_path: pathlib.Path, settings: Any, city: None) -> Iterator[pathlib.Path]:
    """A city's keys of its own, with a keeper started on demand."""
    settings.KEYS, settings.KEEPER = tmp_path / "keys", ""
    yield tmp_path / "keys"
    client.dismiss(tmp_path / "keys")


@pytest.fixture
def paper() -> bytes:
    made = book.pdf(book.Book("协议书", [book.Part("协议书", [book.words("两家说好了。")])], date(2026, 11, 16)))
    assert made
    return made


def named(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common)])


def issued(key: Any, by: Any, subject: str, issuer: str, days: int = 300, authority: bool = False) -> x509.Certificate:
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(named(issuer), named(subject), key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=400)).not_valid_after(now + timedelta(days=days))
    return made.add_extension(x509.BasicConstraints(authority, None), critical=True).sign(by, hashes.SHA256())


@pytest.fixture(scope="module")
def authority() -> tuple[Any, x509.Certificate, Any, x509.Certificate]:
    """(the seal's RSA key and certificate, the authority's)."""
    root, own = ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)
    return (
        own,
        issued(own, root, "廊坊市 调解专用章", "某某认证中心"),
        root,
        issued(root, root, "某某认证中心", "某某认证中心", authority=True),
    )


def written(folder: pathlib.Path, key: Any, *chain: x509.Certificate) -> list[str]:
    pem = serialization.Encoding.PEM
    closed = serialization.BestAvailableEncryption(PASS.encode())
    (folder / "key.pem").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, closed))
    (folder / "chain.pem").write_bytes(b"".join(one.public_bytes(pem) for one in chain))
    return [str(folder / "key.pem"), str(folder / "chain.pem")]


def tool(room: pathlib.Path, *words: str, said: str = PASS) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "minan.kernel.keeper", "seal", str(room), *words], capture_output=True, text=True, check=False,
        env={"PATH": "/usr/bin", "MINAN_SEAL_PASSPHRASE": said, "PYTHONPATH": str(client.HOME)},
    )  # fmt: skip


def test_a_city_without_one_makes_its_own_and_says_so(room: pathlib.Path, paper: bytes) -> None:
    found = seals.here()
    assert found.own_making
    assert seals.here().fingerprint == found.fingerprint, "the second time it is the same"
    signed = seals.signed(paper, CASE, secrets.token_hex(32), name="调委会", reason="协议书")
    got = pdf_reader.checked(signed)
    assert (got.whole, got.chained, got.profile) == (True, True, "/ETSI.CAdES.detached")
    assert signed.startswith(paper), "the paper itself is not touched"
    assert (room / "keeper" / seal.KEY).stat().st_mode & 0o777 == 0o600


def test_a_real_one_is_installed_and_seals(
    room: pathlib.Path, paper: bytes, tmp_path: pathlib.Path, authority: Any
) -> None:
    vault.status()
    own, mine, _root, above = authority
    done = tool(room, "install", *written(tmp_path, own, mine, above))
    assert done.returncode == 0, done.stderr
    assert "调解专用章" in done.stdout
    assert not seals.here().own_making
    got = pdf_reader.checked(seals.signed(paper, CASE, secrets.token_hex(32), name="调委会", reason="协议书"))
    assert (got.subject, got.chained) == ("CN=廊坊市 调解专用章", True)


def test_a_bundle_as_authorities_hand_it_out_is_taken_too(
    room: pathlib.Path, tmp_path: pathlib.Path, authority: Any
) -> None:
    vault.status()
    own, mine, _root, above = authority
    closed = serialization.BestAvailableEncryption(PASS.encode())
    (tmp_path / "seal.p12").write_bytes(pkcs12.serialize_key_and_certificates(b"x", own, mine, [above], closed))
    assert tool(room, "install", str(tmp_path / "seal.p12"), said="falsch").returncode != 0
    assert tool(room, "install", str(tmp_path / "seal.p12")).returncode == 0
    assert "调解专用章" in seals.here().subject


def test_what_cannot_seal_is_refused_and_nothing_changes(
    room: pathlib.Path, tmp_path: pathlib.Path, authority: Any
) -> None:
    before = seals.here().fingerprint
    own, mine, root, above = authority
    weak, foreign = rsa.generate_private_key(65537, 1024), ed25519.Ed25519PrivateKey.generate()
    for key, *chain in (
        (root, mine, above), (own, issued(own, root, "旧章", "某某认证中心", days=-1), above), (weak, issued(weak, root, "弱", "某某认证中心")),
        (foreign, issued(foreign, root, "另一种", "某某认证中心")), (own, mine, mine), (own,),
    ):  # fmt: skip
        done = tool(room, "install", *written(tmp_path, key, *chain))
        assert done.returncode != 0, chain
        assert "Traceback" not in done.stderr
    assert seals.here().fingerprint == before


@pytest.fixture
def keeper(tmp_path: pathlib.Path) -> Keeper:
    return Keeper(tmp_path / "k", NOW)


def attributes() -> bytes:
    return b"\x31\x2a" + seal.DIGEST + bytes(31)


def ask(keeper: Keeper, **more: Any) -> dict[str, Any]:
    keeper.answer({"op": "seal", "city": "廊坊市"}, NOW)
    given = {"op": "sign", "code": "A", "event": "a" * 64, "data": protocol.text(attributes()), "digest": "sha256"}
    return keeper.answer(given | more, NOW)[0]


def test_the_keeper_signs_a_papers_attributes_and_nothing_else(keeper: Keeper) -> None:
    assert "signature" in ask(keeper)["ok"]
    certificate = seal.chain_of(keeper.folder, "")[0]
    for data in (certificate, b"\x30" + attributes()[1:], b"", b"\x31" + bytes(40), attributes() + bytes(9000)):
        assert ask(keeper, data=protocol.text(data)) == {"no": "unfit"}
    assert ask(keeper, digest="md5") == {"no": "unfit"}


def test_each_signature_names_an_event_of_one_case(keeper: Keeper) -> None:
    assert ask(keeper, event="") == {"no": "event"}
    assert ask(keeper, event="no hash") == {"no": "event"}
    assert "ok" in ask(keeper, code="A")
    assert ask(keeper, code="B") == {"no": "event"}, "another case's event signs nothing"


def test_nobody_signs_a_heap_unseen(keeper: Keeper) -> None:
    said = [ask(keeper) for _ in range(31)]
    assert said[-1] == {"no": "case"}
    keeper.settle()
    lines = (keeper.room / keys.LOG).read_text("utf-8")
    assert lines.count('"op":"sign"') == 30


def test_the_key_of_the_authority_of_our_own_making_is_nowhere(keeper: Keeper) -> None:
    ask(keeper)
    held = [path.read_bytes() for path in keeper.folder.rglob("*") if path.is_file()]
    assert sum(data.count(b"PRIVATE KEY-----") for data in held) == 2, "the begin and the end of one key"
    own = serialization.load_pem_private_key((keeper.room / seal.KEY).read_bytes(), None)
    root = x509.load_der_x509_certificate(seal.chain_of(keeper.folder, "")[-1])
    assert own.public_key() != root.public_key()


def test_the_command_says_whose_it_is_and_never_replaces_an_authoritys_by_accident(
    room: pathlib.Path, tmp_path: pathlib.Path, authority: Any, capsys: Any
) -> None:
    from minan.kernel.commands import seal as command

    def run(what: str, *files: str, replace: bool = False) -> int:
        return command.run(SimpleNamespace(what=what, files=list(files), replace=replace))  # type: ignore[arg-type]

    first = seals.here().fingerprint
    assert run("renew") == 0
    assert seals.here().fingerprint != first
    assert run("status") == 0
    assert "of our own making" in capsys.readouterr().out
    own, mine, _root, above = authority
    assert tool(room, "install", *written(tmp_path, own, mine, above)).returncode == 0
    with pytest.raises(SystemExit, match="it stays"):
        run("renew")
    with pytest.raises(SystemExit, match="a certificate of an authority"):
        run("install")
    assert "of our own making" not in (run("status"), capsys.readouterr().out)[1]


@pytest.mark.parametrize(("lang", "told"), [("zh-hans", "这是自制证书"), ("en", "This certificate is self-made")])
def test_whoever_holds_a_paper_reads_how_to_check_it(room: pathlib.Path, client: Any, lang: str, told: str) -> None:
    page = client.get("/seal/", headers={"Accept-Language": lang}).content.decode()
    assert told in page
    assert seals.here().fingerprint.upper()[:4] in page
    pem = client.get("/seal/chain.pem").content
    assert [one.public_bytes(serialization.Encoding.DER) for one in x509.load_pem_x509_certificates(pem)] == list(
        seals.here().chain
    )
    assert b"PRIVATE" not in pem


def test_every_block_of_a_paper_takes_what_people_write_as_words(tmp_path: pathlib.Path) -> None:
    import pypdfium2

    hostile = '#import "x" *粗* $1$ \\#v(9cm) <a> @b `c` // d\x00\x07 = e'
    one = book.Part(hostile, [
        book.facts([(hostile, hostile)]), book.head(hostile), book.note(hostile), book.words(hostile),
        book.table([hostile], [[hostile]], [1]),
        book.signs([book.signature(hostile, hostile, hostile)]), book.seal(hostile, hostile), book.right(hostile),
    ], hostile)  # fmt: skip
    made = book.pdf(book.Book(hostile, [one], date(2026, 11, 16), foot=hostile))
    assert made
    said = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(io.BytesIO(made)))
    assert said.count("#import") >= 12
    assert said.count("*粗*") >= 10


def stamps(authority: Any) -> Any:
    """A time-stamping authority in this process, in place of the one way out."""
    from asn1crypto import keys as asn1keys
    from asn1crypto import tsp
    from asn1crypto import x509 as asn1x509
    from pyhanko.sign.timestamps import DummyTimeStamper
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    own, mine, _root, _above = authority
    der = serialization.Encoding.DER
    key = asn1keys.PrivateKeyInfo.load(
        own.private_bytes(der, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    clock = DummyTimeStamper(asn1x509.Certificate.load(mine.public_bytes(der)), key, SimpleCertificateStore())

    def post(url: str, headers: Any, body: bytes = b"", seconds: float = 5.0) -> outward.Answer:
        assert url == "https://tsa.example/"
        return outward.Answer(200, clock.request_tsa_response(tsp.TimeStampReq.load(body)).dump())

    return post


def test_a_time_stamp_where_an_authority_is_named_and_the_paper_all_the_same_where_it_is_silent(
    room: pathlib.Path, paper: bytes, settings: Any, authority: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_: Any, **__: Any) -> None:
        raise outward.Unreached("ConnectionRefusedError")

    event = secrets.token_hex(32)
    settings.TSA = "https://tsa.example/"
    monkeypatch.setattr(outward, "post", stamps(authority))
    assert pdf_reader.checked(seals.signed(paper, CASE, event, name="调委会", reason="协议书")).stamped
    monkeypatch.setattr(outward, "post", silent)
    found = pdf_reader.checked(seals.signed(paper, CASE, event, name="调委会", reason="协议书"))
    assert (found.whole, found.stamped) == (True, False)


def test_the_doctor_says_that_nobody_outside_trusts_it(
    room: pathlib.Path, tmp_path: pathlib.Path, authority: Any
) -> None:
    now = datetime.now(UTC)
    assert list(vault_checks.seal(now)) == [], "nothing was ever sealed"
    vault.status()
    assert list(vault_checks.seal(now)) == []
    assert seals.installed() is None, "asking makes none"
    seals.here()
    assert [finding.fault for finding in vault_checks.seal(now)] == [False]
    own, mine, _root, above = authority
    assert tool(room, "install", *written(tmp_path, own, mine, above)).returncode == 0
    assert list(vault_checks.seal(now)) == []
    assert [finding.fault for finding in vault_checks.seal(now + timedelta(days=280))] == [False]
    assert [finding.fault for finding in vault_checks.seal(now + timedelta(days=301))] == [True]
