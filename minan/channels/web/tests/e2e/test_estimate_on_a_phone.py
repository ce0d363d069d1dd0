"""In Chromium, without JavaScript: 王秀兰 and then 李伟 answer ten questions on a phone, go back with the browser's button, and get a range."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

CHROMIUM = shutil.which("chromium")
SHOTS = os.environ.get("MINAN_SHOTS", "")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="not run: the ten questions in a browser (chromium missing)"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.e2e,
]
ANSWERS: dict[str, dict[str, str]] = {
    "date": {"date": "2025-11-02"}, "how": {"how": "ride"}, "blame": {"blame": "main"}, "age": {"age": "58"},
    "medical": {"medical": "26000"},
    "stay": {"stay": "18", "stay_daily": "100"}, "leave": {"leave_unknown": "on", "leave_daily": "100"},
    "nursing": {"nursing": "30", "nursing_daily": "120"}, "grade": {"grade": "unknown", "income": "45000"},
    "cover": {"cover": "yes", "commercial": "1000000"}, "barred": {"barred": ""}, "advanced": {"advanced": "20000"},
}  # fmt: skip
VICTIM = ("date", "how", "blame", "age", "medical", "stay", "leave", "nursing", "grade", "cover")
DRIVER = ("date", "how", "blame", "cover", "barred", "age", "medical", "leave", "grade", "advanced")


def shoot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def said(n: int, lang: str) -> str:
    return f"第 {n} 问" if lang == "zh-CN" else f"Question {n} of 10"


def answer(page: Page, name: str) -> None:
    for key, value in ANSWERS[name].items():
        box = page.locator(f"[name={key}]")
        if box.first.get_attribute("type") == "radio":
            page.locator(f"[name={key}][value='{value}']").check()
        elif box.get_attribute("type") == "checkbox":
            box.check()
        else:
            box.fill(value)
    page.locator("form button.btn--main").click()


@pytest.mark.parametrize(("side", "lang", "width"), [("victim", "zh-CN", 390), ("driver", "en", 390)])
def test_ten_questions_one_a_screen_and_a_range(
    chromium: Any, live_server: Any, side: str, lang: str, width: int
) -> None:
    context = chromium.new_context(
        locale=lang, viewport={"width": width, "height": 844}, java_script_enabled=False, base_url=live_server.url
    )
    page = context.new_page()
    page.goto("/damages/estimate/")
    shoot(page, f"estimate-start-{lang}")
    page.locator(f"a[href='/damages/estimate/{side}/1/']").click()
    walk = VICTIM if side == "victim" else DRIVER
    for n, name in enumerate(walk, 1):
        expect(page.locator("form p").first).to_contain_text(said(n, lang))
        shoot(page, f"estimate-{side}-{n}-{lang}")
        answer(page, name)
        if n == 5:  # the browser's own back, and the page's: what was typed stands there
            key, value = next(iter(ANSWERS[name].items()))
            for move, at in ((page.go_back, 5), (page.go_forward, 6)):
                expect(page.locator("form p").first).to_contain_text(
                    said(11 - at, lang)
                )  # the page has come before it is left
                move()
                expect(page.locator("form p").first).to_contain_text(said(at, lang))
            page.locator("button[name=back]").click()
            box = page.locator(f"[name={key}]")
            if box.first.get_attribute("type") == "radio":
                expect(page.locator(f"[name={key}][value='{value}']")).to_be_checked()
            else:
                expect(box).to_have_value(value)
            page.locator("form button.btn--main").click()
        if n < len(walk):
            expect(page.locator("form p").first).to_contain_text(said(n + 1, lang))
    expect(page.locator("h1")).to_have_text("估计的结果" if lang == "zh-CN" else "The estimate")
    expect(page.locator("section[aria-labelledby=h-wide]")).to_be_visible() if side == "victim" else None
    expect(page.locator("section[aria-labelledby=h-ask]")).to_contain_text("12348")
    shoot(page, f"estimate-{side}-result-{lang}")
    context.close()


def test_axe_finds_nothing_on_a_question_and_on_the_result(chromium: Any, live_server: Any) -> None:
    context = chromium.new_context(
        locale="zh-CN", viewport={"width": 390, "height": 844}, service_workers="block", base_url=live_server.url
    )
    page = context.new_page()
    page.goto("/damages/estimate/victim/1/")
    for name in VICTIM:
        answer(page, name)
        if name in ("stay", "cover"):
            found = Axe().run(page)
            assert found.violations_count == 0, found.generate_report()
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.set_viewport_size({"width": 1440, "height": 900})
    shoot(page, "estimate-victim-result-1440")
    context.close()
