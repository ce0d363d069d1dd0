"""邓丽萍 of the county's centre brings in the petition office's table; 陈静 answers; it goes; its refusal is seen."""

from __future__ import annotations

import csv
import os
import pathlib
import time

from playwright.sync_api import Page, expect

from tests.e2e import acts
from tests.e2e.browser import DESK, Browsers, by_menu, keep, until
from tests.e2e.city import City
from tests.e2e.test_village_desk import sign_in_with_password

AT = "/exchange/at/petition-office/"
HEAD = "信访件编号,信访内容,内容分类,问题属地,信访人,电话,住址,登记日期,办结期限"
ROWS = (
    f"{HEAD}\n"
    "XF-2026-101,固安县固安镇朝阳社区物业不管保洁，楼道三个月没人扫,物业管理,固安县固安镇朝阳社区,王秀兰,13812345678,朝阳社区 3 号楼,2026-11-20,2027-01-15\n"
    "XF-2026-102,固安县固安镇拆迁安置房迟迟不交,征地拆迁,固安县固安镇,李建民,13900001111,,2026-11-21,2027-01-20\n"
    "XF-2026-103,问什么时候发补贴,其他,固安县固安镇,张福海,138,,2026-11-21,2027-01-20\n"
)


def table(text: str) -> dict[str, object]:
    return {"name": "信访件.csv", "mimeType": "text/csv", "buffer": text.encode("gb18030")}


def until_there(folder: pathlib.Path, pattern: str, seconds: float = 60) -> pathlib.Path:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := sorted(folder.glob(pattern)):
            return found[-1]
        time.sleep(0.1)
    raise AssertionError(f"no {pattern} in {folder}")


def upload(page: Page, text: str) -> None:
    page.goto(AT)
    page.set_input_files("input[name=file]", table(text))
    page.get_by_role("button", name="先看会怎样").click()


def brought_in(page: Page) -> str:
    """Preview, import; returns the code of the case of XF-2026-101."""
    upload(page, ROWS)
    expect(page.locator("main")).to_contain_text("新开一件 2")
    expect(page.locator("main")).to_contain_text("收不进 1")
    expect(page.locator("main")).to_contain_text("手机号是 11 位数字")
    keep(page, "exchange-preview")
    assert "王秀兰" not in page.locator("main").inner_text()
    page.get_by_role("button", name="导入这 2 行").click()
    expect(page.locator("h1")).to_have_text("导入好了")
    keep(page, "exchange-done")
    with page.expect_download() as left:
        page.get_by_role("button", name="下载收不进的").click()
    rejected = pathlib.Path(left.value.path()).read_text("utf-8-sig")
    assert "XF-2026-103" in rejected
    upload(page, rejected.replace(",138,", ",13800000003,"))
    page.get_by_role("button", name="导入这 1 行").click()
    page.get_by_role("link", name="看来件").click()
    expect(page.locator("tbody tr")).to_have_count(3)
    keep(page, "exchange-partner")
    return str(page.locator("tr", has_text="XF-2026-101").locator("a[data-row]").get_attribute("href")).split("/")[2]


def settled(page: Page, code: str) -> None:
    """陈静 settles it on the spot, by the pages of her desk."""
    acts.open_on_the_desk(page, code)
    expect(page.locator("main.case")).to_contain_text("来件时限")
    keep(page, "exchange-case")
    page.goto(f"/desk/{code}/?step=settle")
    form = page.locator(".step__form")
    form.locator("[name=outcome][value=explained], select[name=outcome]").first.wait_for(state="attached")
    if form.locator("select[name=outcome]").count():
        form.locator("select[name=outcome]").select_option("explained")
    else:
        form.locator("[name=outcome][value=explained]").check(force=True)
    form.locator("textarea[name=words]").fill("已约谈物业，本周五前把楼道扫干净，每周二、五保洁。")
    form.locator("[name=article]").fill("《物业管理条例》第三十五条")
    form.locator("[data-main]").click()
    acts.taken(page)


def test_a_table_comes_in_an_answer_goes_back_and_its_refusal_is_seen(browsers: Browsers, city_that_runs: City) -> None:
    centre = browsers.fresh(DESK)
    sign_in_with_password(centre, "gx.clerk")
    centre.goto("/desk/")
    by_menu(centre, "外单位来件")
    keep(centre, "exchange-home")
    code = brought_in(centre)
    settled(browsers.enter("clerk", DESK), code)

    folder = city_that_runs.folder / "data" / "exchange" / "petition-office"
    manifest = until_there(folder / "out", "*.manifest.json")
    answer = next(csv.DictReader(manifest.with_name(manifest.name.replace(".manifest.json", ".csv")).open(encoding="utf-8-sig")))
    assert (answer["信访件编号"], answer["办理结果"], answer["登记日期"]) == ("XF-2026-101", "解释疏导", "2026-11-20")
    until(centre, lambda: centre.goto(f"{AT}?show=silent") and centre.locator("tr", has_text="XF-2026-101").count())  # noted a moment later
    expect(centre.locator("tr", has_text="XF-2026-101")).to_contain_text("已送出，等回执")

    (folder / "acks" / ".a.csv").write_text(f"回执号,审核,退回原因\n{answer['回执号']},退回,没有写明谁去办的\n", "utf-8")
    lain = time.time() - 60  # a file must have lain still before it is read
    os.utime(folder / "acks" / ".a.csv", (lain, lain))
    (folder / "acks" / ".a.csv").rename(folder / "acks" / "a.csv")
    city_that_runs.run("minan", "exchange", "poll", "petition-office")
    centre.goto(f"{AT}?show=refused")
    expect(centre.locator("tr", has_text="XF-2026-101")).to_contain_text("没有写明谁去办的")
    expect(centre.locator("tr", has_text="XF-2026-101")).to_contain_text("补报期限")
    keep(centre, "exchange-refused")
    centre.locator("form[action*=language] button").first.click()
    centre.goto(f"{AT}?show=refused")
    expect(centre.locator("h1")).to_have_text("Gu'an County Petition Office")
    keep(centre, "exchange-refused-english")
    assert centre.evaluate("document.documentElement.scrollWidth") <= DESK["width"]


def test_to_the_neighbouring_township_it_is_not_there(browsers: Browsers) -> None:
    stranger = browsers.enter("stranger", DESK)
    for path in ("/exchange/", AT):
        got = stranger.goto(path)
        assert got is not None
        assert got.status == 404
    stranger.goto("/desk/")
    expect(stranger.get_by_role("link", name="外单位来件")).to_have_count(0)
