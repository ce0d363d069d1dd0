"""Few presses: a village clerk settles a walk-in on one screen, a township clerk hands on a clear matter with one key."""

from __future__ import annotations

import io
import re

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.e2e import acts
from tests.e2e.browser import DESK, PHONE, Browsers, keep, photo
from tests.e2e.prepare import PASSWORD

MOST = 12


class Counted:
    """A person at a page; every press counts, and so does every run of typing or choosing in one field."""

    def __init__(self, page: Page) -> None:
        self.page, self.presses, self.screens = page, 0, 0
        page.on("framenavigated", lambda frame: self._another(frame == page.main_frame))

    def _another(self, screen: bool) -> None:
        self.screens += screen

    def press(self, what: Locator) -> None:
        self.presses += 1
        what.click()

    def type(self, where: Locator, words: str) -> None:
        self.press(where)
        self.presses += 1
        where.press_sequentially(words)

    def choose(self, where: Locator, value: str) -> None:
        """Open the list, take a line: two."""
        self.presses += 2
        where.select_option(value)

    def picture(self, where: Locator, words: str) -> None:
        """The camera tile, the shutter, "use this one": three."""
        self.presses += 3
        where.set_input_files(photo(words))


def sign_in_with_password(page: Page, username: str) -> None:
    page.goto("/login/")
    page.fill("[name=username]", username)
    page.fill("[name=password]", PASSWORD)
    page.locator("form button.btn--main").click()
    page.wait_for_url(lambda url: "/login/" not in url)


PAPERS = {"80mm": ("80mm", "297mm"), "A5": ("148mm", "210mm"), "A4": ("210mm", "297mm")}


def followed_by_its_symbol(browsers: Browsers, page: Page) -> None:
    """Whoever scans the receipt follows the matter: the secret stands behind #, and no phone number was ever asked."""
    image = Image.open(io.BytesIO(page.locator(".doc svg.qr").screenshot())).resize((600, 600))
    (read,) = zxingcpp.read_barcodes(image)
    address, _, secret = read.text.partition("#")
    assert len(secret) == 26, read.text
    assert secret not in address
    scanned = browsers.fresh(PHONE)
    scanned.goto(read.text)
    expect(scanned.locator("blockquote.said").first).to_contain_text("三号楼楼道灯泡不亮")
    assert secret not in scanned.url


def fits_its_paper(page: Page) -> None:
    """On a roll, on A5 and on A4 the receipt is one page."""
    page.emulate_media(media="print")
    for name, (width, height) in PAPERS.items():
        printed = page.pdf(width=width, height=height, margin={})
        assert len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) == 1, name
        page.set_viewport_size({"width": round(float(width[:-2]) * 96 / 25.4), "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    page.emulate_media(media="screen")


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_liu_guifen_settles_a_walk_in_on_one_screen_with_twelve_presses(browsers: Browsers, size: dict[str, int]) -> None:
    page = browsers.fresh(size)
    sign_in_with_password(page, "gu.point")
    page.goto("/desk/new/")
    at = Counted(page)
    at.type(page.locator("[name=text]"), "三号楼楼道灯泡不亮，老人上下楼看不见")
    at.choose(page.locator("select[name=kind]"), "lamp.out")
    at.picture(page.locator("input[name=photos]"), f"换好的楼道灯{size['width']}")  # a used photo is refused
    at.type(page.locator("[name=words]"), "换了灯泡，亮了")
    keep(page, "village-walk-in")
    at.press(page.locator("button[name=do][value=settle]"))
    expect(page.locator(".doc .bigcode").first).to_be_visible()
    keep(page, "village-receipt")
    assert at.presses <= MOST, at.presses
    assert at.screens == 1, "the receipt is the only page after the form"
    expect(page.locator(".doc")).to_contain_text("已答复")
    expect(page.locator(".doc")).to_contain_text("朝阳社区")
    followed_by_its_symbol(browsers, page)
    fits_its_paper(page)


def test_chen_jing_accepts_routes_and_assigns_with_one_key(browsers: Browsers) -> None:
    said = acts.say_a_lamp_is_broken(browsers.fresh(PHONE), "朝阳社区南门口的路灯不亮，四天了")
    clerk = browsers.enter("clerk", DESK)
    acts.open_on_the_desk(clerk, said.code)
    keep(clerk, "clerk-one-key", whole=False)
    clerk.keyboard.press("g")
    acts.taken(clerk)
    expect(clerk.locator("main.case")).to_contain_text("已交办，待签收")
    expect(clerk.locator("main.case aside")).to_contain_text("固安县路灯管理所")
    steps = clerk.locator("main.case .log b").all_inner_texts()
    assert steps[:3] == ["交办", "受理", "收到"], steps
    handler = browsers.enter("handler")
    acts.sign_on_the_phone(handler, said.code, "one-key")
    expect(handler.locator("main")).to_contain_text("已签收")
