"""A call that speaks a text is handed to the city's own platform, signed; without one it is written down, without the number."""

from __future__ import annotations

import hmac
import json
import pathlib
from typing import Any

import pytest

from minan.channels.voice import file, outgoing, own
from minan.kernel.outcomes import Failed, Later, Never, Outcome, Unsure
from minan.kernel.tests.loopback import Loopback, Reply, serving

pytestmark = pytest.mark.once
WORDS = json.dumps({"say": "这里是民安一键呼叫", "told": "http://127.0.0.1/help/k/x/voice/"}, ensure_ascii=False)


def test_until_a_city_connects_one_calls_are_written_down_without_number_and_link(
    settings: Any, tmp_path: pathlib.Path
) -> None:
    settings.DATA = tmp_path
    file.send("k", "13900000001", WORDS)
    text = (tmp_path / "voice.jsonl").read_text("utf-8")
    assert json.loads(text)["say"] == "这里是民安一键呼叫"
    assert "139" not in text
    assert "/help/k/" not in text


def _asked(here: Loopback) -> Any:
    return here.asked[-1]


@pytest.mark.parametrize(
    ("status", "body", "becomes"),
    [(200, b'{"ok":true}', None), (200, b'{"error":"number"}', Never), (429, b'{"error":"limit"}', Later), (503, b"", Failed),
     (403, b"<html>", Failed), (502, b"<html>", Unsure)],
)  # fmt: skip
def test_what_the_platform_answers_becomes_one_of_our_outcomes(
    settings: Any, tmp_path: pathlib.Path, status: int, body: bytes, becomes: type[Outcome] | None
) -> None:
    settings.KEYS = tmp_path
    (tmp_path / "voice-own.json").write_text('{"secret": "s"}', "utf-8")
    with serving(lambda asked: Reply(status, body)) as here:
        settings.VOICE_OWN_URL = here.url
        if becomes is None:
            own.send("key-1", "13900000001", WORDS)
            asked = _asked(here)
            said = json.loads(asked.body)
            assert said == {
                "id": "key-1",
                "to": "13900000001",
                "say": "这里是民安一键呼叫",
                "told": "http://127.0.0.1/help/k/x/voice/",
            }
            headers = {k.lower(): v for k, v in dict(asked.headers).items()}
            signed = hmac.digest(b"s", f"{headers['x-minan-at']}.".encode() + asked.body, "sha256").hex()
            assert headers["x-minan-signature"] == signed
        else:
            with pytest.raises(becomes):
                own.send("key-1", "13900000001", WORDS)


def test_without_a_key_nobody_is_asked(settings: Any, tmp_path: pathlib.Path) -> None:
    settings.KEYS, settings.VOICE_OWN_URL = tmp_path, "http://127.0.0.1:9/"
    with pytest.raises(Failed):
        own.send("k", "13900000001", WORDS)
    settings.VOICE = ["own", "nobody", "file"]
    assert [p.name for p in outgoing.providers()] == ["own", "file"]
