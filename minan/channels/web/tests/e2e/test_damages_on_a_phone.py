"""In Chromium, without JavaScript: an accident worked out on a phone and at a desk; axe finds nothing, nothing is wider than the screen."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

CHROMIUM = shutil.which("chromium")
SHOTS = os.environ.get("MINAN_SHOTS", "")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="not run: damages in a browser (chromium missing)"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.e2e,
]
WRITTEN = {
    "accident_date": "2018-05-10", "as_of": "2020-12-01", "share": "70", "commercial": "500000", "age": "50",
    "medical": "26000", "stay": "18",
    "stay_daily": "50", "grades": "10", "appraisal": "1000", "advance": "20000",
}  # fmt: skip


@pytest.fixture(scope="module")
def chromium(playing: Any) -> Iterator[Any]:
    browser = playing.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
    yield browser
    browser.close()


def fill(page: Page) -> None:
    page.goto("/damages/")
    for name, value in WRITTEN.items():
        page.fill(f"[name={name}]", value)
    page.select_option("[name=responsibility]", "main")
    page.select_option("[name=standard]", "urban")
    page.select_option("[name=province]", "13")
    page.locator("form.stack button.btn--main").click()


@pytest.mark.parametrize(("width", "lang"), [(390, "zh-CN"), (1440, "zh-CN"), (390, "en")])
def test_the_estimate_works_without_a_script_and_fits_the_screen(
    chromium: Any, live_server: Any, width: int, lang: str
) -> None:
    context = chromium.new_context(
        locale=lang, viewport={"width": width, "height": 844}, java_script_enabled=False, base_url=live_server.url
    )
    page = context.new_page()
    fill(page)
    expect(page.locator("section[aria-labelledby=h-items]")).to_contain_text("35738 × 20 × 0.1")
    expect(page.locator("section[aria-labelledby=h-payments]")).to_contain_text("16900 × 0.7")
    expect(page.locator("section[aria-labelledby=h-items] p")).to_contain_text("99376.00")
    expect(page.locator("[name=medical]")).to_have_value("26000")
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"damages-{width}-{lang}.png", full_page=True)
    context.close()


@pytest.mark.parametrize("width", [390, 1440])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(chromium: Any, live_server: Any, width: int) -> None:
    context = chromium.new_context(
        locale="zh-CN", viewport={"width": width, "height": 844}, service_workers="block", base_url=live_server.url
    )
    page = context.new_page()
    fill(page)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    context.close()
