"""The exchange's door: signed, of this moment, each event once; the number is sealed and gone at hang-up, and in no log."""

from __future__ import annotations

import argparse
import json
import logging
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from minan.channels.hotline import cti
from minan.channels.hotline.commands import hotline as simulate
from minan.channels.hotline.models import Call, Count, Draft, Told
from minan.channels.hotline.tests.calling import NUMBER, Line
from minan.kernel import vault
from minan.kernel.models import User

pytestmark = pytest.mark.django_db


def posted(made: tuple[bytes, str, str]) -> int:
    body, stamp, signed = made
    headers = {"X-Minan-Time": stamp, "X-Minan-Signature": signed}
    return (
        Client(enforce_csrf_checks=True)
        .post("/hotline/cti/", body, content_type="application/json", headers=headers)
        .status_code
    )


def test_a_call_rings_is_taken_and_ends_and_only_a_count_stays(people: dict[str, User]) -> None:
    for kind in ("ringing", "answered", "hangup"):
        assert posted(cti.event(kind, "c1", number=NUMBER, agent="operator")) == 200
    row = Call.objects.get()
    assert (row.state, row.sealed, row.wrapped) == ("over", None, None)
    count = Count.objects.get()
    assert (count.rang, count.taken) == (1, 1)


def test_what_is_not_signed_old_or_changed_finds_nothing(people: dict[str, User]) -> None:
    body, stamp, signed = cti.event("ringing", "c1", number=NUMBER, agent="operator")
    old = str(int(stamp) - cti.WINDOW - 5)
    for made in (
        (body, stamp, "0" * 64), (body, stamp, ""), (body, stamp, "é"), (body.replace(b"139", b"138"), stamp, signed), (body, old, signed),
        (body, old, cti.signature(old, body)), (body, "nan", signed), (body, "", signed), (body, "²", signed),
    ):  # fmt: skip
        assert posted(made) == 404
    assert not Call.objects.exists()
    assert not Told.objects.exists()


UNFIT = (
    b"", b"[]", b"{", b'{"id": 1, "event": "ringing", "call": "c"}', b'{"id": "1", "event": "sing", "call": "c"}', b"[" * 2000,
    b'{"id": "1", "event": "ringing", "call": ""}', json.dumps({"id": "1", "event": "ringing", "call": "x" * 65}).encode(),
)  # fmt: skip


@pytest.mark.parametrize("body", UNFIT)
def test_a_signed_event_that_is_none_is_answered_422(people: dict[str, User], body: bytes) -> None:
    stamp = str(int(timezone.now().timestamp()))
    assert posted((body, stamp, cti.signature(stamp, body))) == 422


def test_an_event_told_fifty_times_counts_once(people: dict[str, User]) -> None:
    hang = cti.event("hangup", "c1", name="e9")
    posted(cti.event("ringing", "c1", number=NUMBER, agent="operator"))
    assert {posted(hang) for _ in range(50)} == {200}
    assert Count.objects.get().rang == 1


def test_a_late_word_about_a_call_that_ended_brings_no_number_back(people: dict[str, User]) -> None:
    ring = cti.event("ringing", "c1", number=NUMBER, agent="operator")
    posted(cti.event("hangup", "c1"))
    assert posted(ring) == 200
    assert posted(cti.event("answered", "c1", number=NUMBER, agent="operator")) == 200
    row = Call.objects.get()
    assert (row.state, row.sealed) == ("over", None)


def test_an_agent_who_does_not_sit_there_gets_no_call(people: dict[str, User]) -> None:
    posted(cti.event("answered", "c1", number=NUMBER, agent="clerk"))
    assert Call.objects.get().agent is None


def test_the_number_stands_in_no_table_and_no_log(people: dict[str, User], caplog: Any, line: Line) -> None:
    with caplog.at_level(logging.DEBUG):
        line.rings().is_taken()
        posted(cti.event("ringing", "bad", number=NUMBER)[:2] + ("0" * 64,))
    assert NUMBER not in caplog.text
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM hotline_call")
        rows = repr([[bytes(c) if isinstance(c, memoryview) else c for c in row] for row in cursor.fetchall()])
    assert NUMBER not in rows


def test_a_hang_up_that_was_never_told_ends_by_itself(people: dict[str, User], line: Line) -> None:
    call = line.rings().is_taken()
    later = timezone.now() + cti.LONGEST + timedelta(minutes=1)
    Draft.objects.create(user_id=1, key="k", wrapped=b"x", sealed=b"x", began_at=timezone.now(), at=timezone.now())
    cti.sweep(later)
    assert Call.objects.get(id=call.id).sealed is None
    cti.sweep(later + cti.DRAFTS_KEPT)
    assert not Call.objects.exists()
    assert not Draft.objects.exists()
    assert not Told.objects.exists()


def test_while_the_vault_cannot_seal_the_exchange_is_asked_to_tell_again(
    people: dict[str, User], monkeypatch: Any
) -> None:
    def away(*_: Any) -> Any:
        raise vault.Away

    made = cti.event("ringing", "c1", number=NUMBER, agent="operator")
    with monkeypatch.context() as patch:
        patch.setattr(vault, "seal", away)
        assert posted(made) == 503
    assert not Call.objects.exists()
    assert posted(made) == 200, "the same event is taken when it comes again"
    assert Call.objects.get().sealed is not None


def test_the_simulator_rings_an_operator_and_nobody_else(people: dict[str, User], capsys: Any) -> None:
    parser = argparse.ArgumentParser()
    simulate.add_arguments(parser)
    assert simulate.run(parser.parse_args(["operator", "--ring", "0", "--talk", "0"])) == 0
    out = capsys.readouterr().out
    assert out.count(": 200") == 3
    assert "1380000" not in out
    with pytest.raises(SystemExit, match="does not sit"):
        simulate.run(parser.parse_args(["clerk"]))


def test_the_demos_button_is_nowhere_but_in_the_demo(people: dict[str, User], operator: Client, settings: Any) -> None:
    assert operator.post("/hotline/demo/", {"do": "ring"}).status_code == 404
    settings.DEMO = True
    for do, state in (("ring", "ringing"), ("answer", "taken"), ("hangup", "over")):
        assert operator.post("/hotline/demo/", {"do": do}).status_code == 302
        assert Call.objects.get().state == state
