"""In Chromium, without JavaScript: an accident worked out on a phone and at a desk; axe finds nothing, nothing is wider than the screen."""

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
    pytest.mark.skipif(CHROMIUM is None, reason="not run: damages in a browser (chromium missing)"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.e2e,
]
WRITTEN = {
    "accident_date": "2018-05-10", "as_of": "2020-12-01", "vehicles.0.share": "70", "vehicles.1.share": "30",
    "vehicles.0.commercial.0.limit": "500000", "victims.0.age": "50", "victims.0.medical": "26000", "victims.0.meals.0.count": "18",
    "victims.0.meals.0.rate": "50", "victims.0.grades": "10", "victims.0.appraisal": "1000", "victims.0.advances.0.amount": "20000",
    "victims.0.advances.0.by": "李伟",
}  # fmt: skip


def fill(page: Page) -> None:
    """王秀兰's case; a line for the advance is added by a button that posts."""
    page.goto("/damages/")
    page.select_option("[name=place]", "130000000000")
    page.select_option("[name='vehicles.0.responsibility']", "main")
    page.select_option("[name='vehicles.1.responsibility']", "secondary")
    open_all(page)
    page.fill("[name='vehicles.0.driver']", "李伟")
    page.locator("button[value='victims.0.advances']").click()
    open_all(page)
    for name, value in WRITTEN.items():
        page.fill(f"[name='{name}']", value)
    page.select_option("[name='victims.0.standard']", "urban")
    expect(page.locator("[name='vehicles.0.responsibility']")).to_have_value("main")
    page.locator("form button.btn--main").click()


def open_all(page: Page) -> None:
    """Unfold every part of the form that is folded."""
    shut = page.locator("form details:not([open]) > summary")
    while shut.count():
        shut.first.click()


def context_of(chromium: Any, live_server: Any, width: int, lang: str = "zh-CN", **more: Any) -> Any:
    return chromium.new_context(locale=lang, viewport={"width": width, "height": 844}, base_url=live_server.url, **more)


@pytest.mark.parametrize(("width", "lang"), [(390, "zh-CN"), (1440, "en")])
def test_an_accident_is_worked_out_without_a_script_and_each_line_moves_when_the_share_does(
    chromium: Any, live_server: Any, width: int, lang: str
) -> None:
    context = context_of(chromium, live_server, width, lang, java_script_enabled=False)
    page = context.new_page()
    fill(page)
    expect(page.locator("section[aria-labelledby=h-items]")).to_contain_text("35738 × 20 × 0.1")
    expect(page.locator("section[aria-labelledby=h-payments]")).to_contain_text("16900 × 0.7")
    expect(page.locator("section[aria-labelledby=h-items] p")).to_contain_text("99376.00")
    expect(page.locator("[name='victims.0.medical']")).to_have_value("26000")
    shoot(page, f"damages-{width}-{lang}")
    with page.expect_download() as saved:
        page.locator("button[name=json]").click()
    assert saved.value.suggested_filename == "damages.json"
    page.locator("form[action='/damages/what-if/'] button").click()
    page.locator("input[name$='.share']").first.fill("60")
    shoot(page, f"what-if-{width}-{lang}")
    page.locator("button.btn--main").click()
    expect(page.locator("main section").nth(1)).to_contain_text("-1690.00")
    shoot(page, f"what-if-moved-{width}-{lang}")
    page.locator("form[action='/damages/'] button").click()
    expect(page.locator("[name='victims.0.medical']")).to_have_value("26000")
    context.close()


def shoot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("width", [390, 1440])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(chromium: Any, live_server: Any, width: int) -> None:
    context = context_of(chromium, live_server, width, service_workers="block")
    page = context.new_page()
    fill(page)
    for _turn in range(2):
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        page.locator("form[action='/damages/what-if/'] button").first.click()
    context.close()
