"""A device is told the code and that there is news, encrypted for its browser alone; only known push services are ever called."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import http_ece
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02
from pywebpush import WebPusher

from minan.channels.push import outgoing as push
from minan.kernel import outward, ways
from minan.kernel.outcomes import Failed, Gone, Never, Outcome, Unsure
from minan.kernel.tests.loopback import Loopback, Reply, serving

WORDS = "【民安】GA3K9-00000-00001 受理。固安镇说事站 #1a2b3c4d"
REAL = "https://updates.push.services.mozilla.com/wpush/v2/gAAAAABn"


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Browser:
    """王秀兰's browser: its key pair, and what it reads of a message."""

    def __init__(self) -> None:
        self.key, self.auth = ec.generate_private_key(ec.SECP256R1()), b"0123456789abcdef"
        raw = self.key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        self.p256dh = b64(raw)

    def subscription(self, endpoint: str = REAL) -> str:
        return json.dumps({"endpoint": endpoint, "p256dh": self.p256dh, "auth": b64(self.auth)})

    def reads(self, body: bytes) -> Any:
        return json.loads(http_ece.decrypt(body, private_key=self.key, auth_secret=self.auth, version="aes128gcm"))


@pytest.fixture(autouse=True)
def configured(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PUSH = "mailto:operator@langfang.example"
    monkeypatch.setattr(outward.post, "__defaults__", (b"", 0.4))


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    """A push service on the loopback, in place of the real one's address."""
    real = outward.post
    with serving(lambda asked: Reply(201, b"")) as here:
        monkeypatch.setattr(push.outward, "post", lambda url, *rest: real(url.replace(REAL[:41], here.url), *rest))
        yield here


def became(subscription: str) -> Outcome | None:
    try:
        push.send("a" * 32, subscription, WORDS)
    except Outcome as outcome:
        return outcome
    return None


def test_her_browser_reads_the_code_and_that_there_is_news_and_nobody_on_the_way_does(service: Loopback) -> None:
    browser = Browser()
    assert became(browser.subscription()) is None
    asked = service.asked[0]
    shown = browser.reads(asked.body)
    assert shown == {"title": "民安", "body": "GA3K9-00000-00001 有新进展", "url": "/m/GA3K90000000001/"}
    assert "受理" not in json.dumps(shown, ensure_ascii=False), "not even which step"
    assert b"GA3K9" not in asked.body
    assert (asked.headers["Content-Encoding"], asked.headers["TTL"]) == ("aes128gcm", "86400")
    with pytest.raises(http_ece.ECEException):
        Browser().reads(asked.body)


def test_the_key_of_the_application_signs_for_this_service_alone_as_py_vapid_checks() -> None:
    header = push.vapid(REAL, 1_800_000_000)
    assert header.startswith("vapid t=")
    assert Vapid02.verify(header)
    token = header.split("t=")[1].split(",")[0]
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    assert claims == {
        "aud": "https://updates.push.services.mozilla.com",
        "exp": 1_800_000_000 + 43_200,
        "sub": "mailto:operator@langfang.example",
    }
    head, rest = header.rsplit("=", 1)
    assert push.public() == rest
    broken = token.split(".")
    broken[2] = ("A" if broken[2][0] != "A" else "B") + broken[2][1:]
    assert not Vapid02.verify(f"vapid t={'.'.join(broken)},k={rest}")
    assert head


def test_what_we_encrypt_and_what_pywebpush_encrypts_is_read_by_the_same_browser() -> None:
    browser = Browser()
    info = {"endpoint": REAL, "keys": {"p256dh": browser.p256dh, "auth": b64(browser.auth)}}
    theirs = WebPusher(info).encode(push.payload(WORDS), content_encoding="aes128gcm")
    ours = push.sealed(WORDS, browser.p256dh, b64(browser.auth))
    assert browser.reads(theirs["body"]) == browser.reads(ours)
    assert len(theirs["body"]) == len(ours)


@pytest.mark.parametrize(
    ("reply", "kind", "reason"),
    [
        (Reply(404, b""), Gone, "gone"), (Reply(410, b""), Gone, "gone"), (Reply(429, b""), Failed, "rate"),
        (Reply(403, b""), Failed, "setup"),
        (Reply(413, b""), Failed, "setup"), (Reply(500, b""), Failed, "down"), (Reply(302, b""), Failed, "refused"),
        (Reply(201, b"", slow=1.0), Unsure, "unsure"), (Reply(201, b"", deaf=True), Unsure, "unsure"),
    ],
    ids=str,
)  # fmt: skip
def test_each_answer_of_a_push_service(service: Loopback, reply: Reply, kind: type[Outcome], reason: str) -> None:
    service.say = lambda asked: reply
    got = became(Browser().subscription())
    assert got is not None
    assert (type(got), got.reason) == (kind, reason)
    assert len(service.asked) == 1, "no redirect is followed"


BAD = (
    "http://fcm.googleapis.com/x", "https://fcm.googleapis.com.evil.example/x", "https://evil.example/fcm.googleapis.com",
    "https://fcm.googleapis.com@evil.example/x", "https://evil.example#@fcm.googleapis.com/", "https://127.0.0.1/x", "https://[::1]/x",
    "https://169.254.169.254/latest/meta-data", "https://fcm.googleapis.com:8443/x", "https://fcm.googleapis.com:bad/x",
    "https://fcm.googleapis.com\\@evil.example/x", "https://a.b.notify.windows.com/x", "https://notify.windows.com/x",
    "//fcm.googleapis.com/x",
    "https://fcm.googleapis.com\r\nX: 1/", "https://ｆcm.googleapis.com/x", "file:///etc/passwd", "https://web.push.apple.com.", "", None, 5,
    "https://evilfcm.googleapis.com/x", "https://fcm.googleapis.com%2eevil.example/x", "https://localhost/x",
)  # fmt: skip
GOOD = (
    "https://fcm.googleapis.com/fcm/send/abc:def", "https://FCM.googleapis.com/x", "https://wns2-by3p.notify.windows.com/w/?token=a",
    "https://web.push.apple.com/QGu", REAL, "https://fcm.googleapis.com:443/x",
)  # fmt: skip


@pytest.mark.bar("H7")
@pytest.mark.parametrize("url", BAD, ids=repr)
def test_no_subscription_leads_us_anywhere_else(url: Any) -> None:
    # "web.push.apple.com." with its dot is the same host; without a path it is no subscription anybody gives
    assert not ways.is_push_address(url) or url == "https://web.push.apple.com."
    browser = Browser()
    if url != "https://web.push.apple.com.":
        with pytest.raises(ways.Unfit):
            ways.push(json.dumps({"endpoint": url, "keys": {"p256dh": browser.p256dh, "auth": b64(browser.auth)}}))


@pytest.mark.bar("H7")
def test_one_that_was_taken_when_the_list_was_longer_is_not_called_any_more(service: Loopback, settings: Any) -> None:
    settings.PUSH_HOSTS = ["fcm.googleapis.com"]
    assert isinstance(became(Browser().subscription()), Never)
    assert service.asked == []


@pytest.mark.parametrize("url", GOOD)
def test_the_services_of_browsers_are_known(url: str) -> None:
    browser = Browser()
    kept = json.loads(
        ways.push(
            json.dumps(
                {"endpoint": url, "expirationTime": None, "keys": {"p256dh": browser.p256dh, "auth": b64(browser.auth)}}
            )
        )
    )
    assert set(kept) == {"endpoint", "p256dh", "auth"}


@pytest.mark.parametrize(
    "text",
    ["", "x", "[]", "{}", '{"endpoint":"https://fcm.googleapis.com/x","keys":{"p256dh":"AA","auth":"AA"}}', "{" * 900],
)
def test_what_is_no_subscription_is_refused_and_breaks_nothing(text: str) -> None:
    with pytest.raises(ways.Unfit):
        ways.push(text)
