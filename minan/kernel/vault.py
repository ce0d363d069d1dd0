"""What is known of a speaker, sealed with a key per case that only the keeper's process opens (minan/kernel/keeper).

Sealing needs nothing but the keeper's public key: it costs no round trip, works while the keeper is away, and whoever holds
the web process cannot open what it sealed. Everything else is asked of the keeper, who counts it and keeps a log. Losing
the keeper's keys, or deleting one case's wrapped key, makes the sealed text unreadable everywhere, backups included.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from minan.kernel.keeper import client, envelope, protocol
from minan.lib import codes, folders

LATER = "later"  # an owner's mark that the keeper has still to make
SECRET_LETTERS = 26
_READ_AS = str.maketrans("OIL", "011")
_GAPS = dict.fromkeys(map(ord, " \t\r\n\u3000\u00a0-_./·‐‑–—－"))
_replies: dict[Path, bytes] = {}
_public: dict[Path, tuple[tuple[int, int], bytes]] = {}
Bytes = bytes | memoryview


class Sealed(Exception):
    """The sealed text cannot be opened with the keys at hand. No word of this or its kinds ever holds what was in it."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


class Away(Sealed):
    """The vault's keeper does not answer; nothing is lost, try again in a moment."""


class Lost(Away):
    """The vault's keeper has a public key and no private ones: restore them from a sealed copy."""


class Held(Sealed):
    """The keeper has it and does not give it: `code` says why (keeper/limits.toml)."""

    def __init__(self, code: str) -> None:
        super().__init__()
        self.code = code


def folder() -> Path:
    """Where the keeper's socket and public key are: a place of its own (MINAN_KEEPER), else KEYS."""
    return Path(settings.KEEPER or settings.KEYS)


def _ask(**message: Any) -> Any:
    """The keeper's answer. One that has a place of its own is started there, not by us."""
    try:
        said = client.ask(folder(), message, spawn=not settings.KEEPER)
    except client.Gone as gone:
        raise (Lost if gone.lost else Away) from None
    if "ok" in said:
        return said["ok"]
    code = str(said.get("no"))
    if code in ("shut", "unfit"):
        raise Sealed
    if code in ("fault", "log", "op"):
        raise Away
    raise Held(code)


def public() -> bytes:
    """The key that seals (32 bytes), read again when it changed. Raises Away where no keeper ever was and none can be had."""
    place = folder()
    for last in (False, True):
        try:
            stat = (place / protocol.PUBLIC).stat()
            stamp = (stat.st_ino, stat.st_mtime_ns)
            held = _public.get(place)
            if held is None or held[0] != stamp:
                held = _public[place] = (stamp, protocol.public_of(place))
            return held[1]
        except (OSError, protocol.Unfit):
            if last:
                raise Away from None
            status()  # the keeper makes its keys when it begins
    raise Away


def seal(code: str, facts: dict[str, Any]) -> tuple[bytes, bytes]:
    """(wrapped key, sealed facts) for the case `code`. The key is forgotten here: only the keeper has it from now on."""
    key = AESGCM.generate_key(256)
    return envelope.wrap(public(), code, key), envelope.shut(key, code, facts)


def _pair(code: str, wrapped: Bytes, sealed: Bytes) -> dict[str, str]:
    return {"code": code, "wrapped": protocol.text(bytes(wrapped)), "sealed": protocol.text(bytes(sealed))}


def unseal(
    code: str,
    wrapped: Bytes,
    sealed: Bytes,
    *,
    who: str,
    why: str,
    event: str = "",
    fields: Sequence[str] | None = None,
) -> dict[str, Any]:
    """The facts of `seal`, all or `fields`. `who` is "user:12", "speaker" or "system:sms"; `why` a word of keeper/limits.toml;
    `event` the hash of the event that justifies a look by staff. Raises Sealed, Away, Held. Only speakers.known calls it.
    """
    asked = {"who": who, "why": why, "event": event, "fields": None if fields is None else list(fields)}
    facts: dict[str, Any] = _ask(op="open", **_pair(code, wrapped, sealed), **asked)
    return facts


def add(code: str, wrapped: Bytes, sealed: Bytes, facts: dict[str, Any]) -> bytes:
    """The sealed facts with more put to them; nothing is opened here. Raises Sealed, Away."""
    return protocol.data(_ask(op="add", **_pair(code, wrapped, sealed), facts=facts)["sealed"])


def trim(code: str, wrapped: Bytes, sealed: Bytes, keep: Iterable[str]) -> bytes | None:
    """The sealed facts with only these names left; None where none is. Raises Sealed, Away."""
    left = _ask(op="trim", **_pair(code, wrapped, sealed), keep=sorted(keep))["sealed"]
    return None if left is None else protocol.data(left)


def names(code: str, wrapped: Bytes, sealed: Bytes) -> list[str]:
    """What is known of a speaker, by name, without a value. Raises Sealed, Away."""
    return [str(name) for name in _ask(op="names", **_pair(code, wrapped, sealed))["names"]]


def link(code: str, wrapped: Bytes, sealed: Bytes) -> tuple[str, bytes]:
    """(owner's mark, sealed facts without the account) of a case that was opened while the keeper was away. Raises Sealed, Away."""
    said = _ask(op="link", **_pair(code, wrapped, sealed))
    return str(said["mark"]), protocol.data(said["sealed"])


def rewrap(pairs: Sequence[tuple[str, Bytes]]) -> list[bytes | None]:
    """Wrapped keys closed to today's key, at most 200 of (code, wrapped); None for one that does not open. Raises Away."""
    said = _ask(op="rewrap", pairs=[(code, protocol.text(bytes(wrapped))) for code, wrapped in pairs])["wrapped"]
    return [None if one is None else protocol.data(one) for one in said]


def case_mark(code: str) -> str:
    """How the keeper's log names this case. Raises Away."""
    return str(_ask(op="case", code=code)["mark"])


def sealing(op: str, **message: Any) -> Any:
    """What the keeper says of the city's seal ("seal") or makes with it ("sign"); for kernel/seals.py. Raises Sealed, Away, Held."""
    return _ask(op=op, **message)


def status() -> dict[str, Any]:
    """Keys, copies, the log's end, the last day's looks and alarms (keeper/answers.py). Raises Away."""
    found: dict[str, Any] = _ask(op="status")
    return found


def owner_mark(subject: str) -> str:
    """Keyed hash by which a person finds their own matters; without the keeper it names nobody. Raises Away, Held.

    The keeper makes it, not a key of the web process: with such a key and a copy of the database, everybody's matters could
    be found by their account (DOMAIN.md: the index lies inside the vault).
    """
    return str(_ask(op="mark", subject=subject)["mark"])


def dial_mark(code: str, wrapped: Bytes, sealed: Bytes) -> str:
    """Keyed hash of the number in a case's vault; "" where there is none. Raises Sealed, Away, Held."""
    return str(_ask(op="dial", **_pair(code, wrapped, sealed))["mark"])


def caller_mark(call: str, wrapped: Bytes, sealed: Bytes, *, who: str, event: str) -> str:
    """The same hash of the number that was sealed for a live call; `event`: the hash of the event that justifies it.

    There is no way to ask with a number: what is not sealed and not young is refused. Raises Sealed, Away, Held.
    """
    return str(_ask(op="caller", **_pair(call, wrapped, sealed), who=who, event=event)["mark"])


def offer(what: str, **message: Any) -> dict[str, Any]:
    """What the keeper answers about sealed offers it holds in memory (keeper/offers.py). Raises Away, Sealed."""
    found: dict[str, Any] = _ask(op="offer", what=what, **message)
    return found


def offer_put(code: str, opening: dict[str, Any], until: float) -> str:
    """Close an opening to the key of the keeper's very process and hand it over; returns its commitment. It is kept nowhere here."""
    key, public = AESGCM.generate_key(256), protocol.data(offer("key")["public"])
    pair = _pair(code, envelope.wrap(public, code, key), envelope.shut(key, code, opening))
    return str(offer("put", **pair, until=until)["commitment"])


def owner_or_later(subject: str) -> tuple[str, dict[str, str]]:
    """(owner's mark, facts to seal besides): with the keeper away the account is sealed in, and linked when the keeper is back."""
    if not subject:
        return "", {}
    try:
        return owner_mark(subject), {}
    except (Away, Held):
        return LATER, {protocol.ACCOUNT: subject}


def reply_key() -> bytes:
    """A key of the web process's own (KEYS/replies.key), for answers that must be repeatable while the keeper is away.

    It guards against who has the database or a backup alone; the answers hold a receipt, not who spoke, and live seven days.
    """
    path = Path(settings.KEYS) / "replies.key"
    held = _replies.get(path)
    if held is None:
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            folders.write_once(path, secrets.token_hex(32))
        held = _replies[path] = bytes.fromhex(path.read_text("ascii"))
    return held


def secret_of(raw: bytes) -> str:
    """A speaker's secret of 16 bytes: 128 bits as 26 letters of Crockford's base-32, none of them easily misread."""
    number = int.from_bytes(raw[:16], "big")
    return "".join(codes.ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))


def secret() -> str:
    """A new secret."""
    return secret_of(secrets.token_bytes(16))


def shown(text: str) -> str:
    """A secret as it is printed, in groups of four: 7K2M-9QXT-…"""
    return "-".join(text[i : i + 4] for i in range(0, len(text), 4)) if len(text) == SECRET_LETTERS else text


def typed(text: str) -> str:
    """A secret as somebody copied it: blanks and dashes go, small letters count as capitals, O is 0, I and L are 1."""
    return text[:120].translate(_GAPS).upper().translate(_READ_AS)


def secret_mark(text: str) -> str:
    """The hash of a secret, however it was copied: it stands in the first event and on the speaker's row."""
    return hashlib.sha256(b"minan:receipt:" + typed(text).encode()).hexdigest()


def same(a: str, b: str) -> bool:
    return hmac.compare_digest(a.encode(), b.encode())
