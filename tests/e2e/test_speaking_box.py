"""A speaking box played whole: slips printed, opened by two, photographed, typed in, posted at the point, followed by the stub."""

from __future__ import annotations

import io
import random
from typing import Any

from PIL import Image
from playwright.sync_api import Page, expect

from minan.channels.box.tests import made_slips
from tests.e2e import acts
from tests.e2e.browser import DESK, PHONE, Browsers, keep, until
from tests.e2e.prepare import PASSWORD


def sign_in(page: Page, username: str) -> Page:
    page.goto("/login/")
    page.fill("[name=username]", username)
    page.fill("[name=password]", PASSWORD)
    page.locator("form button.btn--main").click()
    page.wait_for_url(lambda url: "/login/" not in url)
    return page


def print_slips(liu: Page) -> list[tuple[str, str, bytes]]:
    """(code, link of its stub's codeword, picture of the part that goes into the box) of the first two slips, as really printed."""
    liu.goto("/box/")
    keep(liu, "box-list")
    liu.get_by_role("article").filter(has_text="朝阳社区南门").get_by_role("link", name="印单子").click()
    liu.locator("main form button").click()
    expect(liu.locator(".slip")).to_have_count(20)
    out = []
    for n in range(2):
        slip = liu.locator(".slip").nth(n)
        words = "".join(slip.locator("ol b").all_inner_texts())
        out.append((slip.get_attribute("data-slip") or "", words, slip.locator(".slip__main").screenshot()))
    liu.emulate_media(media="print")
    assert liu.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") in (0, 10), "two on a sheet"
    keep(liu, "box-slips", whole=False)
    liu.emulate_media(media="screen")
    return out


def photographed(printed: bytes, seed: int) -> dict[str, Any]:
    """The printed slip, written on and photographed askew, as a file to be chosen."""
    chance = random.Random(seed)
    sheet = Image.open(io.BytesIO(printed)).convert("RGB")
    sheet = sheet.resize(
        (made_slips.PAPER[0] * made_slips.DPM, made_slips.PAPER[1] * made_slips.DPM), Image.Resampling.LANCZOS
    )
    made_slips.write(sheet, chance)
    picture = made_slips.shade(made_slips.lay(sheet, chance, 14, 0.03, False), chance, 0.6)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=50)
    return {"name": f"{seed}.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def test_from_the_printed_slip_to_the_matter_its_speaker_follows_without_a_phone(browsers: Browsers) -> None:
    liu = sign_in(browsers.fresh(DESK), "gu.point")
    slips = print_slips(liu)

    # two people at the box, each with a phone
    hers = sign_in(browsers.fresh(PHONE), "gu.point")
    hers.goto("/box/")
    hers.get_by_role("article").filter(has_text="朝阳社区南门").get_by_role("link", name="开箱", exact=True).click()
    hers.get_by_role("button", name="两个人都在，开箱").click()
    expect(hers.locator("main")).to_contain_text("等另一位同事")
    keep(hers, "box-waiting")
    li = browsers.enter("worker", PHONE)
    li.goto(hers.url)
    li.get_by_role("button", name="我在场").click()
    acts.taken(li)
    hers.reload()
    hers.fill("[name=counted]", "2")
    hers.fill("[name=seal]", "A-002")
    hers.get_by_role("button", name="清点封箱").click()
    acts.taken(hers)
    keep(hers, "box-counted")

    # photographs at the desk; the second slip is sent twice
    liu.goto(hers.url)
    liu.set_input_files("#photos", [photographed(picture, n) for n, (_, _, picture) in enumerate(slips, 1)])
    expect(liu.locator("figure[data-preview]")).to_have_count(2)
    liu.get_by_role("button", name="传上来").click()
    expect(liu.locator("main")).to_contain_text("读出 2 张单子")
    keep(liu, "box-read")
    liu.wait_for_load_state()
    liu.keyboard.press("n")
    for n, text in enumerate(("东门口路灯坏了三天", "楼道里堆满了东西，走不了路")):
        expect(liu.locator("h1")).to_contain_text(slips[n][0][:5])
        liu.locator("img.typing__photo").first.wait_for()
        liu.fill("textarea[name=text]", text)
        liu.select_option("select[name=kind]", "lamp.out")
        keep(liu, f"box-type-{n}")
        liu.keyboard.press("Control+Enter")
    expect(liu.locator("main")).to_contain_text("数对上了")
    keep(liu, "box-done")

    # posted at the point by the code on the stub, once something was done
    code = slips[0][0]
    acts.open_on_the_desk(liu, code)
    liu.keyboard.press("a")
    liu.locator(".step__form [data-main]").click()
    acts.taken(liu)
    pretty = f"{code[:5]}-{code[5:10]}-{code[10:]}"
    until(liu, lambda: liu.goto("/board/posted/") and pretty in liu.locator("main").inner_text())  # the worker tells within seconds

    # 王秀兰's neighbour of 78 has no phone: a grandchild types the six words on any device
    hers.goto("/board/")
    anybody = browsers.fresh(PHONE)
    anybody.goto(f"/m/{code}/")
    anybody.locator("input[name=secret]").fill(slips[0][1])
    anybody.locator("form[data-follow-form] button").first.click()
    expect(anybody.locator("blockquote.said").first).to_contain_text("东门口路灯坏了三天")
    keep(anybody, "box-followed")
    stranger = browsers.enter("stranger", DESK)
    assert acts.status_of(stranger, hers.url.replace("/board/", f"/box/o/{code}/")) == 404
