"""Time is asked for, given, ordered and listed in a real browser by handler, line and county; refused to the stranger."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pypdfium2
from playwright.sync_api import Page, expect

from tests.e2e import acts
from tests.e2e.browser import DESK, PHONE, Browsers, keep
from tests.e2e.city import ROOT

LINE = "gx.urban"  # 潘志远, to whom the lighting office answers by line


def enter_as(browsers: Browsers, username: str) -> Page:
    """A desk of somebody the demo has no door for."""
    made = subprocess.run(
        [sys.executable, "-m", "tests.e2e.signed_in", username], cwd=ROOT, env=browsers.city.environment, text=True,
        capture_output=True, check=True,
    )  # fmt: skip
    page = browsers.fresh(DESK)
    page.context.add_cookies([{"name": "sessionid", "value": made.stdout.strip(), "url": browsers.city.url}])
    return page


def later(days: int) -> str:
    """A day from today, as the city counts it: after 16:00 UTC it is tomorrow there already."""
    return (datetime.now(ZoneInfo("Asia/Shanghai")).date() + timedelta(days=days)).isoformat()


def send(page: Page) -> None:
    page.locator("form [data-main]").last.click()
    acts.taken(page)


def test_a_pause_an_order_and_a_listing_as_the_four_of_them_live_them(browsers: Browsers) -> None:
    resident = browsers.fresh(PHONE)
    said = acts.say_a_lamp_is_broken(resident)
    clerk = browsers.enter("clerk", DESK)
    acts.open_on_the_desk(clerk, said.code)
    acts.assign_step_by_step(clerk, said.code, "clocks")

    handler = browsers.enter("handler", PHONE)
    acts.sign_on_the_phone(handler, said.code, "clocks")
    handler.goto(f"/tasks/{said.code}/ask_pause/")
    handler.locator("select[name=ground]").select_option("appraisal")
    handler.locator("textarea[name=words]").fill("等路灯厂家的检测报告")
    handler.locator("input[name=until]").fill(later(80))
    handler.locator("form#step [data-main]").click()
    expect(handler.get_by_text("这个理由最多 30 天").first).to_be_visible()
    expect(handler.locator("textarea[name=words]")).to_have_value("等路灯厂家的检测报告")
    handler.locator("input[name=until]").fill(later(9))
    keep(handler, "clocks-ask-pause")
    handler.locator("form#step [data-main]").click()
    acts.taken(handler)

    line = enter_as(browsers, LINE)
    line.goto("/supervise/")
    keep(line, "clocks-line-decides")
    line.locator("section", has=line.locator("#h-mine")).get_by_role("link", name=acts.LAMP[:8]).first.click()
    line.locator("textarea[name=words]").first.fill("要等厂家检测，下周接着办，请您放心")
    keep(line, "clocks-pause")
    send(line)

    acts.follow(resident, said)
    expect(resident.get_by_text("法律规定的时限不停").first).to_be_visible()
    expect(resident.get_by_text("等路灯厂家的检测报告").first).to_be_visible()
    keep(resident, "clocks-speaker-paused")

    county = browsers.enter("supervisor", DESK)
    county.goto(f"/supervise/{said.code}/")
    county.locator("input[name=by]").fill(later(3))
    keep(county, "clocks-order")
    county.locator("form [data-main]").click()
    acts.taken(county)
    county.goto(f"/desk/{said.code}/list_it/")
    county.locator("textarea[name=words]").fill("分管副县长包案，入冬前全部修好")
    county.locator("input[name=by]").fill(later(30))
    keep(county, "clocks-list-it")
    send(county)
    county.goto("/supervise/")
    keep(county, "clocks-supervise")
    expect(county.locator("section", has=county.locator("#h-terms"))).to_contain_text("督办没回复的")

    handler.goto("/listed/")
    expect(handler.get_by_role("link", name=acts.LAMP[:8]).first).to_be_visible()
    keep(handler, "clocks-listed-phone")
    handler.goto(f"/tasks/{said.code}/reply_order/")
    handler.locator("textarea[name=words]").fill("检测报告一到当天换灯")
    handler.locator("form#step [data-main]").click()
    acts.taken(handler)

    paper(county, said.code)
    the_stranger(browsers, said.code)


def paper(county: Page, code: str) -> None:
    """The order as a page, and as a PDF whose words can be found."""
    county.goto(f"/desk/{code}/")
    number = county.locator("text=/督办〔\\d+〕\\d+号/").first
    expect(number).to_be_visible()
    found = next(n for n in range(2, 40) if county.request.get(f"/desk/{code}/order/{n}/").status == 200)
    county.goto(f"/desk/{code}/order/{found}/")
    keep(county, "clocks-order-paper")
    answer = county.request.get(f"/desk/{code}/order/{found}/pdf/")
    assert answer.headers["content-type"] == "application/pdf"
    page = pypdfium2.PdfDocument(answer.body())[0]
    assert "督办〔" in page.get_textpage().get_text_range()


def the_stranger(browsers: Browsers, code: str) -> None:
    stranger = browsers.enter("stranger", DESK)
    stranger.goto("/listed/")
    keep(stranger, "clocks-listed-stranger")
    text = stranger.content()
    assert acts.LAMP not in text
    assert code not in text.replace("-", "")
    for address in (
        f"/supervise/{code}/",
        f"/desk/{code}/list_it/",
        f"/desk/{code}/order/7/pdf/",
        f"/desk/{code}/ask_pause/",
    ):
        assert stranger.request.get(address).status == 404, address
