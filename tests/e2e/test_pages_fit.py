"""Chen Jing's desk and Sun Lihua's menu fit where they are read: the code whole, the name whole, no empty panel, the bar to its edge."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e import acts
from tests.e2e.browser import DESK, PHONE, Browsers, keep
from tests.e2e.looked_at import BROKEN, HIDDEN
from tests.e2e.test_axe import say_so

# Elements that are not wholly seen: cut by themselves, or by the box they stand in.
CUT_OFF = """([what, box]) => [...document.querySelectorAll(what)].filter((one) => {
  const mine = one.getBoundingClientRect(), around = one.closest(box).getBoundingClientRect();
  return one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== "inline"
    || mine.right > around.right + 1 || mine.left < around.left - 1;
}).map((one) => one.textContent)"""


# Entries of the filters narrower than their words, which then lie over the next one's; the strip is swiped, never squeezed.
SQUEEZED = """() => [...document.querySelectorAll(".filters a")]
  .filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent)"""


# What is pressed and is smaller than a thumb, 44 px; a link inside a sentence stays a word.
SMALL = """() => [...document.querySelectorAll(".btn, .chip, .brand, .back, .door, .nav a, .filters a, summary, select, input.input")]
  .filter((one) => {
    const box = one.getBoundingClientRect();
    return box.width && one.checkVisibility({visibilityProperty: true}) && !one.closest(".vh") && (box.width < 43.5 || box.height < 43.5);
  }).map((one) => `${one.className || one.tagName}: ${one.textContent.trim().slice(0, 20)}`)"""


@pytest.mark.parametrize(
    ("who", "addresses"),
    [
        ("resident", "/ /help/ /help/enrol/ /doors/ /doors/about/ /care/ /care/ask/ /care/stays/apply/ /bulletins/ /lost/new/ /services/"),
        ("clerk", "/desk/ /duty/ /help/duty/ /devices/new/ /devices/ /doors/desk/ /bulletins/desk/ /bulletins/write/emergency/"),
    ],
)
def test_what_is_pressed_on_a_phone_is_as_big_as_a_thumb(browsers: Browsers, who: str, addresses: str) -> None:
    page = browsers.enter(who, PHONE)
    for address in addresses.split():
        page.goto(address)
        assert page.locator("h1").count() == 1, address
        assert page.evaluate(SMALL) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], address


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("lang", ["zh-hans", "en"])
def test_a_row_of_the_desk_keeps_its_code_and_the_bar_its_person(browsers: Browsers, size: Any, lang: str) -> None:
    acts.say_a_lamp_is_broken(browsers.fresh(PHONE), "朝阳社区广场健身器材那儿的路灯不亮，天黑以后孩子容易绊倒")
    chen = browsers.enter("clerk", size)
    say_so(chen, django_language=lang)
    chen.goto("/desk/")
    assert chen.locator(".item .code").count() > 0
    assert chen.evaluate(CUT_OFF, [".item .code", ".item"]) == []
    assert chen.evaluate(CUT_OFF, [".bar__name", ".bar__who"]) == []
    assert chen.evaluate(SQUEEZED) == []
    assert chen.locator(".bar__name").inner_text() == ("陈静" if lang == "zh-hans" else "Chen Jing")
    assert chen.locator(".case__body--none").is_visible() is (size == DESK), "nothing to open on the left of a phone"
    keep(chen, f"fit-desk-{lang}-{size['width']}", whole=False)


@pytest.mark.parametrize("who", ["admin", "supervisor", "clerk"])
@pytest.mark.parametrize("lang", ["zh-hans", "en"])
def test_the_bar_ends_where_the_page_ends(browsers: Browsers, who: str, lang: str) -> None:
    page = browsers.enter(who, DESK)
    say_so(page, django_language=lang)
    page.goto("/admin/" if who == "admin" else "/desk/")
    right = page.evaluate("document.querySelector('.bar__end').lastElementChild.getBoundingClientRect().right")
    assert DESK["width"] - 20 <= right <= DESK["width"]


def test_the_menu_shows_where_one_is_and_a_table_breaks_no_word(browsers: Browsers) -> None:
    sun, gao = browsers.enter("supervisor"), browsers.enter("admin")
    for page, address in (
        (sun, "/supervise/"),
        (gao, "/admin/editions/"),
        (gao, "/admin/kinds/"),
        (gao, "/admin/duties/"),
    ):
        say_so(page, django_language="en")
        page.goto(address)
        assert page.locator("nav [aria-current]").count() >= 1
        assert page.evaluate(HIDDEN) == [], address
        assert page.evaluate(BROKEN) == [], address
    gao.goto("/admin/editions/")
    gao.evaluate("document.querySelectorAll('.filters').forEach((menu) => { menu.scrollLeft = 0 })")
    assert gao.evaluate(HIDDEN) == ["Changes"], "the rule finds what it is for"
