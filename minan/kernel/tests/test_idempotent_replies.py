"""One key, one act, one answer: repeated byte for byte, fifty times at once, after a crash, and unreadable at rest."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from minan.kernel import replies, vault
from minan.kernel.models import Reply
from minan.kernel.replies import Answer, Turn

pytestmark = [pytest.mark.bar("R6")]
BODY = replies.body_of(b"POST", b"/x", b"{}")
SECRET = b'{"secret":"abcdefghijklmnopqrstuvwxyz"}'
TOLD = Answer(201, SECRET, headers={"Location": "/x"})


def counted(answer: Answer = TOLD) -> tuple[list[Turn], Callable[[Turn], Answer]]:
    """What was done, and a doing that notes itself."""
    done: list[Turn] = []

    def act(turn: Turn) -> Answer:
        done.append(turn)
        return answer

    return done, act


@pytest.mark.django_db
def test_r6_the_same_key_and_body_gives_the_same_bytes_and_acts_once() -> None:
    done, act = counted()
    first, second = replies.once("user:1", "key", BODY, act), replies.once("user:1", "key", BODY, act)
    assert (first.status, first.body, first.type, first.headers) == (
        second.status,
        second.body,
        second.type,
        second.headers,
    )
    assert len(done) == 1


@pytest.mark.django_db
def test_r6_another_body_is_refused_and_another_caller_has_keys_of_their_own() -> None:
    done, act = counted()
    replies.once("user:1", "key", BODY, act)
    with pytest.raises(replies.OtherBody):
        replies.once("user:1", "key", replies.body_of(b"POST", b"/x", b"{1}"), act)
    replies.once("user:2", "key", BODY, act)
    assert len(done) == 2
    assert done[0].key != done[1].key
    assert done[0].secret != done[1].secret


@pytest.mark.django_db
def test_r6_what_is_kept_cannot_be_read_without_the_key() -> None:
    _, act = counted()
    replies.once("user:1", "a-key-of-the-resident", BODY, act)
    row = Reply.objects.get()
    assert row.sealed is not None
    kept = repr([getattr(row, f.attname) for f in Reply._meta.concrete_fields]) + bytes(row.sealed).decode("latin-1")
    assert "abcdefghijklmnopqrstuvwxyz" not in kept
    assert "a-key-of-the-resident" not in kept


@pytest.mark.django_db
def test_r6_a_failure_that_may_pass_is_not_kept() -> None:
    for answer in (Answer(503, b"busy", keep=False), Answer(429, b"slow", keep=False)):
        done, act = counted(answer)
        replies.once("user:1", "key", BODY, act)
        replies.once("user:1", "key", BODY, act)
        assert len(done) == 2

    def broken(turn: Turn) -> Answer:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        replies.once("user:1", "key", BODY, broken)
    assert not Reply.objects.exists()


@pytest.mark.django_db
def test_r6_a_claim_whose_owner_died_is_taken_over_with_the_same_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    done, act = counted()
    replies.once("user:1", "key", BODY, act)
    Reply.objects.update(sealed=None, made_at=timezone.now() - timedelta(seconds=replies.TAKE_OVER + 1))
    assert replies.once("user:1", "key", BODY, act).body == SECRET
    assert done[0] == done[1]


@pytest.mark.django_db
def test_r6_a_claim_still_at_work_is_waited_for_and_then_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replies, "WAIT", 0.2)
    done, act = counted()
    replies.once("user:1", "key", BODY, act)
    Reply.objects.update(sealed=None)
    begun = time.monotonic()
    with pytest.raises(replies.Unanswered):
        replies.once("user:1", "key", BODY, act)
    assert time.monotonic() - begun >= 0.2
    assert len(done) == 1


@pytest.mark.django_db
def test_r6_after_seven_days_the_answer_is_forgotten_and_the_same_request_is_still_the_same_act() -> None:
    done, act = counted()
    replies.once("user:1", "key", BODY, act)
    Reply.objects.update(made_at=timezone.now() - timedelta(days=8))
    replies.once("user:1", "key", BODY, act)
    assert len(done) == 2
    assert done[0] == done[1]  # the door gives the same case again, to the same secret
    Reply.objects.update(made_at=timezone.now() - timedelta(days=8))
    replies.once("user:1", "key", replies.body_of(b"other"), act)
    assert done[2].key != done[0].key  # another request is another act


@pytest.mark.django_db
def test_r6_the_worker_forgets_what_is_older_than_seven_days_and_nothing_else() -> None:
    _, act = counted()
    for key in ("old", "new"):
        replies.once("user:1", key, BODY, act)
    Reply.objects.filter(mark=replies.mark_of("user:1", "old")).update(
        made_at=timezone.now() - timedelta(days=7, seconds=5)
    )
    assert replies.purge() == 1
    assert Reply.objects.get().mark == replies.mark_of("user:1", "new")


@pytest.mark.django_db
def test_r6_with_a_new_key_the_act_is_done_again_by_the_same_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    done, act = counted()
    replies.once("user:1", "key", BODY, act)
    monkeypatch.setattr(vault, "reply_key", lambda: b"\1" * 32)
    assert replies.once("user:1", "key", BODY, act).body == SECRET
    assert len(done) == 2


@pytest.mark.django_db(transaction=True)
def test_r6_fifty_at_once_act_once_and_hear_the_same() -> None:
    done: list[Turn] = []
    begin = threading.Barrier(50)

    def act(turn: Turn) -> Answer:
        done.append(turn)
        time.sleep(0.05)
        return Answer(201, f"answer {len(done)}".encode())

    def ask(n: int) -> bytes:
        try:
            begin.wait(30)
            return replies.once("user:1", "key", BODY, act).body
        finally:
            connection.close()

    with ThreadPoolExecutor(50) as pool:
        heard = list(pool.map(ask, range(50)))
    assert heard == [b"answer 1"] * 50
    assert len(done) == 1


@pytest.mark.django_db(transaction=True)
def test_only_a_claim_may_be_lost_with_the_power_and_only_outside_a_transaction() -> None:
    """An answer that somebody has heard is on the disk; a claim tells nobody anything. SQLite knows no such difference."""
    with CaptureQueriesContext(connection) as asked:
        replies.once("user:1", "alone", BODY, counted()[1])
    loose = [q["sql"] for q in asked if "synchronous_commit" in q["sql"]]
    assert len(loose) == (connection.vendor == "postgresql")
    assert not any("UPDATE" in sql for sql in loose)
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        replies.once("user:1", "within", BODY, counted()[1])
    assert not [q["sql"] for q in asked if "synchronous_commit" in q["sql"]], "the commit around it is not ours to hurry"
