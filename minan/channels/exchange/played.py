"""A partner played on this machine (`minan exchange simulate`): it sends made-up matters and takes their answers as a real one would.

Everything stays on loopback: the city it calls and the address at which it is called. Only a partner whose code begins with `trial`
is played, so that nothing made up comes under a real one's numbers.
"""

from __future__ import annotations

import csv
import http.client
import io
import ipaddress
import json
import secrets
import ssl
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from minan.channels.exchange import known, places_on_disk, signing, tables
from minan.channels.exchange.partners import COUNTS, Partner
from minan.kernel import directory
from minan.kernel.directory import LOCAL

TRIAL = "trial"  # what the code of a partner that may be played begins with
HERE = ("127.0.0.1", "localhost", "::1")
READ_MOST = 1_000_000  # bytes of a call
REASON = "演练：请写明谁去办的"
Row = dict[str, str]
Send = Callable[[list[Row]], str]  # hands rows to the city; what became of them, in a word


class NotPlayed(Exception):
    """This partner cannot be played; says why."""


def playable(partner: Partner) -> None:
    """Raises NotPlayed."""
    parts = urlsplit(partner.url)
    if not partner.code.startswith(TRIAL):
        raise NotPlayed(f"only a partner whose code begins with {TRIAL} is played: copy the block under such a code")
    if not {"api", "folder"} & set(partner.ways_in):
        raise NotPlayed('it sends by neither "api" nor "folder"')
    if partner.way_out == "call" and (parts.hostname not in HERE or not parts.port):
        raise NotPlayed("its call.url must lie on this machine, with a port: https://127.0.0.1:8443/answers")
    if not {"message_id", "number"} <= {value for _, value in partner.answer}:
        raise NotPlayed("its answers carry no message_id or no number")
    if partner.way_out == "file" and partner.format == "xml":
        raise NotPlayed('answers as xml are not played; set format = "csv"')


def certificate(folder: Path) -> tuple[Path, Path]:
    """(certificate, key) of its own for 127.0.0.1, good for nine days."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "played partner")])
    here = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=9))
        .add_extension(x509.SubjectAlternativeName(here), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    cert, secret = folder / "cert.pem", folder / "key.pem"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    kind, bare = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, kind, bare))
    return cert, secret


def home_of(partner: Partner) -> str:
    """Where the made-up matters lie: at the partner's own county, else in the first township."""
    if directory.level_of(partner.place) != "city":
        return partner.place
    return next((code for code, spot in directory.city().places.items() if spot.level == "town"), partner.place)


@dataclass(slots=True)
class Line:
    """One number of the play, as the table shows it."""

    number: str
    sent: list[str] = field(default_factory=list)  # what was sent, and what the city said
    answers: list[str] = field(default_factory=list)  # what came back, and what the partner said to it
    accepted: bool = False
    cancelled: bool = False


class Played:
    """What the partner knows: its numbers, and each message of ours once; the first answer that comes is refused."""

    def __init__(self, partner: Partner, matters: int, place: str = "") -> None:
        self.partner, self.lock, self.place = partner, threading.Lock(), place or home_of(partner)
        self.run = secrets.token_hex(3).upper()
        self.lines = {n: Line(n) for n in (f"DRILL-{self.run}-{i:03d}" for i in range(1, matters + 1))}
        self.said: dict[str, Row] = {}  # message id → what was said to it
        self.column = {value: column for column, value in partner.answer}
        self.files = set[str]()

    # ---- what it sends

    def row(self, number: str, text: str, status: str = "") -> Row:
        """A row in the partner's own columns."""
        due = datetime.now(LOCAL) + timedelta(days=5)
        said = {
            "number": number, "title": "［演练］路灯不亮", "text": text, "kind": next(iter(self.partner.kinds), ""), "place": self.place,
            "deadline": f"{due:%Y-%m-%d 17:30}" if self.partner.count in COUNTS else "", "status": status,
        }  # fmt: skip
        return {column: said.get(ours, "") for ours, column in self.partner.fields.items()}

    def speak(self, send: Send) -> None:
        """Every number once, a reminder of the first, and the last one cancelled where the partner has a word for that."""
        for number, line in self.lines.items():
            line.sent.append(f"new: {send([self.row(number, '［演练］东门三盏路灯不亮。')])}")
        first, last = next(iter(self.lines.values())), list(self.lines.values())[-1]
        first.sent.append(f"reminder: {send([self.row(first.number, '［演练］东门三盏路灯不亮。催一下，还是不亮。')])}")
        if self.partner.cancelled and "status" in self.partner.fields and last is not first:
            row = self.row(last.number, "［演练］东门三盏路灯不亮。", self.partner.cancelled[0])
            last.sent.append(f"cancelled: {send([row])}")
            last.cancelled = True

    # ---- what it is told

    def told(self, row: Row) -> Row | None:
        """What the partner says to one answer; the same id again gets the same word. None: it is about no number of this play."""
        message, number = row.get(self.column["message_id"], ""), row.get(self.column["number"], "")
        line = self.lines.get(number)
        if line is None:
            return None
        with self.lock:
            if message not in self.said:
                refuse = not self.said
                result = "refused" if refuse else "accepted"
                self.said[message] = {"message_id": message, "result": result} | ({"reason": REASON} if refuse else {})
                words = row.get(self.column.get("words", ""), "") or row.get(self.column.get("result", ""), "")
                line.answers.append(f"{words[:24]}: {result}")
                line.accepted = line.accepted or not refuse
            return self.said[message]

    def look(self) -> None:
        """The answers that lie in the out folder, and a receipt for each in the acks folder."""
        for manifest in sorted(places_on_disk.folder(self.partner.code, "out").glob("*.manifest.json")):
            if manifest.name in self.files:
                continue
            self.files.add(manifest.name)
            file = manifest.with_name(json.loads(manifest.read_bytes())["file"])
            said = [told for row in tables.rows_of(file.read_bytes(), file.name) if (told := self.told(row)) is not None]
            words = {"accepted": self.partner.accepted[0], "refused": self.partner.refused[0]}
            acks = [{
                self.partner.acks["message_id"]: one["message_id"], self.partner.acks["result"]: words[one["result"]],
                self.partner.acks["reason"]: one.get("reason", ""),
            } for one in said]  # fmt: skip
            if acks:
                to = places_on_disk.folder(self.partner.code, "acks") / f"{manifest.name.removesuffix('.manifest.json')}.csv"
                places_on_disk.put(to, as_csv(acks))

    def done(self) -> bool:
        return all(line.accepted or line.cancelled for line in self.lines.values())

    def table(self) -> str:
        """What happened to each number, for the terminal."""
        heard = {True: "accepted", False: "—"}
        rows = [
            (line.number, "; ".join(line.sent), "; ".join(line.answers) or "—", heard[line.accepted]) for line in self.lines.values()
        ]
        return "\n".join(" | ".join(row) for row in [("number", "sent", "answers", "in the end"), *rows])


def as_csv(rows: Sequence[Row]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("utf-8-sig")


# ---- on the wire


def by_call(partner: Partner, city: str) -> Send:
    """Signed calls to a city on this machine. Raises NotPlayed where the address is another's."""
    parts, path = urlsplit(city), f"/exchange/{partner.code}/"
    if parts.scheme != "http" or parts.hostname not in HERE:
        raise NotPlayed("the city must run on this machine: http://127.0.0.1:PORT")
    key = known.keys(partner.code).get("in_key", "")
    if not key:
        raise NotPlayed(f"it has no keys: run minan exchange key {partner.code}")
    host, port = str(parts.hostname), parts.port or 80

    def send(rows: list[Row]) -> str:
        body = json.dumps({"items": rows}, ensure_ascii=False).encode()
        link = http.client.HTTPConnection(host, port, timeout=20)
        try:
            link.request("POST", path, body, {"Content-Type": "application/json"} | signing.headers(key, "POST", path, body))
            answer = link.getresponse()
            return heard(answer.status, answer.read(READ_MOST))
        except OSError as error:
            return type(error).__name__
        finally:
            link.close()

    return send


def heard(status: int, data: bytes) -> str:
    """The city's answer to a call of one row, in a word."""
    try:
        said = json.loads(data)
        return str(said["items"][0]["result"])
    except (ValueError, LookupError, TypeError):
        return f"HTTP {status}"


def by_folder(partner: Partner) -> Send:
    """A file a time in the in folder; what became of it the city says on its page."""

    def send(rows: list[Row]) -> str:
        places_on_disk.put(places_on_disk.folder(partner.code, "in") / f"drill-{secrets.token_hex(6)}.csv", as_csv(rows))
        return "file"

    return send


class Listening:
    """The partner's own address, as `with Listening(played):`; its certificate stands in KEYS beside its keys meanwhile."""

    def __init__(self, played: Played) -> None:
        self.played, self.pem = played, known.key_file(played.partner.code).with_suffix(".pem")
        self.key = known.keys(played.partner.code).get("out_key", "")

    def __enter__(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            cert, secret = certificate(Path(folder))
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(cert, secret)
            self.server = ThreadingHTTPServer(("127.0.0.1", urlsplit(self.played.partner.url).port or 0), _handler(self))
            self.pem.write_bytes(cert.read_bytes())
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def __exit__(self, *_raised: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.pem.unlink(missing_ok=True)


def _handler(listening: Listening) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            return

        def do_POST(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(min(size, READ_MOST))
            try:
                signing.check(listening.key, "POST", self.path, dict(self.headers.items()), body)
                told = listening.played.told({str(k): str(v) for k, v in json.loads(body).items()})
            except (signing.Unsigned, ValueError, AttributeError):
                return self.say(401, {"error": "unsigned or unread"})
            return self.say(200, told) if told is not None else self.say(404, {"error": "no such number"})

        def say(self, status: int, data: Row) -> None:
            said = json.dumps(data, ensure_ascii=False).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

    return Handler
