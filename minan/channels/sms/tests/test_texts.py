"""王秀兰 gets a text for what she must know, once, and nothing in it tells who she is or what she said."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

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
