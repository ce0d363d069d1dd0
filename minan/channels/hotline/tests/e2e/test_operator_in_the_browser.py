"""许静怡 in Chromium, without a mouse: a call rings, she types what she hears, one press; words survive reload and hang-up."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from minan.channels.hotline.tests.calling import NUMBER, Line, said
from minan.kernel.models import Case, Event, User
from minan.kernel.tests.desks import desk_of
from minan.kernel.tests.waiting import until

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="not run: the hotline in a browser (chromium missing)"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("tables_can_be_emptied"),
]
HEARD = "您好，固安镇朝阳社区东门外头，三盏路灯都不亮了，有四五天了，晚上老人出门看不清道。"
PRESSES_MOST = 4  # besides the letters of what was said: from the first word to the code on the screen


def signed_in(chromium: Any, live_server: Any, name: str, width: int = 1440, lang: str = "zh-CN") -> Page:
    context = chromium.new_context(
        locale=lang, viewport={"width": width, "height": 900}, service_workers="block", base_url=live_server.url
    )
    cookie = desk_of(name).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page: Page = context.new_page()
    page.goto("/hotline/")
    words = "document.getElementById('hl-text')"
    until(page, f"!{words} || document.activeElement === {words}")  # the focus comes with the first frame, after "load"
    return page


@pytest.fixture
def page(chromium: Any, live_server: Any, people: dict[str, User]) -> Iterator[Page]:
    found = signed_in(chromium, live_server, "operator")
    yield found
    found.context.close()


def shot(page: Page, name: str) -> None:
    where = os.environ.get("MINAN_SHOTS")
    if where:
        page.screenshot(path=f"{where}/{name}.png", full_page=True)


def test_from_the_first_word_to_the_code_with_four_presses_and_no_mouse(page: Page, line: Line) -> None:
    earlier = said(text="朝阳社区东门外路灯坏了")
    line.rings()
    page.get_by_text("有电话打进来").wait_for()
    line.is_taken()
    page.get_by_text("通话中").wait_for()
    until(page, "document.querySelector('[name=phone]').value.length > 0")
    assert page.input_value("[name=phone]") == NUMBER
    assert page.evaluate("document.activeElement.id") == "hl-text", "she can type at once"
    presses, began = 0, time.monotonic()
    page.keyboard.type(HEARD, delay=15)
    page.locator("#hl-hints input[name=kind]:checked").wait_for()
    page.get_by_text("可能是同一件").wait_for()
    assert earlier.code in page.inner_text("#hl-hints").replace("-", "")
    assert page.get_by_label("朝阳社区").first.is_checked()
    shot(page, "hotline-1440-zh")
    page.keyboard.press("Control+Enter")
    presses += 1
    page.get_by_text("已受理，已交给").wait_for()
    assert presses <= PRESSES_MOST
    assert time.monotonic() - began < 40
    case = Case.objects.exclude(id=earlier.id).get()
    assert "".join(page.locator(".hl__code span").all_inner_texts()) == case.code
    assert [e.step for e in Event.objects.filter(case_id=case.id).order_by("n")] == ["say", "accept", "assign"]
    shot(page, "hotline-receipt")
    page.wait_for_load_state()  # else its keys are not heard yet
    page.keyboard.press("n")
    page.locator("#hl-text").wait_for()
    assert page.input_value("#hl-text") == ""


def test_the_place_by_landmark_and_the_kind_by_keyboard(page: Page) -> None:
    page.keyboard.type("门口井盖没了，可吓人了")
    page.keyboard.press("Tab")
    page.keyboard.type("东门医院")
    page.get_by_label("东门医院").wait_for()
    assert "固安镇" in page.inner_text("#hl-hints")
    assert page.get_by_label("东门医院").is_checked()
    page.locator("[data-alt='1']").wait_for()
    page.keyboard.press("Alt+1")
    page.keyboard.press("Enter")  # in the field of one line: sends
    page.get_by_text("念给来电人：编号").wait_for()
    case = Case.objects.get()
    assert (case.place, case.place_words) == ("131022100010", "东门医院")
    assert case.kind


def test_danger_stands_in_front_while_she_types_and_one_key_calls_the_duty_post(page: Page) -> None:
    page.keyboard.type("朝阳社区三号楼着火了，楼道都是烟")
    page.locator("a[href='tel:119']").wait_for()
    assert "着火" in page.inner_text(".hl__danger")
    shot(page, "hotline-danger")
    page.keyboard.press("F8")
    page.get_by_text("已按紧急登记").wait_for()
    case = Case.objects.get()
    assert case.urgency == "emergency"
    assert case.marks["danger"] is True


def test_what_was_typed_survives_hang_up_reload_and_a_killed_page(page: Page, line: Line) -> None:
    line.rings().is_taken()
    page.get_by_text("通话中").wait_for()
    with page.expect_response(lambda answer: parse_qs(answer.request.post_data or "").get("text") == [HEARD]) as kept:
        page.keyboard.type(HEARD)
    assert kept.value.ok
    page.get_by_text("写的都已密封保存").wait_for()
    line.hangs_up()
    page.get_by_text("没有来电").wait_for()
    assert page.input_value("#hl-text") == HEARD
    context = page.context
    page.close(run_before_unload=False)
    again = context.new_page()
    again.goto("/hotline/")
    assert again.input_value("#hl-text") == HEARD
    kept = again.evaluate("Object.values(localStorage).join()")
    assert "路灯" not in kept, "nothing lies in a shared browser"
    again.locator("#hl-text").focus()
    again.keyboard.press("Control+Enter")
    again.get_by_text("念给来电人：编号").wait_for()
    assert Case.objects.count() == 1


def test_the_callers_own_matters_come_with_their_yes_and_go_at_hang_up(page: Page, line: Line) -> None:
    hers = said()
    line.rings().is_taken()
    page.get_by_text("通话中").wait_for()
    assert hers.title not in page.inner_text("body")
    page.keyboard.press("F4")
    page.get_by_text("来电人自己没办完的事").wait_for()
    assert hers.title in page.inner_text("#hl-line")
    shot(page, "hotline-own")
    page.get_by_text("催办、补充、代记评价").click()
    page.get_by_label("来电人的话").fill("老人又摔了一跤")
    with page.expect_response(lambda answer: answer.request.method == "POST" and "/urge/" in answer.request.url) as urged:
        page.get_by_role("button", name="催办", exact=True).click()
    assert urged.value.status < 400
    assert Event.objects.filter(case_id=hers.id, step="urge", by="1310-centre:operator").count() == 1
    line.hangs_up()
    page.get_by_text("没有来电").wait_for()
    assert hers.title not in page.inner_text("body")


@pytest.mark.parametrize(("width", "lang"), [(1440, "en-US"), (1024, "zh-CN"), (390, "zh-CN")])
def test_axe_finds_nothing_and_nothing_runs_off_the_screen(
    chromium: Any, live_server: Any, people: dict[str, User], line: Line, width: int, lang: str
) -> None:
    line.rings().is_taken()
    page = signed_in(chromium, live_server, "operator", width, lang)
    page.fill("#hl-text", "朝阳社区三号楼着火了，楼道都是烟")
    page.locator("a[href='tel:119']").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page)
    assert [v["id"] for v in found.response["violations"]] == []
    shot(page, f"hotline-{width}-{lang[:2]}")
    page.context.close()


def test_the_stranger_finds_no_hotline(chromium: Any, live_server: Any, people: dict[str, User]) -> None:
    page = signed_in(chromium, live_server, "stranger")
    assert page.locator("#hl-text").count() == 0
    assert page.goto("/hotline/").status == 404  # type: ignore[union-attr]
    page.context.close()
