"""WeChat is asked as its documents say, with a token that is kept and asked for again once; and who declined is not asked again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache

from minan.channels.wechat import outgoing as wechat
from minan.kernel import outward
from minan.kernel.outcomes import Failed, Never, Outcome, Unsure
from minan.kernel.tests.loopback import Asked, Loopback, Reply, serving

OPENID = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
WORDS = "【民安】GA3K9-00000-00001 受理。固安镇说事站 #1a2b3c4d 还有好多好多字"


class WeChat:
    def __init__(self) -> None:
        self.tokens, self.answers = 0, [Reply(200, {"errcode": 0, "errmsg": "ok"})]

    def __call__(self, asked: Asked) -> Reply:
        if asked.path == "/cgi-bin/stable_token":
            self.tokens += 1
            return Reply(200, {"access_token": f"TOKEN{self.tokens}", "expires_in": 7200})
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture(autouse=True)
def configured(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.WECHAT = "TEMPLATE"
    cache.delete(wechat.TOKEN)
    monkeypatch.setattr(wechat, "key_of", lambda name: {"appid": "wx1", "secret": "s"})
    monkeypatch.setattr(outward.post, "__defaults__", (b"", 0.4))


@pytest.fixture
def there(settings: Any) -> Iterator[tuple[Loopback, WeChat]]:
    house = WeChat()
    with serving(house) as here:
        settings.WECHAT_URL = here.url
        yield here, house


def became() -> Outcome | None:
    try:
        wechat.send("k" * 32, OPENID, WORDS)
    except Outcome as outcome:
        return outcome
    return None


pytestmark = pytest.mark.django_db


def test_a_notice_is_asked_for_in_the_documented_shape(there: tuple[Loopback, WeChat]) -> None:
    assert became() is None
    token, sent = there[0].asked
    assert token.json() == {"grant_type": "client_credential", "appid": "wx1", "secret": "s", "force_refresh": False}
    assert parse_qs(urlsplit(sent.path).query) == {"access_token": ["TOKEN1"]}
    body = sent.json()
    assert set(body) == {"touser", "template_id", "page", "miniprogram_state", "lang", "data"}
    assert (body["touser"], body["template_id"]) == (OPENID, "TEMPLATE")
    assert body["data"]["character_string1"] == {"value": "GA3K9-00000-00001"}
    assert len(body["data"]["thing2"]["value"]) <= 20
    assert set(body["data"]["time3"]) == {"value"}
    assert body["page"].startswith("pages/follow/follow?code=GA3K90000000001")


def test_the_token_is_kept_and_asked_for_again_once_where_wechat_forgot_it(there: tuple[Loopback, WeChat]) -> None:
    here, house = there
    assert became() is None
    assert became() is None
    assert house.tokens == 1
    house.answers = [Reply(200, {"errcode": 42001, "errmsg": "access_token expired"}), Reply(200, {"errcode": 0})]
    assert became() is None
    assert house.tokens == 2
    assert [a.json()["force_refresh"] for a in here.asked if "stable_token" in a.path] == [False, True]
    house.answers = [Reply(200, {"errcode": 40001})]
    got = became()
    assert isinstance(got, Failed)
    assert (got.reason, house.tokens) == ("setup", 3), "once, never in a circle"


@pytest.mark.parametrize(
    ("reply", "kind", "reason"),
    [
        (Reply(200, {"errcode": 43101, "errmsg": "user refuse to accept the msg"}), Never, "declined"),
        (Reply(200, {"errcode": 40003}), Never, "number"),
        (Reply(200, {"errcode": 47003}), Failed, "setup"),
        (Reply(200, {"errcode": 40037}), Failed, "setup"),
        (Reply(200, {"errcode": 45009}), Failed, "rate"),
        (Reply(200, {"errcode": -1}), Failed, "down"),
        (Reply(200, {"errcode": 99999}), Failed, "refused"),
        (Reply(429, b""), Failed, "rate"),
        (Reply(503, b"x"), Failed, "down"),
        (Reply(502, b"x"), Unsure, "unsure"),
        (Reply(200, b"<html>"), Unsure, "unsure"),
        (Reply(200, {"hello": 1}), Unsure, "unsure"),
        (Reply(200, {"errcode": 0}, slow=1.0), Unsure, "unsure"),
        (Reply(200, b"", deaf=True), Unsure, "unsure"),
    ],
    ids=str,
)
def test_each_answer_becomes_what_the_table_says(
    there: tuple[Loopback, WeChat], reply: Reply, kind: type[Outcome], reason: str
) -> None:
    there[1].answers = [reply]
    got = became()
    assert got is not None
    assert (type(got), got.reason) == (kind, reason)
    assert sum("send" in asked.path for asked in there[0].asked) == 1
    assert OPENID not in got.detail


def test_no_token_no_message_and_nobody_is_in_doubt(there: tuple[Loopback, WeChat]) -> None:
    there[0].say = lambda asked: Reply(200, {"errcode": 40125, "errmsg": "invalid appsecret"})
    got = became()
    assert isinstance(got, Failed)
    assert got.reason == "setup"
    assert len(there[0].asked) == 1
