"""Two residents with the same lamp; an old photo refused; both judge; a quorum; a matter turned into a petition and its ladder."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.acts import (
    Said,
    assign_step_by_step,
    follow,
    open_on_the_desk,
    rate,
    say_a_lamp_is_broken,
    sign_on_the_phone,
    status_of,
    taken,
)
from tests.e2e.browser import DESK, Browsers, keep, photo, until
from tests.e2e.test_village_desk import sign_in_with_password

pytestmark = [pytest.mark.slow]
OLD, NEW = "旧路灯一", "新装的四盏"


def step(page: Page, code: str, name: str, shots: str = "", face: str = "desk", **given: Any) -> None:
    """One step by its form, as its address opens it."""
    page.goto(f"/{face}/{code}/?step={name}")
    form = page.locator(".step__form, form#step").first
    for field, value in given.items():
        where = form.locator(f"[name={field}]").first
        kind = where.evaluate("e => e.tagName + ':' + e.type")
        if kind.endswith("radio"):
            form.locator(f"[name={field}][value='{value}']").check()
        elif kind.endswith("select-one"):
            where.select_option(value)
        elif kind.endswith("file"):
            where.set_input_files(value)
        else:
            where.fill(value)
    if shots:
        keep(page, shots)
    form.locator("[data-main]").click()


def answered(page: Page, code: str, words: str, shots: str = "") -> None:
    step(page, code, "answer", shots, "tasks", outcome="solved", words="灯泡和线路都换了，当晚亮了", photos=photo(words))


def lamp(browsers: Browsers, number: int) -> Said:
    return say_a_lamp_is_broken(browsers.fresh(), f"东门路灯坏了，第{number}个人说")


def joined(browsers: Browsers, first: Said, second: Said, clerk: Page) -> None:
    open_on_the_desk(clerk, first.code)
    assign_step_by_step(clerk, first.code, "endings-lead")
    step(clerk, second.code, "merge", "endings-merge", into=first.code)
    taken(clerk)


def wait_for(page: Page, said: Said, words: str) -> None:
    """The worker tells the joined one within some turns."""

    def read() -> bool:
        follow(page, said)
        return page.get_by_text(words).count() > 0

    until(page, read)


def test_two_say_the_same_an_old_photo_is_refused_and_the_first_who_spoke_has_it_ruled_above(browsers: Browsers) -> None:
    clerk, handler = browsers.enter("clerk", DESK), browsers.enter("handler")
    before = lamp(browsers, 0)
    open_on_the_desk(clerk, before.code)
    assign_step_by_step(clerk, before.code, "endings-before")
    sign_on_the_phone(handler, before.code, "endings-before")
    answered(handler, before.code, OLD)
    taken(handler)

    second, lead = lamp(browsers, 1), lamp(browsers, 2)
    joined(browsers, lead, second, clerk)
    sign_on_the_phone(handler, lead.code, "endings-sign")
    answered(handler, lead.code, OLD, "endings-old-photo")
    expect(handler.get_by_text("已经在").first).to_be_visible()
    keep(handler, "endings-refused")
    answered(handler, lead.code, NEW)
    taken(handler)

    mine, other = browsers.fresh(), browsers.fresh(locale="en-GB")
    wait_for(mine, second, "灯泡和线路都换了")
    keep(mine, "endings-joined-answered")
    follow(other, lead)
    keep(other, "endings-lead-answered-en")
    rate(mine, solved=False, words="只亮了一盏", shots="endings-second")
    wait_for(browsers.fresh(), lead, "裁定")
    supervisor = browsers.enter("supervisor", DESK)
    step(supervisor, lead.code, "rule_reopen", "endings-rule", unit="131022-lighting", words="四盏都要亮，换一个班组")
    taken(supervisor)
    stranger = browsers.enter("stranger", DESK)
    assert status_of(stranger, f"/desk/{second.code}/") == 404


def test_a_matter_is_turned_and_its_ladder_is_climbed_by_the_petition_office(browsers: Browsers) -> None:
    clerk, said = browsers.enter("clerk", DESK), lamp(browsers, 9)
    step(clerk, said.code, "turn", "petition-turn", words="要求赔偿，反映三次，是信访诉求")
    taken(clerk)
    page = browsers.fresh()
    follow(page, said)
    keep(page, "petition-matter")
    child = page.locator("a[href*='/m/']").evaluate_all(
        "(all, own) => all.map(a => a.getAttribute('href')).filter(h => !h.includes(own))", said.code
    )
    code = next(part for href in child for part in href.split("/") if len(part) == 15)
    office = browsers.fresh(DESK)
    sign_in_with_password(office, "gx.petition")
    step(office, code, "classify", "petition-sort", sort="complaint", way="petition")
    taken(office)
    step(office, code, "accept", "petition-accept", unit="131022-lighting")
    taken(office)
    handler = browsers.enter("handler")
    step(handler, code, "decide", "petition-decide", "tasks", outcome="explain", words="查明：灯已修，没有损失", article="条例第三十二条")
    taken(handler)
    follow(page, Said(code, said.secret))
    expect(page.get_by_text("三十日内").first).to_be_visible()
    keep(page, "petition-decided")
    page.get_by_role("link", name="请求复查").click()
    page.locator("form button.btn--main").click()
    follow(page, Said(code, said.secret))
    keep(page, "petition-asked")
    assert status_of(browsers.enter("stranger", DESK), f"/desk/{code}/") == 404
