"""朝阳花园 with its doors, 王秀兰's home in building 3, and what her phone does: written from docs/door-protocol.md, not from our code."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client
from django.utils import timezone

from minan.kernel.models import User
from minan.systems.doors import homes, phones, registry
from minan.systems.doors.models import Compound, Door, Home

UNIT, VILLAGE = "131022100010-point", "131022100010"
CLERK, WORKER, HEAD = "gu.point", "worker", "gu.super"  # 刘桂芬 at the desk, 李建民 on foot, 徐文斌 heads the station above


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def point(key: ec.EllipticCurvePrivateKey, form: PublicFormat = PublicFormat.CompressedPoint) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, form)


@dataclass
class Wang:
    """王秀兰's phone: its own key, the household's key, the pass it holds."""

    home: Home
    name: str
    own: ec.EllipticCurvePrivateKey
    house: ec.EllipticCurvePrivateKey
    held: str = ""

    def fetch(self, now: datetime) -> str:
        row = phones.Phone.objects.select_related("home").get(pk=self.name)
        self.held = phones.daily(row, now)[0]
        return self.held

    def shows(self, at: float, *, sealed: bool = True) -> str:
        """What stands on her screen at this moment."""
        raw = base64.urlsafe_b64decode(self.held[3:] + "=" * (-len(self.held[3:]) % 4))
        seal = point(self.house) if sealed else b""
        data = raw + struct.pack(">IB", int(at), bool(seal)) + seal
        r, s = decode_dss_signature(self.own.sign(b"minan-show-1\n" + data, ec.ECDSA(hashes.SHA256())))
        return "M1." + b64(data + r.to_bytes(32, "big") + s.to_bytes(32, "big"))

    def reads(self, bag: dict[str, Any]) -> list[tuple[str, str, int, int]]:
        """(door, day, hour, way) of the household's own lines in the bag."""
        return [
            (d["name"], day, hour, way)
            for d in bag["doors"]
            for day, hour, p, text in d["hours"]
            for way in own_lines(self.house, p, text)
        ]


def own_lines(house: ec.EllipticCurvePrivateKey, full: str, text: str) -> list[int]:
    raw, lines = bytes.fromhex(full), base64.b64decode(text)
    other = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
    salt = other.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    made = HKDF(algorithm=hashes.SHA256(), length=544, salt=salt, info=b"minan-line-1").derive(
        house.exchange(ec.ECDH(), other)
    )
    marks = {made[32 + 8 * n : 40 + 8 * n]: n for n in range(64)}
    found = []
    for line in (lines[i : i + 40] for i in range(0, len(lines), 40)):
        if line[:8] in marks:
            found.append(AESGCM(made[:32]).decrypt(bytes(11) + bytes([marks[line[:8]]]), line[8:], None)[0])
    return found


@dataclass
class Court:
    """The compound and everything in it."""

    compound: Compound
    gate: Door
    entrance: Door
    other: Door
    barrier: Door
    keys: dict[str, str] = field(default_factory=dict)

    def key(self, door: Door) -> str:
        return self.keys.setdefault(door.name, registry.credential(door))


def court() -> Court:
    compound = registry.put_up_compound(UNIT, VILLAGE, "朝阳花园", 100)
    gate = registry.put_up_door(compound, "南门", "gate", "", "", 480, True)
    entrance = registry.put_up_door(compound, "3 号楼 2 单元", "door", "3", "2", 24, True)
    other = registry.put_up_door(compound, "3 号楼 1 单元", "door", "3", "1", 24, True)
    barrier = registry.put_up_door(compound, "东门道闸", "barrier", "", "", 480, True)
    return Court(compound, gate, entrance, other, barrier)


def moves_in(place: Court, user: User, flat: str = "302", unit: str = "2") -> Wang:
    """A home is enrolled, its first member joins, their phone makes both keys."""
    now = timezone.now()
    home, code = homes.enrol(place.compound, "3", unit, flat, now)
    joined = homes.join(user, code, now)
    assert joined == home
    own, house = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    name = phones.register(home, user, point(own), now).pk
    homes.set_seal(home, point(house))
    wang = Wang(home, name, own, house)
    wang.fetch(now)
    return wang


def neighbours(place: Court, unit: str = "2") -> list[Home]:
    """Enough other homes behind the entrance that a door counts by the hour."""
    return [homes.enrol(place.compound, "3", unit, f"90{n}", timezone.now())[0] for n in range(registry.FEW)]


def forged(area: str, kind: int = 2) -> str:
    """A pass signed by somebody else."""
    stranger, now = Ed25519PrivateKey.generate(), int(timezone.now().timestamp())
    named = hashlib.sha256(stranger.public_key().public_bytes_raw()).digest()[:4]
    said = struct.pack(">BB4s8sIIB", 1, kind, named, bytes(8), now - 10, now + 600, len(area)) + area.encode()
    return "M1." + b64(said + stranger.sign(b"minan-pass-1\n" + said))


def asks(wang: Wang, at: int) -> str:
    """The body with which her phone asks for its pass of the day."""
    r, s = decode_dss_signature(
        wang.own.sign(b"minan-phone-1\n" + f"{wang.name} {at}".encode(), ec.ECDSA(hashes.SHA256()))
    )
    sig = base64.b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).decode()
    return json.dumps({"phone": wang.name, "at": at, "sig": sig})


def hours(n: float) -> timedelta:
    return timedelta(hours=n)


def browser(user: User | None = None) -> Any:
    """A browser, signed in with password and second factor where somebody is named."""
    client = Client()
    if user is not None:
        client.force_login(user)
        session = client.session
        session["second_factor"] = True
        session.save()
    return client
