"""王秀兰 says on her matter's page how to be told; whoever has not her secret is led away, and the public page cannot bomb a number."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from minan.channels.web.tests import phone
from minan.kernel import access, act, outgoing, speakers, worker
from minan.kernel.models import Message, Speaker
from minan.kernel.outcomes import Provider
from minan.lib import throttle

pytestmark = pytest.mark.django_db
VICTIM = "13812345678"
BOMBS = 10_000 if os.environ.get("MINAN_DEEP") else 120
SUBSCRIPTION = {
    "endpoint": "https://fcm.googleapis.com/fcm/send/x",
    "expirationTime": None,
    "keys": {
        "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    },
}


@pytest.fixture(autouse=True)
def switched_on(settings: Any) -> None:
    settings.PUSH, settings.MAIL = "mailto:operator@langfang.example", "smtp://127.0.0.1:9"
    settings.MAIL_FROM, settings.QUIET = "minan@langfang.example", "21:00-08:00"


def key_in(page: str) -> str:
    return page.split('name="key" value="')[1].split('"', maxsplit=1)[0]


def press(browser: Client, code: str, **facts: str) -> Any:
    page = browser.get(f"/m/{code}/tell/").content.decode()
    return browser.post(f"/m/{code}/tell/", {"key": key_in(page), **facts}, follow=True)


def test_she_turns_each_way_on_and_off_and_the_page_shows_only_a_piece_of_each_address(city: None) -> None:
    wang = Client()
    case, _ = phone.said(wang, phone=VICTIM)
    page = wang.get(f"/m/{case.code}/tell/").content.decode()
    assert "138****5678" in page
    assert VICTIM not in page
    assert 'data-push="B' in page, "the key a browser subscribes with"
    assert "21:00" in page
    done = press(wang, case.code, do="mail", email="wang@example.cn").content.decode()
    assert "wa…@example.cn" in done
    assert "记下了" in done
    press(wang, case.code, do="push", subscription=json.dumps(SUBSCRIPTION))
    assert Speaker.objects.get(case_id=case.id).ways == "mail push"
    press(wang, case.code, do="off", way="push")
    assert Speaker.objects.get(case_id=case.id).ways == "mail"
    assert "push" not in speakers.known(case, who="speaker", why="own")
    press(wang, case.code, do="off", way="sms")
    assert "打开" in wang.get(f"/m/{case.code}/tell/").content.decode()


def test_a_mistake_is_told_and_what_she_typed_stays(city: None) -> None:
    wang = Client()
    case, _ = phone.said(wang)
    got = press(wang, case.code, do="mail", email="wang#example.cn")
    assert got.status_code == 422
    assert "不像一个邮箱地址" in got.content.decode()
    assert 'value="wang#example.cn"' in got.content.decode()
    evil = press(
        wang, case.code, do="push", subscription=json.dumps(SUBSCRIPTION | {"endpoint": "https://169.254.169.254/x"})
    )
    assert evil.status_code == 422
    assert Speaker.objects.get(case_id=case.id).ways == ""
    assert wang.post(f"/m/{case.code}/tell/", {"do": "off", "way": "everybody"}).status_code == 404


def test_a_stranger_is_led_to_the_code_s_page_and_changes_nothing(city: None) -> None:
    case, _ = phone.said(Client(), phone=VICTIM)
    stranger = Client()
    assert stranger.get(f"/m/{case.code}/tell/").headers["Location"] == f"/m/{case.code}/"
    got = stranger.post(f"/m/{case.code}/tell/", {"do": "mail", "email": "evil@example.cn"})
    assert got.headers["Location"] == f"/m/{case.code}/"
    assert Speaker.objects.get(case_id=case.id).ways == ""


def test_who_spoke_without_a_name_is_offered_none(city: None) -> None:
    wang = Client()
    case, _ = phone.said(wang, anonymous="on")
    assert f"/m/{case.code}/tell/" not in wang.get(f"/m/{case.code}/").content.decode()
    assert wang.get(f"/m/{case.code}/tell/").status_code == 302


def test_the_service_worker_shows_notices_and_the_page_asks_only_by_a_press() -> None:
    worker_file = Client().get("/sw.js").content.decode()
    assert "importScripts" in worker_file
    assert "push/in_worker" in worker_file
    with open("minan/channels/web/static/web/tell.js", encoding="utf-8") as script:
        text = script.read()
    assert text.index('addEventListener("click"') < text.index("await subscription()"), (
        "permission is asked for inside the press"
    )


@pytest.mark.bar("A3")
def test_thousands_of_matters_said_with_somebody_s_number_ring_it_ten_times_a_day(
    people: dict[str, Any], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """By the public page, and the worst desk of all: it accepts each of them."""
    settings.QUIET, rang, now = "none", [], datetime.now(UTC)
    send = [Provider("sms", lambda key, number, words: rang.append(number))]
    monkeypatch.setattr(outgoing, "gateways", lambda: {"sms": send})
    monkeypatch.setattr(throttle, "allow", lambda *_: True)  # whoever bombs comes from ever other addresses
    clerk = access.actor(people["clerk"])
    for n in range(BOMBS):
        case, _ = phone.said(Client(), text=f"第 {n} 件：灯不亮", phone=("+86 " if n % 2 else "") + VICTIM)
        assert rang == [], "saying it sends nothing"
        if n == 0:
            assert Speaker.objects.get(case_id=case.id).phone
        assert act.act(case, "accept", by=clerk)
    for minutes in (0, 1, 2, 3, 4, 5, 62, 63, 64, 65, 66, 130, 300, 600, 1200, 1430):
        worker.settle(now + timedelta(minutes=minutes))
    assert 5 <= len(rang) <= 10
    given_up = Message.objects.filter(channel="sms", reason="too_many").count()
    assert given_up == BOMBS - 10
    assert Message.objects.filter(channel="page").count() >= BOMBS, "the page has every one"
