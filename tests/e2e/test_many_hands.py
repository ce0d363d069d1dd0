"""Several units on one matter, as each sees it on their own screen: co-handlers, a whistle, a company asked by a link, a part split off."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from playwright.sync_api import Page, expect

from tests.e2e import acts
from tests.e2e.browser import DESK, PHONE, Browsers, keep, photo
from tests.e2e.prepare import PASSWORD

WORDS = "朝阳社区西门的路灯坏了，路面也坑坑洼洼，老人不敢走"


def sign_in(browsers: Browsers, username: str, size: object) -> Page:
    page = browsers.fresh(size)
    page.goto("/login/")
    page.fill("[name=username]", username)
    page.fill("[name=password]", PASSWORD)
    page.locator("form button.btn--main").click()
    page.wait_for_url(lambda url: "/login/" not in url)
    return page


def step(page: Page, name: str, face: str = "desk") -> None:
    """Open the form of a step by its address, as its button does."""
    page.goto(re.sub(r"[?#].*$", "", page.url) + f"?step={name}")
    page.locator(".step__form, form#step").first.wait_for()


def send(page: Page) -> None:
    page.locator(".step__form [data-main], form#step [data-main]").first.click()
    acts.taken(page)


def test_two_units_and_a_company_work_on_one_matter_and_the_lead_waits(browsers: Browsers) -> None:
    said = acts.say_a_lamp_is_broken(browsers.fresh(PHONE), WORDS)
    clerk = browsers.enter("clerk", DESK)
    acts.open_on_the_desk(clerk, said.code)
    clerk.keyboard.press("a")
    clerk.locator(".step__form [data-main]").click()
    acts.taken(clerk)
    step(clerk, "assign")
    clerk.locator("select[name=unit]").select_option("131022-lighting")
    clerk.locator("input[name=with][value='131022-urban']").check()
    clerk.locator("textarea[name=words]").fill("灯杆你们扶，路面请城管补")
    keep(clerk, "hands-assign")
    send(clerk)
    expect(clerk.locator(".kin")).to_contain_text("固安县城市管理")
    keep(clerk, "hands-desk")

    lead = browsers.enter("handler", PHONE)
    acts.sign_on_the_phone(lead, said.code, "hands-lead")
    expect(lead.locator("#open + .task")).to_contain_text("还有协办没有答复：固安县城市管理综合行政执法局")
    assert not lead.get_by_role("link", name="答复", exact=True).count(), "a button that can only be refused is no button"
    keep(lead, "hands-lead-waits")

    step(lead, "ask_outside", "tasks")
    lead.locator("input[name=party]").fill("幸福物业")
    lead.locator("textarea[name=words]").fill("西门的减速带什么时候装？")
    send(lead)
    lead.locator(".kin a", has_text="答复链接").click()
    link = lead.locator("p.hash").inner_text()
    keep(lead, "hands-link")
    company = browsers.fresh(PHONE)
    company.goto(link)
    expect(company.locator("blockquote.said").first).to_contain_text("西门的减速带")
    assert "老人不敢走" not in company.content()
    keep(company, "hands-company")
    company.locator("a.btn--main").click()
    company.locator("textarea[name=words]").fill("后天装")
    keep(company, "hands-company-answer")
    company.locator("form button.btn--main").click()
    company.wait_for_url(lambda url: url.rstrip("/").endswith(link.split("/m/")[1].split("/")[0]))
    expect(company.locator("main")).to_contain_text("这个链接用过了")
    keep(company, "hands-company-done")

    helper = sign_in(browsers, "gx.urban2", PHONE)
    helper.goto("/tasks/")
    helper.locator("a.task", has_text="朝阳社区西门").first.click()
    keep(helper, "hands-helper")
    helper.get_by_role("button", name="签收").click()
    acts.taken(helper)
    step(helper, "answer", "tasks")
    helper.locator("textarea[name=words]").fill("路面补好了，可以走了")
    send(helper)

    lead.goto(f"/tasks/{said.code}/")
    expect(lead.locator("#open + .task")).to_contain_text("路面补好了")
    keep(lead, "hands-lead-again")
    step(lead, "answer", "tasks")
    lead.locator("input[name=outcome][value=solved]").check()
    lead.locator("textarea[name=words]").fill("灯杆扶正了，路面也补了")
    lead.set_input_files("input[name=photos]", photo("西门修好", "#2f3a55"))
    send(lead)
    speaker = browsers.fresh(PHONE)
    acts.follow(speaker, said)
    expect(speaker.locator("main")).to_contain_text("固安县城市管理综合行政执法局")
    keep(speaker, "hands-speaker")
    stranger = browsers.enter("stranger", DESK)
    assert acts.status_of(stranger, f"/desk/{said.code}/") == 404
    assert acts.status_of(stranger, link.replace("/m/", "/desk/").split("#")[0]) == 404


def test_a_township_whistles_and_both_sides_write_down_the_arrival(browsers: Browsers) -> None:
    said = acts.say_a_lamp_is_broken(browsers.fresh(PHONE), "朝阳社区北门的路灯坏了，灯杆斜着不好走")
    clerk = browsers.enter("clerk", DESK)
    acts.open_on_the_desk(clerk, said.code)
    clerk.keyboard.press("a")
    clerk.locator(".step__form [data-main]").click()
    acts.taken(clerk)
    step(clerk, "whistle")
    clerk.locator("input[name=with][value='131022-urban']").check()
    soon = datetime.now() + timedelta(minutes=40)
    clerk.locator("input[name=meet_at]").fill(soon.strftime("%Y-%m-%dT%H:%M"))
    clerk.locator("input[name=where]").fill("北门灯杆旁")
    clerk.locator("textarea[name=words]").fill("一起把灯杆挪开")
    keep(clerk, "whistle-form")
    send(clerk)
    expect(clerk.locator(".kin")).to_contain_text("吹哨，待应答")
    called = sign_in(browsers, "gx.urban2", PHONE)
    called.goto("/tasks/")
    called.locator("a.task", has_text="朝阳社区北门").first.click()
    keep(called, "whistle-called")
    step(called, "come", "tasks")
    send(called)
    step(called, "arrive", "tasks")
    send(called)
    keep(called, "whistle-arrived")
    clerk.goto(f"/desk/{said.code}/")
    clerk.locator(".kin a").first.click()
    expect(clerk.locator("main.case")).to_contain_text("一方记了到场")
    step(clerk, "arrive")
    send(clerk)
    expect(clerk.locator("main.case")).to_contain_text("到场了")
    keep(clerk, "whistle-met")


def test_a_part_split_off_stands_on_the_speakers_page_with_its_own_code(browsers: Browsers) -> None:
    phone = browsers.fresh(PHONE)
    said = acts.say_a_lamp_is_broken(phone, "朝阳社区南门的路灯坏了，旁边垃圾桶也满了没人清")
    clerk = browsers.enter("clerk", DESK)
    acts.open_on_the_desk(clerk, said.code)
    clerk.keyboard.press("a")
    clerk.locator(".step__form [data-main]").click()
    acts.taken(clerk)
    step(clerk, "split")
    clerk.locator("textarea[name=text]").fill("垃圾桶满了没人清")
    keep(clerk, "split-form")
    send(clerk)
    expect(clerk.locator(".kin")).to_contain_text("待受理")
    acts.follow(phone, said)
    part = phone.locator("article.matter a").first
    keep(phone, "split-speaker")
    part.click()
    expect(phone.locator("h1")).to_contain_text("垃圾桶满了")
    expect(phone.locator("blockquote.said").first).to_be_visible()
