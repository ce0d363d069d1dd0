"""王秀兰 cannot go out: she asks for medicine on her phone, records a voice note, 刘桂芬 of the community opens and plays it. In Chromium."""

from __future__ import annotations

import os
import shutil
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from minan.kernel.models import Case, Event
from minan.systems.emergencies.models import Voice
from minan.systems.emergencies.tests.cast import DESK, declared

CHROMIUM = shutil.which("chromium")
SHOTS = os.environ.get("MINAN_SHOTS", "")
CHROMIUM_ARGS = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="not run: talking in a browser (chromium missing)"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("tables_can_be_emptied"),
    pytest.mark.e2e,
]


def shot(page: Page, name: str) -> None:
    """A picture for who looks at the pages, and the accessibility of what is on it."""
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)
    found = Axe().run(page).response["violations"]
    assert [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found] == [], name


def phone(chromium: Any, live_server: Any, **more: Any) -> Page:
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, base_url=live_server.url, locale="zh-CN", **more
    )
    page: Page = context.new_page()
    return page


def signed_in(chromium: Any, live_server: Any, person: Any) -> Page:
    client = Client()
    client.force_login(person)
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, base_url=live_server.url, locale="zh-CN")
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page: Page = context.new_page()
    return page


def test_she_asks_and_talks_and_the_desk_hears_her_without_meeting(
    chromium: Any, live_server: Any, people: dict[str, Any]
) -> None:
    declared(people, timezone.now() - timedelta(hours=1))
    page = phone(chromium, live_server)
    page.goto("/")
    page.get_by_role("link", name="在家求助").first.click()
    expect(page.get_by_role("heading", name="在家求助", exact=True)).to_be_visible()
    shot(page, "emergencies-here-390")
    page.get_by_role("link", name="药", exact=True).click()
    page.get_by_label("名字里的几个字").fill("朝阳社区")
    page.get_by_label("家里几口人").fill("2")
    page.get_by_role("button", name="找", exact=True).click()
    expect(page.get_by_label("家里几口人")).to_have_value("2")
    page.get_by_label("哪个村、社区").select_option("131022100010")
    page.get_by_label("几号楼、几单元、门牌").fill("7号楼3单元501")
    shot(page, "emergencies-ask-390")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_text("登记好了").first).to_be_visible()
    shot(page, "emergencies-asked-390")
    page.get_by_role("link", name="打开，接着说").click()
    page.get_by_role("button", name="按这里，用嘴说").click()
    expect(page.locator("[data-voice-told]")).to_contain_text("1 / 60")
    page.get_by_role("button", name="说完了，按这里停").click()
    expect(page.locator("[data-voice-heard]")).to_be_visible()
    page.get_by_role("button", name="发出去").click()
    expect(page.locator("article audio")).to_have_count(1)
    shot(page, "emergencies-room-390")
    note, case = Voice.objects.get(), Case.objects.get(procedure="home_help")
    assert note.mime == "audio/webm"
    assert 0 < note.seconds <= 5

    desk = signed_in(chromium, live_server, people[DESK])
    desk.goto(f"/emergencies/{case.code}/")
    assert "7号楼" not in desk.content()
    desk.get_by_role("button", name="打开看").click()
    expect(desk.get_by_text("7号楼3单元501")).to_be_visible()
    desk.get_by_role("button", name="听录音").click()
    expect(desk.locator("article audio")).to_have_count(1)
    loud = desk.evaluate(
        "async () => (await (await fetch(document.querySelector('article audio').src)).arrayBuffer()).byteLength"
    )
    assert loud > 1000
    shot(desk, "emergencies-room-1440")
    assert Event.objects.filter(case_id=case.id, step="listen").count() == 1


def test_without_javascript_words_and_a_file_do(chromium: Any, live_server: Any, people: dict[str, Any]) -> None:
    declared(people, timezone.now() - timedelta(hours=1))
    page = phone(chromium, live_server, java_script_enabled=False)
    page.goto("/emergencies/ask/?need=food")
    expect(page.locator('input[name="address"]')).to_be_visible()
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/emergencies-ask-nojs.png", full_page=True)
