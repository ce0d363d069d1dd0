"""The pass a door checks by itself: its bytes, its signature, what a phone adds to it, and why one is refused (docs/door-protocol.md).

A pass names where it leads, never a person: a door opens when that lies behind it. What a door closes and where a pass leads are
written alike: a place code, then what is inside, such as 131002001003/c1/3/2 (compound c1, building 3, unit 2). Pure: no Django.
"""

from __future__ import annotations

import base64
import hashlib
import re
import struct
from collections.abc import Container, Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

KINDS = {"household": 1, "visitor": 2, "help": 3}
NAMES = {number: name for name, number in KINDS.items()}
VERSION, ONCE, KEYED, KIND = 1, 0x80, 0x40, 0x3F
HEAD = struct.Struct(
    ">BB4s8sIIB"
)  # version, kind with its two marks, key id, pass id, begins, ends, length of the area
POINT, SIGNED, AREA_MOST = 33, 64, 40  # a compressed point of P-256; Ed25519, and r ‖ s of P-256
SKEW = 60  # seconds between the clocks of a door and of who issued
SHOWN_OLD, SHOWN_AHEAD = 60, 30  # seconds a code on a screen is good for, and a phone's clock may be ahead
LONGEST = 24 * 3600  # seconds a pass lasts
UNKEYED = 120  # seconds a household's pass lasts that no phone's key stands behind: a photograph of it dies as fast
BEGIN, PASS, SHOW = "M1.", b"minan-pass-1\n", b"minan-show-1\n"
AREA = re.compile(r"[0-9]{12}(/[0-9a-z-]{1,8}){0,3}", re.ASCII)
TEXT_MOST = 400
WHY = ("forged", "not_yet", "expired", "revoked", "other_door", "stale", "replayed")


@dataclass(frozen=True, slots=True)
class Pass:
    """What stands in a pass. `key`: of a household's the phone's own key, of a visitor's the one the household's line is sealed to."""

    kind: str
    once: bool
    signer: bytes  # 4 bytes
    id: bytes  # 8 bytes
    begins: int  # seconds since 1970
    ends: int
    area: str
    key: bytes = b""
    seal: bytes = b""  # what a phone asks the line to be sealed to
    shown: bytes = b""  # the phone's own signature: the same one twice is a copy

    @property
    def hex(self) -> str:
        return self.id.hex()


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a door stays shut, one word of WHY."""

    why: str


def key_id(public: bytes) -> bytes:
    """Four bytes by which a pass names the key it was signed with."""
    return hashlib.sha256(public).digest()[:4]


def text_of(data: bytes) -> str:
    return BEGIN + base64.urlsafe_b64encode(data).decode().rstrip("=")


def data_of(text: str) -> bytes | None:
    """The bytes of a text in its one form; None where it is none."""
    if not text.startswith(BEGIN) or len(text) > TEXT_MOST or not text.isascii():
        return None
    body = text[len(BEGIN) :]
    try:
        data = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return None
    return data if text_of(data) == text else None


def sign(
    signer: Ed25519PrivateKey, *, kind: str, pass_id: bytes, begins: int, ends: int, area: str, once: bool = False, key: bytes = b"",
) -> str:  # fmt: skip
    """A pass as text, at most 230 characters. Raises ValueError for what no door would take."""
    if kind not in KINDS or not AREA.fullmatch(area) or len(area) > AREA_MOST or len(pass_id) != 8:
        raise ValueError("no such kind, area or id of a pass")
    if not begins < ends <= begins + LONGEST:
        raise ValueError("a pass lasts at most 24 hours")
    if key and len(key) != POINT:
        raise ValueError("a key is a compressed point of P-256")
    mark = KINDS[kind] | (ONCE if once else 0) | (KEYED if key else 0)
    named = key_id(signer.public_key().public_bytes_raw())
    said = HEAD.pack(VERSION, mark, named, pass_id, begins, ends, len(area)) + area.encode() + key
    return text_of(said + signer.sign(PASS + said))


def read(data: bytes) -> tuple[Pass, int] | None:
    """(what the bytes say, unproved, and where the pass ends in them); None where they are no pass."""
    if len(data) < HEAD.size:
        return None
    version, mark, signer, pass_id, begins, ends, size = HEAD.unpack_from(data)
    end = HEAD.size + size
    area, key = data[HEAD.size : end], data[end : end + POINT] if mark & KEYED else b""
    end += len(key)
    if version != VERSION or mark & KIND not in NAMES or size > AREA_MOST or len(data) < end + SIGNED:
        return None
    if (mark & KEYED and len(key) != POINT) or not AREA.fullmatch(area.decode("ascii", "replace")):
        return None
    return Pass(NAMES[mark & KIND], bool(mark & ONCE), signer, pass_id, begins, ends, area.decode(), key), end + SIGNED


def on_the_way(door: str, area: str, kind: str = "") -> bool:
    """Whether a door that closes `door` stands on the way to `area`; for help also inside of it."""

    def inside(one: str, other: str) -> bool:
        return one == other or one.startswith(other + "/")

    return inside(area, door) or (kind == "help" and inside(door, area))


def _proved(data: bytes, end: int, keys: Mapping[bytes, bytes], signer: bytes) -> bool:
    public = keys.get(signer)
    if public is None:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(data[end - SIGNED : end], PASS + data[: end - SIGNED])
    except (InvalidSignature, ValueError):
        return False
    return True


def _shown(data: bytes, end: int, found: Pass, at: float) -> Pass | Refused:
    """What a phone put behind its pass: time, the key for the line (or none), and its signature over both and the pass."""
    if len(data) < end + 5 + SIGNED:
        return Refused("forged")
    moment, sealed = struct.unpack_from(">IB", data, end)
    rest = end + 5 + (POINT if sealed else 0)
    if sealed not in (0, 1) or len(data) != rest + SIGNED:
        return Refused("forged")
    mark = data[rest:]
    signature = encode_dss_signature(int.from_bytes(mark[:32]), int.from_bytes(mark[32:]))
    try:
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), found.key)
        public.verify(signature, SHOW + data[:rest], ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return Refused("forged")
    if not -SHOWN_OLD <= moment - at <= SHOWN_AHEAD:
        return Refused("stale")
    seal = data[end + 5 : rest]
    return Pass(
        found.kind, found.once, found.signer, found.id, found.begins, found.ends, found.area, found.key, seal, mark
    )


def _whole(found: Pass) -> bool:
    """Whether it lasts no longer than its sort may, whoever signed it."""
    least = UNKEYED if found.kind == "household" and not found.key else LONGEST
    return found.begins < found.ends <= found.begins + least


def verify(
    text: str, keys: Mapping[bytes, bytes], at: float, area: str, revoked: Container[bytes] = (), used: Container[bytes] = (),
) -> Pass | Refused:  # fmt: skip
    """What a door that closes `area` says at the moment `at` (seconds since 1970) to what is shown.

    `keys`: key id → Ed25519 public key; `revoked`: pass ids; `used`: ids of passes for once that were used, and the signatures of
    phones seen within the last minutes. A household's pass with a key must come with its phone's signature.
    """
    data = data_of(text)
    parsed = read(data) if data is not None else None
    if data is None or parsed is None:
        return Refused("forged")
    found, end = parsed
    if not _proved(data, end, keys, found.signer) or not _whole(found):
        return Refused("forged")
    if not on_the_way(area, found.area, found.kind):
        return Refused("other_door")
    if at < found.begins - SKEW:
        return Refused("not_yet")
    if at > found.ends + SKEW:
        return Refused("expired")
    if found.id in revoked:
        return Refused("revoked")
    if found.kind == "household" and found.key:
        shown = _shown(data, end, found, at)
        return Refused("replayed") if isinstance(shown, Pass) and shown.shown in used else shown
    if len(data) != end:
        return Refused("forged")
    return Refused("replayed") if found.once and found.id in used else found
