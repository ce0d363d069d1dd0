"""王秀兰 cannot type: on her phone she presses one button, speaks, hears it again, sends; 陈静 hears it and writes it down. In Chromium."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from minan.kernel.models import Attachment, Case, Event
from minan.kernel.tests.desks import desk_of
from minan.kernel.tests.waiting import until

CHROMIUM = shutil.which("chromium")
SHOTS = os.environ.get("MINAN_SHOTS", "")
CHROMIUM_ARGS = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="not run: speaking in a browser (chromium missing)"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("tables_can_be_emptied"),
    pytest.mark.e2e,
]
LISTEN = """addEventListener("securitypolicyviolation", (e) => { (window.forbidden ||= []).push(e.violatedDirective); });"""
PLAYED = """async (sound) => { sound.muted = true; await sound.play(); sound.pause(); return sound.currentSrc; }"""
KEPT = """Object.keys(localStorage).filter((key) => key.endsWith("#voice")).length"""


def shot(page: Page, name: str) -> None:
    """A picture for who looks at the pages, and the accessibility of what is on it."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)
    found = Axe().run(page).response["violations"]
    assert [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found] == [], name
    assert page.evaluate("window.forbidden || []") == [], "nothing here is against the content security policy"


def phone(chromium: Any, live_server: Any, **more: Any) -> Page:
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, base_url=live_server.url, locale="zh-CN", has_touch=True, is_mobile=True, **more
    )
    context.add_init_script(LISTEN)
    page: Page = context.new_page()
    return page


def signed_in(chromium: Any, live_server: Any, name: str, width: int) -> Page:
    context = chromium.new_context(viewport={"width": width, "height": 900}, base_url=live_server.url, locale="zh-CN")
    context.add_init_script(LISTEN)
    session = desk_of(name).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page: Page = context.new_page()
    return page


def speak(page: Page) -> None:
    page.get_by_role("button", name="按这里，用嘴说").click()
    expect(page.locator("[data-voice-told]")).to_contain_text("1 / 120")
    page.get_by_role("button", name="说完了，按这里停").click()
    expect(page.locator("[data-voice-heard]")).to_be_visible()
    expect(page.locator("[data-voice-told]")).to_contain_text("先听一遍")


def placed(page: Page) -> None:
    page.get_by_text("找到是哪个村、哪个社区").click()
    page.fill("#place_q", "固安镇 朝阳社区")
    page.get_by_role("button", name="找", exact=True).click()
    page.locator("input[name=place_found]").first.check()
    page.get_by_role("button", name="就是这个").click()
    expect(page.locator("#place-list b")).to_contain_text("朝阳社区")


def test_she_speaks_and_the_clerk_hears_and_writes_it_down(chromium: Any, live_server: Any, people: dict[str, Any]) -> None:
    page = phone(chromium, live_server)
    page.goto("/say/")
    shot(page, "aloud-say-390")
    page.get_by_role("button", name="按这里，用嘴说").click()
    expect(page.locator("[data-voice-told]")).to_contain_text("1 / 120")
    shot(page, "aloud-recording-390")
    page.get_by_role("button", name="说完了，按这里停").click()
    expect(page.locator("[data-voice-heard]")).to_be_visible()
    assert page.locator("[data-voice-heard]").evaluate(PLAYED).startswith("blob:"), "she hears it again"
    shot(page, "aloud-recorded-390")
    page.get_by_role("button", name="不要，重说").click()
    expect(page.locator("[data-voice-heard]")).to_be_hidden()
    assert page.evaluate("document.querySelector('[name=voice]').files.length") == 0
    speak(page)
    placed(page)
    page.get_by_role("button", name="就这样，送过去").click()
    page.wait_for_url("**/receipt/")
    shot(page, "aloud-receipt-390")
    assert page.evaluate(KEPT) == 0, "what was taken stays on no phone"
    case, row = Case.objects.get(), Attachment.objects.get()
    assert (row.mime, row.case_id) == ("audio/webm", case.id)
    page.goto(f"/m/{case.code}/")
    assert page.locator("aside audio").evaluate(PLAYED).endswith(str(row.id))
    shot(page, "aloud-mine-390")

    desk = signed_in(chromium, live_server, "clerk", 1440)
    desk.goto(f"/desk/{case.code}/")
    assert desk.locator(".case audio").evaluate(PLAYED).endswith(f"{row.id}/")
    shot(desk, "aloud-desk-1440")  # what it waits for is open already
    desk.get_by_label("录音里说的").fill("东门口的路灯坏了三天，晚上看不见路")
    shot(desk, "aloud-desk-writing-1440")
    desk.locator("button[data-main]").click()
    expect(desk.locator("h1")).to_have_text("东门口的路灯坏了三天，晚上看不见路")
    shot(desk, "aloud-desk-written-1440")
    case.refresh_from_db()
    assert case.text == "东门口的路灯坏了三天，晚上看不见路"
    assert Event.objects.get(case_id=case.id, step="write_down").by.startswith(case.desk)
    tasks = signed_in(chromium, live_server, "clerk", 390)
    tasks.goto(f"/tasks/{case.code}/")
    expect(tasks.locator("audio").first).to_be_visible()
    shot(tasks, "aloud-tasks-390")


def test_what_she_recorded_is_there_after_a_lost_line_and_after_an_error(chromium: Any, live_server: Any, city: None) -> None:
    page = phone(chromium, live_server)
    page.goto("/say/")
    speak(page)
    until(page, KEPT)
    page.context.set_offline(True)
    page.get_by_role("button", name="就这样，送过去").click()
    page.wait_for_timeout(300)
    page.context.set_offline(False)
    page.goto("/say/")
    expect(page.locator("[data-voice-heard]")).to_be_visible()
    assert page.evaluate("document.querySelector('[name=voice]').files[0].size") > 1000
    page.get_by_text("留个电话，办好告诉我").click()
    page.locator("input[name=phone]").fill("1381234567")
    page.get_by_role("button", name="就这样，送过去").click()
    expect(page.get_by_text("刚才的录音还在")).to_be_visible()
    shot(page, "aloud-error-390")
    page.locator("input[name=phone]").fill("13812345678")
    page.locator("button.btn--main", has_text="发出去").click()
    page.wait_for_url("**/receipt/")
    assert Attachment.objects.get().mime == "audio/webm"
    assert page.evaluate(KEPT) == 0


def test_elder_mode_and_adding_aloud(chromium: Any, live_server: Any, city: None) -> None:
    page = phone(chromium, live_server)
    page.goto("/say/")
    page.locator("form[action*='elder'] button, a[href*='elder'], button:has-text('大字')").first.click()
    page.goto("/say/")
    shot(page, "aloud-say-elder-390")
    button = page.get_by_role("button", name="按这里，用嘴说").bounding_box()
    assert button is not None
    assert button["height"] >= 76
    assert button["width"] >= 300
    speak(page)
    shot(page, "aloud-recorded-elder-390")
    page.get_by_role("button", name="就这样，送过去").click()
    page.wait_for_url("**/receipt/")
    case = Case.objects.get()
    page.goto(f"/m/{case.code}/add/")
    shot(page, "aloud-add-elder-390")
    page.get_by_role("button", name="按这里，用嘴说").click()
    expect(page.locator("[data-voice-told]")).to_contain_text("1 / 120")
    page.locator("button.btn--main", has_text="发出去").click()  # still recording: it stops first, then it goes
    page.wait_for_url(f"**/m/{case.code}/")
    assert Attachment.objects.count() == 2
    shot(page, "aloud-mine-elder-390")


def test_without_javascript_a_plain_file_does(chromium: Any, live_server: Any, city: None) -> None:
    page = phone(chromium, live_server, java_script_enabled=False)
    page.goto("/say/")
    expect(page.locator("input[name=voice]")).to_be_visible()
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / "aloud-say-nojs-390.png", full_page=True)
