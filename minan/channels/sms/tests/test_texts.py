"""王秀兰 gets a text for what she must know, once, and nothing in it tells who she is or what she said."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from minan.kernel import outgoing, worker
from minan.kernel.access import SPEAKER, actor
from minan.kernel.act import Opened, act, open_case
from minan.kernel.models import Message

AT = datetime(2026, 11, 16, 1, 20, tzinfo=UTC)
NUMBER = "13812345678"


def accepted(people: dict[str, Any]) -> None:
    facts = {"text": "东门路灯不亮", "place": "131022100010", "kind": "lamp.out", "phone": NUMBER}
    opened = open_case("matter", by=SPEAKER, facts=facts, at=AT)
    assert isinstance(opened, Opened)
    assert act(opened.case, "accept", by=actor(people["clerk"]), at=AT)
    worker.settle(AT)


def test_a_text_is_sent_once_without_her_number_and_nothing_of_what_was_said(
    people: dict[str, Any], settings: Any, tmp_path: Path
) -> None:
    settings.DATA = tmp_path
    accepted(people)
    assert outgoing.send_waiting(AT) == 0
    lines = [json.loads(line) for line in (tmp_path / "sms.jsonl").read_text("utf-8").splitlines()]
    assert len(lines) == 1
    assert set(lines[0]) == {"id", "words", "at"}  # of her number not one digit
    assert "路灯" not in lines[0]["words"]
    assert "受理" in lines[0]["words"]


def test_a_gateway_that_fails_is_tried_a_few_times_and_then_named_never_in_a_circle(
    people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def broken(key: str, number: str, words: str) -> None:
        tried.append(key)
        raise OSError("the provider is away")

    monkeypatch.setattr(outgoing, "gateways", lambda: {"sms": broken})
    accepted(people)
    for hours in range(12):
        outgoing.send_waiting(AT + timedelta(hours=hours))
    assert len(tried) == outgoing.TRIES
    assert len(set(tried)) == 1
    assert Message.objects.filter(channel="sms", sent_at=None, tries=outgoing.TRIES).count() == 1


def test_the_matter_of_a_text_is_looked_up_once_and_the_citys_room_once_a_turn(
    people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(outgoing, "gateways", lambda: {"sms": lambda key, number, words: sent.append(number)})
    for digit in range(3):
        facts = {"text": "东门路灯不亮", "place": "131022100010", "kind": "lamp.out", "phone": f"1381234567{digit}"}
        opened = open_case("matter", by=SPEAKER, facts=facts, at=AT)
        assert isinstance(opened, Opened)
        assert act(opened.case, "accept", by=actor(people["clerk"]), at=AT)
    Message.objects.all().delete()
    with monkeypatch.context() as waiting:
        waiting.setattr(outgoing, "send_waiting", lambda now=None: 0)
        worker.settle(AT)
    Message.objects.filter(channel="sms").update(next_at=AT)
    assert Message.objects.filter(channel="sms").count() == 3
    with CaptureQueriesContext(connection) as asked:
        assert outgoing.send_waiting(AT) == 3
    assert len(sent) == 3
    said = [one["sql"] for one in asked]
    cases = [sql for sql in said if 'FROM "kernel_case"' in sql]
    assert len(cases) == 3, cases
    assert len([sql for sql in said if '"kernel_sparing"' in sql and "LIKE" in sql]) == 1
