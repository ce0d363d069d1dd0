"""A partner's own program: signed, once, in its own columns; whoever is not the partner learns nothing."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from minan.channels.exchange import signing, taking
from minan.channels.exchange.models import Foreign, Nonce, Sent
from minan.channels.exchange.partners import Partner
from minan.channels.exchange.tests.partner import IN_KEY, row
from minan.kernel import access, act, worker
from minan.kernel.models import Case

pytestmark = pytest.mark.django_db
MATTERS, RECEIPTS = "/exchange/hotline/", "/exchange/hotline/receipts/"
DOC = Path(__file__).resolve().parents[4] / "docs" / "exchange.md"


def call(data: Any, path: str = MATTERS, key: str = IN_KEY, **more: Any) -> Any:
    """One signed call; `headers` on top of the signature's."""
    body = data if isinstance(data, bytes) else json.dumps(data, ensure_ascii=False).encode()
    signed = more.pop("signed", None) or signing.headers(key, "POST", path, body)
    return Client().post(path, body, content_type="application/json", headers=signed | more.pop("headers", {}))


def test_a_matter_comes_in_with_our_code_and_promise_as_its_receipt(hotline: Partner) -> None:
    got = call(row(1))
    item = got.json()["items"][0]
    assert (got.status_code, item["number"], item["result"]) == (200, "LF-2026-000001", "opened")
    assert item["code"].replace("-", "") == Case.objects.get().code
    assert "secret" not in got.content.decode(), "the partner is not the speaker"
    assert call(row(1)).json()["items"][0]["result"] == "same"
    assert Case.objects.count() == 1


def test_each_of_several_has_its_own_result_and_a_single_bad_one_is_422(hotline: Partner) -> None:
    items = call({"items": [row(1), row(2, 联系电话="1"), row(1)]}).json()["items"]
    assert [item["result"] for item in items] == ["opened", "rejected", "same"]
    one = call(row(3, 办理时限="哪天都行"), headers={"Accept-Language": "en"})
    assert one.status_code == 422
    assert one.headers["Content-Type"] == "application/problem+json"
    assert (one.json()["number"], one.json()["status"]) == ("LF-2026-000003", 422)
    assert "not a deadline" in one.json()["title"]


def test_whoever_is_not_the_partner_learns_nothing_and_changes_nothing(hotline: Partner) -> None:
    body, now = json.dumps(row(1)).encode(), int(time.time())
    good = signing.headers(IN_KEY, "POST", MATTERS, body)
    forged = [
        call(row(1), key="33" * 32), call(row(1), path="/exchange/nobody/"), Client().post(MATTERS, body, content_type="application/json"),
        call(body + b" ", signed=good), call(body, path=RECEIPTS, signed=good),
        call(body, signed=signing.headers(IN_KEY, "POST", MATTERS, body, now - 301)),
        call(body, signed=signing.headers(IN_KEY, "POST", MATTERS, body, now + 330)),
        call(body, signed=good | {signing.ONCE: "short"}), call(body, signed=good | {signing.SIGNATURE: "é" * 64}),
    ]  # fmt: skip
    assert {got.status_code for got in forged} == {401}
    assert len({got.content for got in forged}) == 1, "a code nobody has is like a wrong signature"
    assert Case.objects.count() == Nonce.objects.count() == 0


def test_a_call_replayed_is_refused_and_done_once(hotline: Partner) -> None:
    body = json.dumps(row(1)).encode()
    signed = signing.headers(IN_KEY, "POST", MATTERS, body)
    assert call(body, signed=signed).status_code == 200
    assert call(body, signed=signed).status_code == 409
    assert Foreign.objects.count() == 1


def test_the_same_idempotency_key_gives_the_same_bytes(hotline: Partner) -> None:
    key = {"Idempotency-Key": "lf-12345-0001"}
    first, second = call(row(1), headers=key), call(row(1), headers=key)
    assert first.content == second.content
    assert second.json()["items"][0]["result"] == "opened"
    assert call(row(2), headers=key).status_code == 422
    assert call(row(2), headers={"Idempotency-Key": "x" * 201}).status_code == 400


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"7", b'"x"', b"[[1]]", b"{" * 9000, b"\xff\xfe", json.dumps([row(1)] * 201).encode()]
)
def test_what_is_no_list_of_matters_is_said_so(hotline: Partner, body: bytes) -> None:
    got = call(body)
    assert got.status_code in (400, 413)
    assert got.json()["title"]
    assert Case.objects.count() == 0


def test_a_body_without_end_is_not_read(hotline: Partner, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    assert call([row(n) for n in range(20)]).status_code == 413


def test_receipts_come_by_a_call_as_well(hotline: Partner) -> None:
    case = taking.case_of(taking.take(hotline, row(1), timezone.now(), "api").foreign)  # type: ignore[arg-type]
    assert act.act(case, "withdraw", by=access.SPEAKER)
    worker.fan_out(100)
    sent = Sent.objects.get()
    said = [
        {"message_id": sent.id.hex, "result": "refused", "reason": "请写清楚"},
        {"message_id": "zz", "result": "accepted"},
    ]
    got = call(said, path=RECEIPTS).json()
    assert (got["taken"], len(got["left"])) == (1, 1)
    sent.refresh_from_db()
    assert (sent.state, sent.reason) == ("refused", "请写清楚")
    assert call(said[:1], path=RECEIPTS).json()["taken"] == 1, "said twice is no error"


def test_a_partner_that_sends_otherwise_does_not_send_by_this_interface(
    hotline: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from minan.channels.exchange import known

    monkeypatch.setattr(known, "get", lambda code: replace(hotline, ways_in=("file",)))
    assert call(row(1)).status_code == 403


def test_the_worked_example_of_the_handbook_is_right() -> None:
    """docs/exchange.md: the five lines, the key and the signature a partner's programmer checks their own code against."""
    text = DOC.read_text("utf-8")
    blocks = re.findall(r"```(\w*)\n(.*?)```", text, re.DOTALL)
    key = re.search(r"in_key = \"([0-9a-f]{64})\"", text)
    signed = re.search(r"X-Minan-Signature: ([0-9a-f]{64})", text)
    at, nonce = re.search(r"X-Minan-Time: (\d+)", text), re.search(r"X-Minan-Nonce: (\S+)", text)
    assert key
    assert signed
    assert at
    assert nonce
    body = next(code for kind, code in blocks if kind == "json").strip().encode()
    assert signing.sign(key[1], "POST", "/exchange/hotline12345/", at[1], nonce[1], body) == signed[1]
    lines = next(code for kind, code in blocks if kind == "text").rstrip("\n")
    assert lines == signing.text("POST", "/exchange/hotline12345/", at[1], nonce[1], body)
    program = next(code for kind, code in blocks if kind == "python")
    room: dict[str, Any] = {}
    exec(compile(program, "exchange.md", "exec"), room)
    assert room["signature"](key[1], "POST", "/exchange/hotline12345/", at[1], nonce[1], body) == signed[1]
