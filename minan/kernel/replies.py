"""The answer to a POST with an Idempotency-Key, given once and repeated byte for byte (CONTRACTS.md "Idempotency").

The first caller claims the key by inserting a row, acts, and seals the answer into it; whoever comes meanwhile waits. A
claim that nobody answered for TAKE_OVER seconds is taken over: safe, because the door's own key makes the act one act,
and the speaker's secret follows from the key, so that even then the answer is whole.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.db import connection
from django.utils import timezone

from minan.kernel import reads, vault
from minan.kernel.models import Reply
from minan.lib.uuid7 import uuid7

KEEP_DAYS = 7
TAKE_OVER, WAIT = 30.0, 10.0  # seconds
KEY_MOST = 200
PURGE = 5_000  # rows a turn
NONCE = 12


class OtherBody(Exception):
    """The key was used for another request: 422."""


class Unanswered(Exception):
    """The first one with this key is still at work: 409, try again."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent, whole: repeated as it was. `keep` False: a failure that a retry may cure (429, 5xx)."""

    status: int
    body: bytes
    type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    keep: bool = True


@dataclass(frozen=True, slots=True)
class Turn:
    """Handed to who acts: `key` for the one door, `secret` for a speaker; the same for every try with this key."""

    key: str
    secret: str


def _derived(caller: str, key: str, use: bytes, length: int = 32) -> bytes:
    """HKDF (RFC 5869) of the Idempotency-Key; the salt needs KEYS/replies.key, so that a short key is no help to a thief of the tables."""
    salt = hmac.digest(vault.reply_key(), f"reply:{caller}".encode(), "sha256")
    return HKDF(hashes.SHA256(), length, salt, b"minan:reply:" + use).derive(key.encode())


def _turn(caller: str, key: str, body: str) -> Turn:
    """Bound to the body too: a key used again after KEEP_DAYS for something else is another act, for the same it is the same."""
    both = _derived(caller, key, b"turn:" + body.encode(), 32)
    return Turn("i:" + both[:16].hex(), vault.secret_of(both[16:]))


def mark_of(caller: str, key: str) -> str:
    return hashlib.sha256(f"{caller}\0{key}".encode()).hexdigest()


def body_of(*parts: bytes) -> str:
    """The hash by which two requests are the same request: method, path and body."""
    total = hashlib.sha256()
    for part in parts:
        total.update(len(part).to_bytes(8, "big") + part)
    return total.hexdigest()


def _seal(caller: str, key: str, answer: Answer) -> bytes:
    head = json.dumps([answer.status, answer.type, answer.headers], ensure_ascii=False).encode()
    nonce = os.urandom(NONCE)
    plain = len(head).to_bytes(4, "big") + head + answer.body
    return nonce + AESGCM(_derived(caller, key, b"seal")).encrypt(nonce, plain, mark_of(caller, key).encode())


def _unseal(caller: str, key: str, sealed: bytes) -> Answer:
    plain = AESGCM(_derived(caller, key, b"seal")).decrypt(
        sealed[:NONCE], sealed[NONCE:], mark_of(caller, key).encode()
    )
    size = int.from_bytes(plain[:4], "big")
    status, type_, headers = json.loads(plain[4 : 4 + size])
    return Answer(status, plain[4 + size :], type_, headers)


def _unflushed() -> tuple[str, str]:
    """What stands before a claim that commits by itself, and its FROM: on PostgreSQL its commit does not wait for the disk.

    Nobody was told anything of it, and the answer's own commit, which waits, brings it to the disk as well. Not so in a transaction.
    """
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        return "", ""
    return "WITH now AS (SELECT set_config('synchronous_commit', 'off', true)) ", " FROM now"


def _claim(caller: str, mark: str, body: str) -> Reply | None:
    """A fresh row, or None where somebody has one. One statement that commits by itself, without a transaction around it."""
    row = Reply(id=uuid7(), caller=caller, mark=mark, body=body, sealed=None, made_at=timezone.now())
    cast = ("::uuid", "::timestamptz") if connection.vendor == "postgresql" else ("", "")
    before, source = _unflushed()
    with connection.cursor() as cursor:
        cursor.execute(
            f"{before}INSERT INTO {connection.ops.quote_name(Reply._meta.db_table)} "
            '("id", "county", "caller", "mark", "body", "made_at") '
            f"SELECT %s{cast[0]}, %s, %s, %s, %s, %s{cast[1]}{source} WHERE true ON CONFLICT DO NOTHING",
            [reads.row_id(row.id), "", caller, mark, body, reads.moment(row.made_at)],
        )
        return row if cursor.rowcount == 1 else None


def _left_behind(row: Reply, now: datetime) -> bool:
    """Take over a claim whose owner died; True where this caller now owns it."""
    if row.sealed is not None or now - row.made_at < timedelta(seconds=TAKE_OVER):
        return False
    taken = Reply.objects.filter(id=row.id, made_at=row.made_at, sealed=None).update(made_at=now)
    row.made_at = now
    return bool(taken)


def once(caller: str, key: str, body: str, act: Callable[[Turn], Answer]) -> Answer:
    """The answer of `act`, done once for this caller and key; `body` is `body_of` the request.

    Raises OtherBody where the key was used for something else, Unanswered where the first one takes longer than WAIT.
    """
    mark = mark_of(caller, key)
    until, pause = time.monotonic() + WAIT, 0.01
    while True:
        row = _claim(caller, mark, body)
        if row is not None:
            return _answered(row, caller, key, act)
        row = Reply.objects.filter(caller=caller, mark=mark).first()
        if row is not None:
            if row.made_at < timezone.now() - timedelta(days=KEEP_DAYS):
                Reply.objects.filter(id=row.id, made_at=row.made_at).delete()
                continue
            if row.body != body:
                raise OtherBody
            if row.sealed is not None:
                return _repeated(row, caller, key, act)
            if _left_behind(row, timezone.now()):
                return _answered(row, caller, key, act)
        if time.monotonic() > until:
            raise Unanswered
        time.sleep(pause)
        pause = min(pause * 1.5, 0.2)


def _repeated(row: Reply, caller: str, key: str, act: Callable[[Turn], Answer]) -> Answer:
    try:
        return _unseal(caller, key, bytes(row.sealed or b""))
    except InvalidTag:  # the key was replaced since: act again, the door's key keeps it one act
        Reply.objects.filter(id=row.id).update(sealed=None)
        return _answered(row, caller, key, act)


def _keep(row: Reply, sealed: bytes) -> bool:
    """Put the answer into this caller's claim; False where somebody else had taken it over."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {connection.ops.quote_name(Reply._meta.db_table)} "  # noqa: S608 our own table's name
            'SET "sealed" = %s WHERE "id" = %s AND "sealed" IS NULL',
            [sealed, reads.row_id(row.id)],
        )
        return bool(cursor.rowcount)


def _answered(row: Reply, caller: str, key: str, act: Callable[[Turn], Answer]) -> Answer:
    mine = Reply.objects.filter(id=row.id, sealed=None)
    try:
        answer = act(_turn(caller, key, row.body))
    except BaseException:
        mine.delete()
        raise
    if not answer.keep:
        mine.delete()
    elif not _keep(row, _seal(caller, key, answer)):  # slower than TAKE_OVER: what the other one said stands
        told = Reply.objects.filter(id=row.id).first()
        return _unseal(caller, key, bytes(told.sealed)) if told is not None and told.sealed is not None else answer
    return answer


def take_over() -> int:
    """At the start of the only process (SQLite): whoever was answering then is dead, and nobody need wait for them."""
    return Reply.objects.filter(sealed=None).delete()[0]


def purge(now: datetime | None = None) -> int:
    """Forget answers older than KEEP_DAYS; the worker calls it. Returns how many."""
    old = (now or timezone.now()) - timedelta(days=KEEP_DAYS)
    ids = list(Reply.objects.filter(made_at__lt=old).values_list("id", flat=True)[:PURGE])
    return Reply.objects.filter(id__in=ids).delete()[0]


__all__ = ["Answer", "OtherBody", "Turn", "Unanswered", "body_of", "mark_of", "once", "purge", "take_over"]
