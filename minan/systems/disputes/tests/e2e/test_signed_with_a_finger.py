"""王秀兰 signs the agreement with a finger on a phone, in Chromium: undo, clear, a wrong code keeps her drawing;
without JavaScript the code alone signs."""

from __future__ import annotations

import os
import re
import shutil
from datetime import UTC, datetime
from typing import Any

import pypdfium2
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Page, expect

from minan.kernel import family, onetime_code
from minan.kernel.access import SPEAKER
from minan.kernel.models import Case
from minan.systems.disputes.tests.cast import MEDIATOR, drafted, go, side

CHROMIUM = shutil.which("chromium")
SHOTS = os.environ.get("MINAN_SHOTS", "")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="not run: signing in a browser (chromium missing)"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("tables_can_be_emptied"),
    pytest.mark.e2e,
]


def opened(chromium: Any, live_server: Any, case: Case, **more: Any) -> Page:
    """Her phone, with her link opened."""
    context = chromium.new_context(
        viewport={"width": 390, "height": 844},
        service_workers="block",
        base_url=live_server.url,
        **({"locale": "zh-CN", "has_touch": True} | more),
    )
    client, mine = Client(), side(case, "a")
    client.post(f"/m/{mine.code}/", {"secret": family.link_of(mine)})
    context.add_cookies(
        [{"name": name, "value": one.value, "url": live_server.url} for name, one in client.cookies.items()]
    )
    page: Page = context.new_page()
    return page


def asked(case: Case) -> str:
    event = go(side(case, "a"), "ask_code", SPEAKER, datetime.now(UTC))
    return onetime_code.of(event.case_id, event.n)


def stroke(page: Page, *points: tuple[float, float]) -> None:
    """One line over the sheet, in parts of its width and height."""
    edge = page.locator("canvas").bounding_box()
    assert edge
    spots = [(edge["x"] + x * edge["width"], edge["y"] + y * edge["height"]) for x, y in points]
    page.mouse.move(*spots[0])
    page.mouse.down()
    for spot in spots[1:]:
        page.mouse.move(*spot, steps=6)
    page.mouse.up()


def test_she_signs_with_a_finger_and_it_stands_in_the_agreement(
    chromium: Any, live_server: Any, people: dict[str, Any]
) -> None:
    case = drafted(people, datetime.now(UTC), plan="")
    page, code = opened(chromium, live_server, case), asked(case)
    page.goto(f"/disputes/{side(case, 'a').code}/?step=sign")
    page.locator("canvas").scroll_into_view_if_needed()
    held = page.locator("input[name=drawn]")
    stroke(page, (0.1, 0.7), (0.2, 0.2), (0.3, 0.8), (0.4, 0.3))
    stroke(page, (0.6, 0.2), (0.7, 0.8))
    expect(held).to_have_value(re.compile(r"^600x260;[\d, ]+;[\d, ]+$"))
    page.get_by_role("button", name="退一笔").click()
    expect(held).to_have_value(re.compile(r"^600x260;[\d, ]+$"))
    page.get_by_role("button", name="清掉重签").click()
    expect(held).to_have_value("")
    stroke(page, (0.1, 0.7), (0.2, 0.2), (0.3, 0.8), (0.4, 0.3))
    stroke(page, (0.6, 0.2), (0.7, 0.8), (0.8, 0.3))
    expect(page.locator("[data-pad-said]")).to_have_text("签好了，会印在协议书上")
    drawn = held.input_value()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/sign-390.png", full_page=True)
    page.fill("input[name=code]", "1")
    page.locator("#do form button.btn--main").click()
    expect(held).to_have_value(drawn)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.fill("input[name=code]", code)
    page.locator("#do form button.btn--main").click()
    expect(page.locator("section[aria-labelledby=h-sign]")).to_contain_text("短信验证码")
    pdf = page.request.get(f"/disputes/{side(case, 'a').code}/agreement.pdf").body()
    paths = [
        one
        for leaf in pypdfium2.PdfDocument(pdf)
        for one in leaf.get_objects(max_depth=6)
        if one.type == pypdfium2.raw.FPDF_PAGEOBJ_PATH
    ]
    assert len(paths) >= 3
    page.context.close()


def test_without_javascript_the_code_alone_signs(chromium: Any, live_server: Any, people: dict[str, Any]) -> None:
    case = drafted(people, datetime.now(UTC), plan="")
    page, code = opened(chromium, live_server, case, java_script_enabled=False, locale="en"), asked(case)
    page.goto(f"/disputes/{side(case, 'a').code}/?step=sign")
    expect(page.locator("canvas")).to_be_hidden()
    page.fill("input[name=code]", code)
    page.locator("#do form button.btn--main").click()
    case.refresh_from_db()
    assert case.facts["draft"]["signed"]["a"]["how"] == "code"
    page.context.close()


def test_the_mediators_desk_has_the_sheet_the_prints_and_nothing_wider_than_the_screen(
    chromium: Any, live_server: Any, people: dict[str, Any]
) -> None:
    case = drafted(people, datetime.now(UTC), plan="")
    context = chromium.new_context(
        locale="en", viewport={"width": 1440, "height": 900}, service_workers="block", base_url=live_server.url
    )
    client = Client()
    client.force_login(people[MEDIATOR])
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page: Page = context.new_page()
    page.goto(f"/disputes/{case.code}/?step=countersign")
    expect(page.locator("canvas")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1440, "height": 900})
    go(case, "make_file", people[MEDIATOR], datetime.now(UTC), words="归档")
    page.goto(f"/disputes/{case.code}/")
    expect(page.get_by_role("link", name="The file as ZIP")).to_be_visible()
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/room-1440-en.png", full_page=True)
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 844})
        page.goto("/seal/")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/seal-{width}-en.png", full_page=True)
    context.close()
