"""Gao Yuan looks before he publishes: a routing rule on the last 30 days, a limit on what is open; nobody else gets in."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e import acts
from tests.e2e.browser import DESK, PHONE, Browsers, keep


def test_gao_yuan_tries_a_rule_and_sees_the_dates_a_limit_moves(browsers: Browsers) -> None:
    acts.say_a_lamp_is_broken(browsers.fresh(PHONE), "朝阳社区北门口的路灯不亮，两天了")
    gao = browsers.enter("admin", DESK)
    gao.goto("/admin/routing/new/")
    gao.select_option("[name=kind]", "road.hole")  # no other test of this city asks whose a hole is
    gao.fill("[name=rank]", "5")
    gao.select_option("[name=level]", "county")
    gao.select_option("[name=word]", "works")
    gao.fill("[name=rule]", "固办〔2026〕9 号")
    gao.fill("[name=article]", "坑洞归市政")
    gao.fill("[name=why]", "机构改革")
    gao.locator("[data-main]").click()
    expect(gao.locator("#h-ahead")).to_be_visible()
    expect(gao.locator("main")).to_contain_text("最近 30 天交办过的")
    keep(gao, "admin-dry-run")
    gao.locator("[data-main]").click()
    gao.wait_for_url("**/admin/routing/")
    expect(gao.locator("main")).to_contain_text("固办〔2026〕9 号")
    keep(gao, "admin-routing")
    gao.goto("/admin/limits/?q=accept")
    gao.get_by_role("row").filter(has_text="第1.3条").locator("a").first.click()
    gao.fill("[name=limit]", "1wh")
    gao.select_option("[name=also]", "nearer")
    gao.fill("[name=why]", "再快一点")
    gao.locator("[data-main]").click()
    expect(gao.locator("main")).to_contain_text("件在办的事的")
    keep(gao, "admin-moves")


def test_neither_the_stranger_nor_a_clerk_finds_the_table(browsers: Browsers) -> None:
    for who in ("stranger", "clerk"):
        page = browsers.enter(who, DESK)
        answer = page.goto("/admin/routing/")
        assert answer is not None
        assert answer.status == 404
