"""The exchange's word: signed events of calls. What is not signed, too old or told twice changes nothing.

`POST /hotline/cti/`, JSON of at most 4 KB: {"id", "event": ringing | answered | hangup, "call", "number", "agent"}; header
X-Minan-Time: seconds since 1970; X-Minan-Signature: hex HMAC-SHA256 over time + "." + body with the key in KEYS/hotline.key.
The agent is the name an operator signs in with. The number is sealed before anything is written and stands in no log.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F

from minan.channels.hotline.models import Call, Count, Draft, Told
from minan.kernel import directory, vault
from minan.kernel.keeper import protocol
from minan.kernel.models import User
from minan.lib import folders

KEY = "hotline.key"
WINDOW = 300  # seconds an event may be old, or ahead of our clock
MOST_BYTES, WORD_MOST = 4096, 64
EVENTS = ("ringing", "answered", "hangup")
KEPT, DRAFTS_KEPT = timedelta(hours=1), timedelta(hours=12)
LONGEST = timedelta(hours=3)  # a call whose hang-up was never told


def key() -> bytes:
    """The key shared with the exchange; made when first needed."""
    path = Path(settings.KEYS) / KEY
    if not path.exists():
        folders.write_once(path, secrets.token_hex(32))
    return bytes.fromhex(path.read_text("ascii").strip())


def signature(stamp: str, body: bytes) -> str:
    """What stands in X-Minan-Signature."""
    return hmac.new(key(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def take(body: bytes, stamp: str, signed: str, now: datetime) -> int:
    """Take one event. 200 taken or known, 401 not signed or not of this time, 422 no event, 503 the vault cannot seal now."""
    fresh = stamp.isascii() and stamp.isdigit() and len(stamp) < 12 and abs(now.timestamp() - int(stamp)) <= WINDOW
    if not fresh or not hmac.compare_digest(signature(stamp, body).encode(), signed.encode("utf-8", "replace")):
        return 401
    said = _read(body)
    if said is None:
        return 422
    try:
        with transaction.atomic():
            mark = _mark("event", said["id"])
            if Told.objects.filter(mark=mark).exists() or not _first(mark, now):
                return 200
            _happen(said, now)
            sweep(now)
    except vault.Away:
        return 503  # nothing was written: the exchange tells again
    return 200


def _first(mark: str, now: datetime) -> bool:
    Told.objects.bulk_create([Told(mark=mark, at=now)], ignore_conflicts=True)
    return Told.objects.filter(mark=mark, at=now).exists()


def _read(body: bytes) -> dict[str, str] | None:
    try:
        found = json.loads(body) if len(body) <= MOST_BYTES else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    said = {name: found.get(name, "") for name in ("id", "event", "call", "number", "agent")}
    if not all(isinstance(value, str) and len(value) <= WORD_MOST for value in said.values()):
        return None
    return said if said["id"] and said["call"] and said["event"] in EVENTS else None


def _mark(what: str, name: str) -> str:
    return hashlib.sha256(f"minan:hotline:{what}:{name}".encode()).hexdigest()


def _agent(name: str) -> int | None:
    found = User.objects.filter(username=name, is_active=True).values_list("pk", flat=True).first() if name else None
    return found if found is not None and is_operator(found) else None


def is_operator(pk: int) -> bool:
    """Whether this person sits at the hotline: an operator, or a clerk of a centre."""
    posts = directory.posts_of(pk)
    centre = {p.unit for p in posts if (o := directory.office(p.unit)) is not None and o.kind == directory.CITY_DESK}
    return any(p.role == "operator" or (p.role == "clerk" and p.unit in centre) for p in posts)


@transaction.atomic
def _happen(said: dict[str, str], now: datetime) -> None:
    call = Call.objects.select_for_update().filter(mark=_mark("call", said["call"])).first()
    if call is None:
        call = Call(mark=_mark("call", said["call"]), state="ringing", rang_at=now)
    if call.state == "over":
        return  # a late word about a call that ended brings nobody's number back
    agent = _agent(said["agent"])
    if agent is not None and call.agent != agent:  # the yes was given to one person: who takes the call over asks again
        call.agent, call.agreed, call.shown = agent, False, []
    if said["event"] == "hangup":
        end(call, now)
        return
    number = protocol.number(said["number"])
    if number and call.sealed is None:
        call.wrapped, call.sealed = vault.seal(call.id.hex, {"phone": number, "at": now.timestamp()})
    if said["event"] == "answered" and call.taken_at is None:
        call.state, call.taken_at = "taken", now
    fields = ("agent", "agreed", "shown", "wrapped", "sealed", "state", "taken_at")
    call.save(update_fields=None if call._state.adding else fields)


def end(call: Call, now: datetime) -> None:
    """The hang-up: number, yes and what was shown are gone; what stays is a count."""
    day = now.astimezone(directory.LOCAL).date()
    Count.objects.bulk_create([Count(day=day)], ignore_conflicts=True)
    lasted = int((now - call.taken_at).total_seconds()) if call.taken_at else 0
    Count.objects.filter(day=day).update(
        rang=F("rang") + 1, taken=F("taken") + (1 if call.taken_at else 0), seconds=F("seconds") + max(lasted, 0)
    )
    call.state, call.over_at = "over", now
    call.wrapped = call.sealed = None
    call.agreed, call.shown = False, []
    call.save()


def sweep(now: datetime) -> None:
    """What has had its time: calls that ended or were never ended, events, and drafts nobody came back to."""
    for lost in Call.objects.exclude(state="over").filter(rang_at__lt=now - LONGEST):
        end(lost, now)
    Call.objects.filter(state="over", over_at__lt=now - KEPT).delete()
    Told.objects.filter(at__lt=now - timedelta(seconds=2 * WINDOW + 60)).delete()
    Draft.objects.filter(at__lt=now - DRAFTS_KEPT).delete()


def event(kind: str, call: str, *, number: str = "", agent: str = "", name: str = "") -> tuple[bytes, str, str]:
    """(body, time, signature) as an exchange sends it: for the simulator, the demo's button and the tests."""
    said: dict[str, Any] = {
        "id": name or secrets.token_hex(8),
        "event": kind,
        "call": call,
        "number": number,
        "agent": agent,
    }
    body, stamp = json.dumps(said).encode(), str(int(datetime.now(UTC).timestamp()))
    return body, stamp, signature(stamp, body)


def demo_event(call: Call, kind: str, user: User, now: datetime) -> None:
    """The demo city's exchange: the call itself is known, its name is not."""
    if kind == "hangup":
        end(call, now)
    elif call.taken_at is None:
        call.agent, call.state, call.taken_at = user.pk, "taken", now
        call.save()
