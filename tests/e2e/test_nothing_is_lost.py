"""What a person typed is still there: after a wrong field, when somebody was faster, when the server stops, when the session ends."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import acts
from tests.e2e.browser import DESK, PHONE, Browsers, keep, photo
from tests.e2e.city import City
from tests.e2e.prepare import PASSWORD

WORDS = "朝阳社区菜市场门口的路灯全灭了，卖菜的大姐摔了一跤"


def send(page: Page) -> None:
    page.locator("button.btn--main", has_text="发出去").click()


def test_a_wrong_field_leaves_words_photo_and_place(browsers: Browsers) -> None:
    page = browsers.fresh(PHONE)
    page.goto("/say/")
    page.fill("#id_text", WORDS)
    page.set_input_files("input[name=photos]", photo("坏了的灯"))
    page.get_by_text("留个电话，办好告诉我").click()
    page.fill("#id_phone", "打我家里")
    page.fill("#id_place_words", "菜市场东门")
    send(page)
    page.locator(".is-bad").first.wait_for()
    keep(page, "lost-wrong-field")
    expect(page.locator("#id_text")).to_have_value(WORDS)
    expect(page.locator("#id_phone")).to_have_value("打我家里")
    expect(page.locator("#id_place_words")).to_have_value("菜市场东门")
    expect(page.locator("input[name=kept]")).to_be_checked()
    page.fill("#id_phone", "13800000001")
    send(page)
    page.wait_for_url("**/receipt/")
    expect(page.locator(".doc")).to_contain_text("照片 1 张")


def test_somebody_was_faster_and_her_reasons_are_still_in_the_form(browsers: Browsers) -> None:
    said = acts.say_a_lamp_is_broken(browsers.fresh(PHONE), "朝阳社区幼儿园门口的路灯不亮")
    slow, fast = browsers.enter("clerk", DESK), browsers.enter("clerk", DESK)
    slow.goto(f"/desk/{said.code}/?step=settle")
    slow.locator("textarea[name=words]").fill("已经告诉他去县里办，电话是 12345")
    acts.open_on_the_desk(fast, said.code)
    fast.keyboard.press("g")
    acts.taken(fast)
    slow.locator("select[name=kind]").select_option(index=1)
    chosen = slow.locator("select[name=kind]").input_value()
    with slow.expect_response(lambda answer: answer.request.method == "POST") as sent:
        slow.locator(".step__form [data-main]").click()
    assert sent.value.status == 409
    expect(slow.locator(".banner--amber")).to_contain_text("有人比您快一步")
    keep(slow, "lost-somebody-faster", whole=False)
    expect(slow.locator("textarea[name=words]")).to_have_value("已经告诉他去县里办，电话是 12345")
    expect(slow.locator("select[name=kind]")).to_have_value(chosen)


def test_the_server_stops_while_she_sends_and_her_words_come_back(browsers: Browsers, city_that_runs: City) -> None:
    page = browsers.fresh(PHONE)
    page.goto("/say/")
    page.fill("#id_text", WORDS)
    page.fill("#id_place_words", "菜市场东门")
    page.set_input_files("input[name=photos]", photo("坏了的灯"))
    page.locator("figure[data-preview]").wait_for()
    city_that_runs.stop()
    try:
        send(page)
        page.wait_for_url("chrome-error://**")
    finally:
        city_that_runs.start()
    # Looking something up while nobody answers is told to the console by htmx; that is no fault of the page.
    browsers.trouble[:] = [one for one in browsers.trouble if "htmx:sendError" not in one and "htmx:afterRequest" not in one]
    page.goto("/say/")
    keep(page, "lost-server-stopped")
    expect(page.locator("#id_text")).to_have_value(WORDS)
    expect(page.locator("#id_place_words")).to_have_value("菜市场东门")
    expect(page.locator("#photo")).to_contain_text("照片没有留下，请再选一次")
    page.set_input_files("input[name=photos]", photo("坏了的灯"))
    page.locator("figure[data-preview]").wait_for()
    send(page)
    page.wait_for_url("**/receipt/")
    expect(page.locator(".doc")).to_contain_text("照片 1 张")
    page.goto("/say/")
    expect(page.locator("#id_text")).to_have_value("")
    expect(page.locator("#photo")).not_to_contain_text("没有留下")


def sign_in_again(page: Page) -> None:
    page.fill("[name=username]", "clerk")
    page.fill("[name=password]", PASSWORD)
    page.locator("form button.btn--main").click()


@pytest.mark.parametrize("step", ["note", "ask_more"])
def test_the_session_ends_at_the_desk_and_the_words_are_there_after_signing_in(browsers: Browsers, step: str) -> None:
    said = acts.say_a_lamp_is_broken(browsers.fresh(PHONE), f"朝阳社区粮站的路灯不亮，第 {len(step)} 根")
    page = browsers.enter("clerk", DESK)
    page.goto(f"/desk/{said.code}/?step={step}")
    page.locator("textarea[name=words]").fill("等了一上午才写好的话")
    page.context.clear_cookies(name="sessionid")
    page.locator(".step__form [data-main]").click()
    page.wait_for_url("**/login/**")
    keep(page, f"lost-session-{step}")
    sign_in_again(page)
    page.wait_for_url(f"**/desk/{said.code}/**")
    expect(page.locator("textarea[name=words]")).to_have_value("等了一上午才写好的话")
    page.locator(".step__form [data-main]").click()
    acts.taken(page)
    page.goto(f"/desk/{said.code}/?step={step}")
    expect(page.locator("main.case")).to_contain_text("等了一上午才写好的话")
