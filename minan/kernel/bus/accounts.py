"""Who may speak on the bus: one key a device, of which only a hash is kept, in the form that Mosquitto reads too."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db.models import Count, Max

from minan.kernel.bus.topics import AREA, DEVICE, PROGRAM, own
from minan.kernel.models import BusAccount
from minan.lib import folders

TURNS = 101  # PBKDF2 rounds: the secrets are 192 random bits, no guessing is possible, and 5,000 devices sign in at once
TURNS_MOST = 100_000  # of a hash that was made elsewhere
SNAPSHOT, PROGRAM_KEY = "bus-accounts.json", "bus"  # files in KEYS


class NoDevice(ValueError):
    """A name or a place that cannot be one on the bus."""


class Account(NamedTuple):
    area: str
    hash: str  # "$7$101$salt$hash"


def hashed(secret: str, salt: bytes | None = None, turns: int = TURNS) -> str:
    """Mosquitto's own form: $7$<rounds>$<salt>$<PBKDF2-HMAC-SHA512>, base64."""
    salt = secrets.token_bytes(12) if salt is None else salt
    key = hashlib.pbkdf2_hmac("sha512", secret.encode(), salt, turns)
    return f"$7${turns}${base64.b64encode(salt).decode()}${base64.b64encode(key).decode()}"


def fits(secret: str, kept: str) -> bool:
    """Whether this is the secret of that hash, by the rounds it says itself, compared in constant time."""
    try:
        _, _, turns, salt, _ = kept.split("$")
        return 0 < int(turns) <= TURNS_MOST and hmac.compare_digest(hashed(secret, base64.b64decode(salt), int(turns)), kept)
    except ValueError:
        return False


def enroll(device: str, area: str) -> str:
    """A key for a device in a place: the secret, which is kept nowhere. Enrolled again it gets a new one and the old ends at once.

    Raises NoDevice where the name is not 3 to 40 of a–z, 0–9 and -, or the place no code.
    """
    if not DEVICE.fullmatch(device) or not AREA.fullmatch(area):
        raise NoDevice(f"{device}@{area}")
    secret, now = secrets.token_urlsafe(24), datetime.now(UTC)
    BusAccount.objects.update_or_create(
        device=device, defaults={"area": area, "hash": hashed(secret), "changed_at": now, "ended_at": None}
    )
    return secret


def revoke(device: str) -> bool:
    """End a device's key; the broker shuts its connection within two seconds. False: it had none."""
    now = datetime.now(UTC)
    return bool(BusAccount.objects.filter(device=device, ended_at=None).update(hash="", changed_at=now, ended_at=now))


# ---- for the broker


def stamp() -> tuple[int, str]:
    """What is different after every change."""
    row = BusAccount.objects.aggregate(n=Count("device"), at=Max("changed_at"))
    return row["n"], str(row["at"])


def living() -> dict[str, Account]:
    """device → its account, of those that hold."""
    rows = BusAccount.objects.filter(ended_at=None).values_list("device", "area", "hash")
    return {device: Account(area, kept) for device, area, kept in rows}


def keep_snapshot(accounts: dict[str, Account]) -> None:
    """Beside the other keys: what a broker begins with while the database is away."""
    folders.write_whole(Path(settings.KEYS) / SNAPSHOT, json.dumps(accounts))


def snapshot() -> dict[str, Account]:
    """As kept last; empty where nothing was."""
    try:
        kept = json.loads((Path(settings.KEYS) / SNAPSHOT).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {device: Account(*one) for device, one in kept.items()}


def program_secret() -> str:
    """By which this city's own processes sign in; made once, in KEYS."""
    path = Path(settings.KEYS) / PROGRAM_KEY
    if not path.exists():
        folders.write_once(path, secrets.token_urlsafe(32))
    return path.read_text("utf-8").strip()


def mosquitto_files() -> dict[str, str]:
    """File name → text: what Mosquitto needs to let in the same devices. Written anew and re-read (SIGHUP) after every change."""
    accounts = living()
    passwords = [f"{PROGRAM}:{hashed(program_secret())}", *(f"{device}:{one.hash}" for device, one in sorted(accounts.items()))]
    rules = [f"user {PROGRAM}", "topic readwrite minan/#"]
    for device, one in sorted(accounts.items()):
        rules += ["", f"user {device}", f"topic readwrite {own(one.area, device)}#"]
    return {"passwords": "\n".join(passwords) + "\n", "acl": "\n".join(rules) + "\n"}
