"""Issues and takes back the passes that doors check by themselves (lib/passes.py): signing keys, their turn, the list of what is void.

The keys lie in KEYS/passes, never in DATA or a backup; who issues needs no database, so the help lane can while it is away.
Nothing is kept of what was issued. A new key is published a day before it signs, an old one is trusted until the last pass it
signed has ended; `rotate(at_once=True)`, after a theft, ends the old keys and with them every pass at once; phones fetch new ones.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from minan.kernel.models import Revoked
from minan.lib import passes
from minan.lib.folders import write_once
from minan.lib.passes import Pass, Refused

FOLDER, SECRET = "passes", "secret"
ANNOUNCED = timedelta(hours=24)  # a new key is known to doors before it signs
AHEAD = timedelta(days=7)  # a visitor's pass is made at most so long before its day
TRUSTED = AHEAD + timedelta(days=1, hours=1)  # after another signs
KEEP_LONGEST = int((AHEAD + timedelta(days=1, hours=1)).total_seconds())
LIST = b"minan-list-1\n"
_read: dict[Path, tuple[int, list[Any]]] = {}


@dataclass(frozen=True, slots=True)
class Signing:
    """One signing key; `since`: when it begins to sign (seconds since 1970)."""

    seed: bytes
    since: int

    @property
    def private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes_raw()


def _folder() -> Path:
    place = Path(settings.KEYS) / FOLDER
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def _add(since: int) -> None:
    write_once(_folder() / f"{since:010}-{secrets.token_hex(4)}.key", secrets.token_hex(32))


def _keys() -> list[Signing]:
    """All keys, oldest first; the first is made at the first need. Read again when the folder changed."""
    place = _folder()
    stamp = place.stat().st_mtime_ns
    held = _read.get(place)
    if held is not None and held[0] == stamp:
        return held[1]
    names = sorted(place.glob("*.key"))
    if not names:
        _add(0)
        return _keys()
    found = [Signing(bytes.fromhex(p.read_text("ascii")), int(p.name[:10])) for p in names]
    _read[place] = (stamp, found)
    return found


def _current(at: float) -> Signing:
    found = _keys()
    return next((key for key in reversed(found) if key.since <= at), found[0])


def trusted(at: datetime | None = None) -> dict[bytes, bytes]:
    """Key id → public key: the one that signs, those to come, and those whose passes may still be good."""
    now, found = (at or timezone.now()).timestamp(), _keys()
    good = [
        key for key, after in zip(found, [*found[1:], None], strict=True)
        if after is None or after.since + TRUSTED.total_seconds() > now
    ]  # fmt: skip
    return {passes.key_id(key.public): key.public for key in good}


def root() -> bytes:
    """The public key that signs today: what a new door is given with its credential."""
    return _current(timezone.now().timestamp()).public


def rotate(*, at_once: bool = False, now: datetime | None = None) -> None:
    """A new key: it signs after a day, when every door knows it. `at_once`: the old ones are stolen and end here and now."""
    moment = now or timezone.now()
    if at_once:
        for path in _folder().glob("*.key"):
            path.rename(path.with_suffix(".old"))
    for path in _folder().glob("*.old"):
        if moment.timestamp() - path.stat().st_ctime > TRUSTED.total_seconds():
            path.unlink()
    _add(int((moment if at_once else moment + ANNOUNCED).timestamp()))
    _read.clear()


def drawn(*parts: Any) -> bytes:
    """32 bytes that only who has KEYS can make from these parts: a number in the records that leads back to nobody without it."""
    place = _folder() / SECRET
    if not place.exists():
        write_once(place, secrets.token_hex(32))
    said = json.dumps([str(part) for part in parts]).encode()
    return hmac.new(bytes.fromhex(place.read_text("ascii")), said, hashlib.sha256).digest()


def issue(
    door_area: str, begins: datetime, ends: datetime, kind: str, once: bool = False, *, key: bytes = b"", pass_id: bytes = b"",
) -> str:  # fmt: skip
    """A pass through every door on the way to `door_area` ("131002001003/c1/3/2"), as text for a QR code.

    `kind`: household, visitor or help; at most 24 hours. `key`: 33 bytes, see Pass. `pass_id`: 8 bytes, random where none is given.
    Needs no database. Raises ValueError.
    """
    signer = _current(timezone.now().timestamp()).private
    if len(door_area) == 15 and door_area.isdigit():
        door_area = door_area[:12]  # a grid: doors lie in its community
    spent = {"begins": int(begins.timestamp()), "ends": int(ends.timestamp())}
    return passes.sign(
        signer, kind=kind, pass_id=pass_id or secrets.token_bytes(8), area=door_area, once=once, key=key, **spent
    )


def verify(
    text: str, keys: Mapping[bytes, bytes] | None = None, at: datetime | None = None, area: str = ""
) -> Pass | Refused:
    """As a door that closes `area` would say now, by our own keys and list where none are given."""
    moment = at or timezone.now()
    return passes.verify(text, trusted(moment) if keys is None else keys, moment.timestamp(), area, void(moment))


def void(now: datetime) -> frozenset[bytes]:
    """The ids on the list."""
    some = Revoked.objects.filter(ends__gt=int(now.timestamp()) - passes.SKEW)
    return frozenset(bytes.fromhex(one) for one in some.values_list("pass_id", flat=True))


def _named(which: str | bytes) -> tuple[str, int]:
    """(hex id, end) of a pass given as its text, its hex id or its eight bytes. Raises ValueError."""
    longest = int(timezone.now().timestamp()) + KEEP_LONGEST
    if isinstance(which, str) and which.startswith(passes.BEGIN):
        parsed = passes.read(passes.data_of(which) or b"")
        if parsed is None:
            raise ValueError("this is no pass")
        return parsed[0].hex, min(parsed[0].ends, longest)
    raw = which if isinstance(which, bytes) else bytes.fromhex(which)
    if len(raw) != 8:
        raise ValueError("a pass has an id of eight bytes")
    return raw.hex(), longest


def revoke(*which: str | bytes, ends: datetime | None = None) -> int:
    """Take passes back (text, hex id or bytes); doors have it within seconds. Returns how many were not on the list yet.

    An id stays on the list until its pass would have ended, or the longest that one could last. Raises ValueError.
    """
    until = int(ends.timestamp()) if ends else None
    rows = [Revoked(pass_id=name, ends=end if until is None else until) for name, end in map(_named, which)]
    with transaction.atomic():
        known = set(Revoked.objects.filter(pass_id__in=[r.pass_id for r in rows]).values_list("pass_id", flat=True))
        fresh = {r.pass_id: r for r in rows if r.pass_id not in known}
        Revoked.objects.bulk_create(fresh.values(), ignore_conflicts=True)
    return len(fresh)


def number() -> int:
    """The number of the list: grows with every pass that is taken back."""
    return int(Revoked.objects.aggregate(last=Max("number"))["last"] or 0)


def purge(now: datetime | None = None) -> int:
    """Forget what has ended, but for the newest row, which keeps the number. Returns how many."""
    over = int((now or timezone.now()).timestamp()) - passes.SKEW
    return int(Revoked.objects.filter(ends__lte=over, number__lt=number()).delete()[0])


def listed(now: datetime | None = None) -> dict[str, Any]:
    """What every door must know: {"n", "keys": [hex of a public key], "void": [hex id]}, smallest first."""
    moment = now or timezone.now()
    keys, gone = sorted(key.hex() for key in trusted(moment).values()), sorted(one.hex() for one in void(moment))
    return {"n": number(), "keys": keys, "void": gone}


def _signers(now: datetime) -> list[Ed25519PrivateKey]:
    """Every key a door may know the list by: those that are trusted, and the stolen ones, which sign nothing else any more.

    A door takes a list by a key of the list it holds: without the old one's signature a theft would shut out every door.
    """
    good, old = trusted(now), [bytes.fromhex(p.read_text("ascii")) for p in sorted(_folder().glob("*.old"))]
    mine = [key.private for key in _keys() if passes.key_id(key.public) in good]
    return [*mine, *(Ed25519PrivateKey.from_private_bytes(seed) for seed in old)]


def signed(said: Mapping[str, Any], now: datetime | None = None) -> bytes:
    """A list as a door takes it: JSON {"list": text, "sigs": {hex key id: base64}}."""
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    marks = {
        passes.key_id(one.public_key().public_bytes_raw()).hex(): base64.b64encode(
            one.sign(LIST + text.encode())
        ).decode()
        for one in _signers(now or timezone.now())
    }
    return json.dumps({"list": text, "sigs": marks}, ensure_ascii=False).encode()
