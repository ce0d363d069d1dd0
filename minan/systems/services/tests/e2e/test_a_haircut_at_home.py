"""王秀兰 orders a haircut at home, one thing a screen; the shop takes it on its own phone; done, she says it was good. In Chromium."""

from __future__ import annotations

import os
import shutil
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from minan.kernel import vault
from minan.kernel.models import Case
from minan.systems.services.tests.cast import DAY, DESK, SHOP, VILLAGE, go

CHROMIUM = shutil.which("chromium")
SHOTS = os.environ.get("MINAN_SHOTS", "")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="not run: ordering in a browser (chromium missing)"),
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


def phone(chromium: Any, live_server: Any) -> Page:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, base_url=live_server.url, locale="zh-CN")
    page: Page = context.new_page()
    return page


def opened_shop(people: dict[str, Any]) -> tuple[Case, str]:
    """A checked shop that the desk brought in, with the secret of its link."""
    from minan.kernel.access import actor  # beside act, only here
    from minan.kernel.act import Opened, open_case

    secret = vault.secret()
    done = open_case("shop", by=actor(people[DESK]), facts=SHOP, key="e2e:shop", secret=secret)
    assert isinstance(done, Opened)
    go(
        done.case,
        "check_licence",
        people[DESK],
        timezone.now(),
        how="seen",
        next_check=(timezone.now() + 200 * DAY).date().isoformat(),
    )
    return done.case, secret


def test_ordered_one_thing_a_screen_taken_by_the_shop_done_and_rated(
    chromium: Any, live_server: Any, people: dict[str, Any]
) -> None:
    case, secret = opened_shop(people)
    page = phone(chromium, live_server)
    page.goto("/services/")
    page.get_by_label("村、社区的名字").fill("朝阳社区")
    shot(page, "services-where-390")
    page.get_by_role("button", name="找").click()
    if VILLAGE not in page.url and page.get_by_role("link", name="固安镇").count():
        page.get_by_role("link", name="固安镇").first.click()
    shot(page, "services-trades-390")
    page.get_by_role("link", name="理发", exact=True).click()
    shot(page, "services-list-390")
    page.get_by_role("link", name="老街理发店").click()
    expect(page.locator('a[href="tel:03166100001"]').first).to_be_visible()
    shot(page, "services-shop-390")
    page.get_by_role("link", name="下单或者预约").click()
    page.get_by_label("要什么").fill("剪个头，腿脚不好")
    shot(page, "services-order1-390")
    page.get_by_role("button", name="下一步").click()
    page.get_by_text("上门做").click()
    shot(page, "services-order2-390")
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("什么时候").select_option(index=1)
    shot(page, "services-order3-390")
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("送到、上门的地址").fill("7号楼3单元501")
    page.get_by_label("电话").fill("13800000001")
    shot(page, "services-order4-390")
    page.get_by_role("button", name="下单", exact=True).click()
    expect(page.get_by_text("下好了").first).to_be_visible()
    page.get_by_role("link", name="打开它").click()
    expect(page.get_by_role("heading", name="老街理发店")).to_be_visible()
    shot(page, "services-order-390")

    shop = phone(chromium, live_server)
    shop.goto(f"/m/{case.code}/#{secret}")
    expect(shop.get_by_role("heading", name="订单")).to_be_visible()
    shot(shop, "services-own-390")
    shop.get_by_role("heading", name="订单").locator("xpath=..").get_by_role("link").first.click()
    shop.get_by_role("button", name="接单").click()
    expect(shop.get_by_text("7号楼3单元501")).to_be_visible()
    shot(shop, "services-job-390")
    shop.get_by_role("button", name="开始做").click()
    shop.get_by_role("button", name="做完了").click()
    expect(shop.get_by_text("7号楼3单元501")).to_have_count(0)

    page.reload()
    page.get_by_role("link", name="评一评").click()
    page.get_by_label("是", exact=True).check()
    shot(page, "services-rate-390")
    page.get_by_role("button", name="评一评").click()
    expect(page.get_by_text("您评了")).to_be_visible()
    case.refresh_from_db()
    assert (case.facts["good"], case.facts["rated"]) == (1, 1)
