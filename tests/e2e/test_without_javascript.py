"""Where no script runs: saying with a place from the list and a photo, following and rating are plain pages and forms."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e import acts
from tests.e2e.acts import Said
from tests.e2e.browser import DESK, Browsers, keep, photo


def say(page: Page) -> Said:
    """王秀兰 on an old phone: three presses down the list, then everything she wrote and chose is still there."""
    page.goto("/")
    page.locator(".say__go").click()
    page.fill("#id_text", "朝阳社区西门的路灯坏了，半夜回家看不见路")
    page.set_input_files("input[name=photos]", photo("坏了的西门路灯"))
    page.get_by_text("找到是哪个村、哪个社区").click()
    for name, value in (("county", "131022000000"), ("town", "131022100000"), ("village", "131022100010")):
        page.locator(f"select[name={name}]").select_option(value)
        page.locator("button[name=do][value=below]").click()
        expect(page.locator("#id_text")).to_have_value("朝阳社区西门的路灯坏了，半夜回家看不见路")
    expect(page.locator("#place-list b")).to_contain_text("固安镇朝阳社区")
    expect(page.locator("input[name=kept]")).to_be_checked()
    expect(page.locator("input[name=kind][value='lamp.out']")).to_have_count(1)
    page.locator("input[name=kind][value='lamp.out']").check()
    keep(page, "no-script-say")
    page.locator("button.btn--main", has_text="发出去").click()
    page.wait_for_url("**/receipt/")
    keep(page, "no-script-receipt")
    shown = page.locator(".bigcode").all_inner_texts()
    assert "照片 1 张" in page.inner_text("main")
    return Said(re.sub(r"\W", "", shown[0]), shown[1])


def follow(page: Page, said: Said) -> None:
    """On another device: code and secret typed as they stand on paper."""
    page.goto("/")
    page.fill("#home-code", said.code)
    page.get_by_role("button", name="看到哪一步了").click()
    expect(page.locator("main")).not_to_contain_text("西门")
    page.locator("input[name=secret]").fill(said.secret)
    page.get_by_role("button", name="看全部").click()
    expect(page.locator("main")).to_contain_text("西门的路灯坏了")
    keep(page, "no-script-follow")


def test_without_a_script_she_says_follows_and_judges(browsers: Browsers) -> None:
    said = say(browsers.fresh(java_script_enabled=False))
    follow(browsers.fresh(java_script_enabled=False), said)

    clerk = browsers.enter("clerk", DESK, java_script_enabled=False)
    acts.open_on_the_desk(clerk, said.code)
    clerk.get_by_role("button", name="受理并交办给").click()
    acts.taken(clerk)
    handler = browsers.enter("handler", java_script_enabled=False)
    acts.sign_on_the_phone(handler, said.code, "no-script")
    acts.answer_on_the_phone(handler, "换了灯泡，亮了", "no-script")

    later = browsers.fresh(java_script_enabled=False)
    follow(later, said)
    acts.rate(later, solved=True, words="好了", shots="no-script")
    later.reload()
    expect(later.locator("main .tag--done").first).to_have_text("办结")
