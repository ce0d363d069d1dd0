"""The call of an August night, in Chromium: one press, the duty screen rings, nobody answers, the next level, 120, there, over.

The city of these tests goes on to the next after two seconds instead of thirty (MINAN_HELP_RUNG_SECONDS).
"""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.browser import DESK, Browsers, keep, until

ADDRESS = "朝阳社区 3 号楼 2 单元 101"


def enrolled(browsers: Browsers) -> Page:
    """王秀兰 enrols on her own phone; it can call as soon as the lane knows."""
    wang = browsers.enter("resident")
    wang.goto("/help/")
    keep(wang, "help-not-enrolled")
    wang.get_by_role("link", name="我来登记").click()
    wang.locator("[name=find]").fill("朝阳社区")
    wang.get_by_role("button", name="找").click()
    wang.locator("[name=place]").select_option("131022100010")
    wang.locator("[name=address]").fill(ADDRESS)
    wang.locator("[name=name]").fill("王秀兰")
    wang.locator("[name=family1_phone]").fill("13900000011")
    wang.locator("[name=told]").fill("高血压，吃氨氯地平")
    wang.locator("[name=agree]").check()
    keep(wang, "help-enrol")
    wang.get_by_role("button", name="登记", exact=True).click()
    expect(wang.get_by_text("登记好了").first).to_be_visible()
    keep(wang, "help-slip")
    until(wang, lambda: wang.request.get("/help/state/").json()["known"])
    wang.goto("/help/")
    expect(wang.get_by_text("要人帮忙，按下面")).to_be_visible()
    keep(wang, "help-ready")
    return wang


def on_duty(browsers: Browsers, username: str) -> Page:
    """Their screen, with the sound on."""
    page = browsers.enter(username, DESK)
    page.goto("/help/duty/")
    page.locator("[data-sound-on]").click()
    expect(page.locator("#deaf")).to_be_hidden()
    return page


def test_a_press_rings_the_desk_then_the_next_level_until_somebody_is_there(browsers: Browsers) -> None:
    wang, point, station = enrolled(browsers), on_duty(browsers, "worker"), on_duty(browsers, "clerk")
    wang.context.set_offline(True)  # a bad line: the press waits on the phone, and the screen says so
    wang.locator(".press__button").click()
    expect(wang.locator("#words")).to_contain_text("还没发出去")
    keep(wang, "help-waiting")
    expect(wang.locator("a[href='tel:120']")).to_be_visible()
    wang.context.set_offline(False)
    expect(wang.locator("#words")).not_to_contain_text("还没发出去")

    ringing = point.locator("#ringing article")
    expect(ringing).to_have_count(1)
    until(point, lambda: (point.locator("body").get_attribute("data-rang") or "").startswith("call"))
    keep(point, "help-duty-rings")
    expect(wang.locator("#words")).to_contain_text("已经叫到")
    expect(station.locator("#ringing article")).to_have_count(1)  # nobody said that they would go: the next level
    expect(wang.locator("#late")).to_be_visible()
    keep(wang, "help-nobody-yet")

    until(station, lambda: _opened(station))
    expect(station.get_by_text("一分钟没有人接：打 120").first).to_be_visible()
    station.get_by_role("button", name="看卡片").click()
    expect(station.get_by_text(ADDRESS).first).to_be_visible()
    keep(station, "help-card")
    station.get_by_role("button", name="我去").click()
    expect(wang.locator("#words")).to_contain_text("说马上去")
    _step(station, "回拨了", "没有人接")
    expect(station.get_by_text("该打 120 了").first).to_be_visible()
    _step(station, "打了 120", "回拨没有人接")
    expect(station.get_by_text("该打 120 了")).to_have_count(0)
    station.get_by_role("button", name="上路了").click()
    expect(wang.locator("#words")).to_contain_text("在路上")
    keep(wang, "help-coming")
    station.get_by_role("button", name="到了", exact=True).click()
    expect(wang.locator("#words")).to_contain_text("来帮您的人到了")
    station.get_by_role("link", name="结束", exact=True).click()
    station.get_by_label("120 送医", exact=True).check()
    station.locator("[name=words]").fill("头晕站不稳，陪到 120 来，女儿随车去医院了。")
    station.locator("#do [data-main]").click()
    expect(station.locator("#moving")).to_contain_text("已结束")
    keep(station, "help-closed")
    expect(wang.locator("#words")).to_contain_text("结束了")
    keep(wang, "help-over")
    expect(point.locator("#ringing article")).to_have_count(0)
    _english(browsers, station.url)


def _opened(station: Page) -> bool:
    """From the ringing screen to the call's page; the first press may find the records a moment behind."""
    if "/help/c/" in station.url:
        return True
    link = station.locator("#ringing article a").first
    if link.count():
        link.click()
    return "/help/c/" in station.url


def _step(page: Page, label: str, choice: str) -> None:
    page.get_by_role("link", name=label, exact=True).click()
    page.locator("#do").get_by_label(choice, exact=True).check()
    page.locator("#do [data-main]").click()
    expect(page.locator("#do")).to_have_count(0)


def _english(browsers: Browsers, call: str) -> None:
    """The same pages as an English reader sees them: no Chinese of ours is left."""
    clerk = browsers.enter("clerk", DESK, locale="en-GB")
    clerk.goto(call)
    expect(clerk.get_by_text("Second by second")).to_be_visible()
    keep(clerk, "help-call-en")
    clerk.goto("/help/duty/")
    expect(clerk.get_by_role("heading", name="Help desk")).to_be_visible()
    keep(clerk, "help-duty-en")
    phone = browsers.fresh(locale="en-GB")
    phone.goto("/help/")
    expect(phone.get_by_text("This phone cannot call yet")).to_be_visible()
    assert not re.search(r"[\u3400-\u9fff]", phone.locator("main").inner_text())
    keep(phone, "help-not-enrolled-en")
