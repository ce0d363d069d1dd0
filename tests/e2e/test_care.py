"""After the call of August, in a real browser: the street's project, its 14 centres, a bed booked and handed over; her own big button."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.browser import DESK, Browsers, keep
from tests.e2e.test_road_accident import act, fill, sign_in, today, until


def wide(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def desk_step(page: Page, path: str, step: str, **given: Any) -> None:
    """On the page of a stay press the step; its form stands on the desk's own page of the case."""
    page.goto(path)
    page.locator(f"main a[href$='/{step}/']").click()
    form = f"form[action$='/{step}/']"
    fill(page, form, given)
    page.locator(f"{form} [type=submit], {form} button:not([type=button]):not([formaction])").first.click()
    page.wait_for_load_state()


def helped(browsers: Browsers, her: Page) -> None:
    """She asks a neighbour; the link she hands on opens one button and nothing of hers."""
    her.locator("summary").last.click()
    her.locator("a[href$='/add_hand/']").click()
    her.wait_for_url("**/add_hand/")
    fill(her, "main form:has([name=who])", {"who": "neighbour"})
    her.locator("main form:has([name=who]) button.btn--main").click()
    her.wait_for_url(re.compile(r"/care/[0-9A-Z]{15}/$"))
    own = her.url
    her.goto(f"{own}hands/")
    link = her.locator("p.hash").inner_text()
    neighbour = browsers.fresh()
    neighbour.goto(link)
    expect(neighbour.locator(".fine-go")).to_contain_text("看到了，人很好")
    keep(neighbour, "care-hand")
    her.goto(own)


def test_the_street_improves_a_bed_is_booked_and_handed_over(browsers: Browsers) -> None:
    desk = sign_in(browsers.fresh(DESK), "bz.clerk")
    # ---- the project the street begins after the call
    desk.goto("/improvements/new/")
    fill(desk, "form[data-draft=improvement]", {"title": "独居老人家里没人照看", "text": "八月一次呼救以后，问下来没人照看的老人不少。"})
    desk.locator("[data-main]").click()
    desk.wait_for_url(re.compile(r"/improvements/[0-9A-Z]{15}/"))
    project = desk.url
    past, now = (today() - timedelta(days=n) for n in (40, 10))
    act(desk, project, "measure", what="没人照看、当天没地方去的老人（户）", better="less", goal="没有")
    act(desk, project, "before", num="31", den="118", since=str(past), until=str(past + timedelta(days=20)))
    act(desk, project, "act", what="各社区办托养中心", by=str(today() + timedelta(days=30)))
    act(desk, project, "act_done", n="1", words="14 处都开了门，210 张床")
    assert desk.locator("#do a[href*='step=close']").count() == 0, "no closing without a count after"
    act(desk, project, "after", num="3", den="121", since=str(now), until=str(today()))
    act(desk, project, "publish", headline="14 个托养中心，210 张床", words="家里一时没人照看的老人，可以免费短住几天。")
    keep(desk, "care-project-desk")
    act(desk, project, "close", words="托养中心归街道管")
    # ---- what everybody reads, and a family that asks for a bed
    son = browsers.fresh()
    son.goto("/improvements/")
    expect(son.locator("main")).to_contain_text("3/121")
    keep(son, "care-project-public")
    son.goto("/care/")
    expect(son.locator("main")).to_contain_text("14 个中心，210 张床")
    keep(son, "care-centres", whole=False)
    assert wide(son) <= 0
    son.locator("a[href*='centre=131081001003/3']").click()
    asked = {"start": str(today()), "nights": "3", "urgent": "true", "need": "arm", "name": "王秀兰", "kin_name": "王建国"}
    fill(son, "form[data-draft=care-apply]", asked)
    keep(son, "care-apply")
    son.locator("[data-main]").click()
    expect(son.locator("h1#slip-title")).to_be_visible()
    keep(son, "care-applied")
    code = re.search(r"/m/([0-9A-Z]{15})/", son.content())
    assert code
    son.get_by_text("打开我的这一件").click()
    son.wait_for_url("**/care/stays/**")
    stay = f"/care/stays/{code[1]}/"
    # ---- the desk takes them in; the bed is booked by itself
    desk_step(desk, stay, "accept")
    until(desk, stay, "床订好了")
    desk.goto("/care/beds/")
    expect(desk.locator("table.beds")).to_be_visible()
    keep(desk, "care-beds-desk")
    desk_step(desk, stay, "arrive")
    desk_step(desk, stay, "hand_over", taker="王建国", relation="child")
    until(son, stay, "等家属确认")
    keep(son, "care-stay-family")
    son.locator("main a[href$='/confirm/']").click()
    son.locator("form button.btn--main, form [data-main]").last.click()
    until(desk, stay, "家属接回")
    for page, path, shot in ((desk, "/care/beds/", "care-beds-en"), (desk, project, "care-project-en"), (son, stay, "care-stay-en")):
        page.context.add_cookies([{"name": "django_language", "value": "en", "url": browsers.city.url}])
        page.goto(path)
        keep(page, shot)
    # ---- her own button
    her = browsers.fresh()
    her.goto("/care/ask/")
    her.fill("#find-word", "朝阳社区")
    her.locator("button[formaction$='/care/ask/place/']").click()
    her.locator("[name=place]").select_option("131022100010")
    given = {"asked_by": "self", "name": "王秀兰", "address": "3 号楼 101", "hour": "09:00", "way": "page", "agreed": "true"}
    fill(her, "form[data-draft=care-ask]", given)
    keep(her, "care-ask")
    her.locator("form[data-draft=care-ask] [data-main]").click()
    her.get_by_text("打开我的页").click()
    her.wait_for_url(re.compile(r"/care/[0-9A-Z]{15}/"))
    keep(her, "care-button", whole=False)
    her.locator("form[action='/elder/'] button").first.click()
    expect(her.locator("body.elder .fine-go")).to_be_visible()
    keep(her, "care-button-elder")
    assert wide(her) <= 0
    box = her.locator(".fine-go").bounding_box()
    assert box is not None
    assert box["height"] >= 300
    her.locator(".fine-go").click()
    expect(her.locator(".fine-given")).to_contain_text("今天报过平安了")
    helped(browsers, her)
    her.locator("form[action$='/end/'] button").click()
    expect(her.locator("main")).to_contain_text("都擦掉了")
