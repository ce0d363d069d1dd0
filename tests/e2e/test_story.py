"""The whole round in a real browser: said, accepted, assigned, answered, not solved, ordered again, answered, judged, closed."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from minan.lib.codes import pretty
from tests.e2e import acts
from tests.e2e.acts import Said
from tests.e2e.browser import DESK, PHONE, Browsers, keep, token

POSTS = ("accept", "assign", "straight", "ask_refusal", "refuse", "note", "call", "progress")
NOBODYS = "0123456789ABCDE"


class NextTownship:
    """周敏 at her own desk: at every point of the story she tries all doors of somebody else's matter."""

    def __init__(self, browsers: Browsers) -> None:
        self.page = browsers.enter("stranger", DESK)
        self.page.goto("/desk/")
        keep(self.page, "stranger-desk")
        self.token = token(self.page)

    def sees_nothing(self, said: Said, pictures: list[str]) -> None:
        ask, code = self.page.request, said.code
        pages = [f"/desk/{code}/", f"/tasks/{code}/", f"/supervise/{code}/"]
        ids = [re.findall(r"[0-9a-f-]{36}", address)[0] for address in pictures]
        pages += [f"/desk/{code}/photos/{i}/" for i in ids] + [f"/desk/{code}/photos/{i}/?small=1" for i in ids]
        pages += [f"/m/{code}/photo/{i}" for i in ids] + [f"/m/{code}/photo/{i}/thumb" for i in ids]
        assert {address: ask.get(address).status for address in pages} == dict.fromkeys(pages, 404)
        steps = [
            f"/{face}/{code}/{step}/"
            for face, step in [*(("desk", p) for p in POSTS), ("tasks", "sign"), ("tasks", "answer")]
        ]
        sent = {"csrfmiddlewaretoken": self.token, "words": "看看", "unit": "131022101-station", "moves": "1"}
        referer = {"Referer": self.page.url}
        assert {address: ask.post(address, form=sent, headers=referer).status for address in steps} == dict.fromkeys(
            steps, 404
        )
        assert ask.get(f"/desk/{code}/").body() == ask.get(f"/desk/{NOBODYS}/").body()
        for address in (
            "/desk/",
            "/desk/?q=路灯",
            "/desk/?q=东门口",
            f"/desk/?q={code}",
            "/desk/?closed=1",
            "/tasks/",
            "/board/?all=1",
        ):
            found = ask.get(address)
            assert found.status == 200, address
            assert f"/{code}/" not in found.text(), address
            assert pretty(code) not in found.text(), address
            assert acts.LAMP not in found.text(), address


def not_solved_goes_up(page: Page, said: Said) -> None:
    """王秀兰 by her link: not solved, not satisfied; the page says who decides now."""
    acts.follow(page, said)
    keep(page, "resident-answered")
    acts.rate(page, solved=False, words="只亮了一盏，另外两盏还是黑的", shots="resident-not")
    expect(page.locator("main")).to_contain_text("固安县群众服务中心")
    expect(page.locator("main")).to_contain_text("已经交到上一级")
    keep(page, "resident-gone-up")


def ordered_again(page: Page, said: Said) -> None:
    """孙丽华 finds it among what she has to decide and sends it back with an order."""
    page.goto("/supervise/")
    keep(page, "supervisor-overview")
    page.locator(f"section[aria-labelledby=h-mine] a[href*='{said.code}']").click()
    keep(page, "supervisor-case")
    page.keyboard.press("r")
    page.locator("select[name=unit]").select_option("131022-lighting")
    page.locator("textarea[name=words]").fill("三盏都要亮，今天晚上办好，拍照答复")
    keep(page, "supervisor-rules")
    page.keyboard.press("Control+Enter")
    acts.taken(page)
    expect(page.locator("main.case")).to_contain_text("督办〔")
    keep(page, "supervisor-ruled")


def test_wang_xiulan_judges_and_the_next_township_sees_nothing(browsers: Browsers) -> None:
    next_township = NextTownship(browsers)
    resident = browsers.enter("resident")
    keep(resident, "resident-home")
    said = acts.say_a_lamp_is_broken(resident, shots="resident")
    next_township.sees_nothing(said, [])

    clerk = browsers.enter("clerk", DESK)
    keep(clerk, "clerk-inbox", whole=False)
    acts.open_on_the_desk(clerk, said.code)
    keep(clerk, "clerk-case", whole=False)
    pictures = acts.pictures_of(clerk)
    assert [acts.status_of(clerk, address) for address in pictures] == [200]
    acts.assign_step_by_step(clerk, said.code, "clerk")
    next_township.sees_nothing(said, pictures)

    handler = browsers.enter("handler")
    acts.sign_on_the_phone(handler, said.code, "handler")
    next_township.sees_nothing(said, pictures)
    acts.answer_on_the_phone(handler, "换了一只灯泡，通电亮了", "handler")
    keep(handler, "handler-answered")
    next_township.sees_nothing(said, pictures)

    at_home = browsers.fresh(PHONE)
    not_solved_goes_up(at_home, said)
    next_township.sees_nothing(said, pictures)
    ordered_again(browsers.enter("supervisor", DESK), said)
    next_township.sees_nothing(said, pictures)
    acts.sign_on_the_phone(handler, said.code, "handler-again")
    acts.answer_on_the_phone(handler, "三盏都换了，晚上八点全亮", "handler-again")
    closes_with_her_word(at_home, said)
    acts.open_on_the_desk(clerk, said.code)
    keep(clerk, "clerk-closed", whole=False)
    next_township.sees_nothing(said, acts.pictures_of(clerk))


def closes_with_her_word(page: Page, said: Said) -> None:
    acts.follow(page, said)
    acts.rate(page, solved=True, words="都亮了，谢谢", shots="resident-solved")
    page.reload()
    expect(page.locator("main .tag--done").first).to_have_text("办结")
    keep(page, "resident-closed")
