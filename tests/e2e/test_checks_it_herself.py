"""王秀兰 checks on her own phone that nothing she said was changed, keeps the proof, and holds what only her phone has."""

from __future__ import annotations

import json
import pathlib
import re

import pytest
from playwright.sync_api import Page, expect

from minan.kernel import notes
from tests.e2e.acts import Said, receipt_of
from tests.e2e.browser import Browsers, keep
from tests.e2e.city import City

WORDS = "粮站门口的井盖松了，电动车压上去响"
HASH, LETTERS = re.compile(r"^[0-9a-f]{64}$"), re.compile(r"^(?:[0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{2}$")
GOOD = re.compile("^(都对得上|到现在都对，还有没到时候的)$")


def say(page: Page) -> Said:
    page.goto("/say/")
    page.locator("#id_text").fill(WORDS)
    expect(page.locator("[data-capability]")).to_have_value(HASH)
    page.locator("button.btn--main", has_text="发出去").click()
    page.wait_for_url("**/receipt/")
    return receipt_of(page)


def kept(page: Page, name: str) -> str:
    found: str = page.evaluate("(name) => localStorage.getItem(name) || ''", name)
    return found


@pytest.mark.bar("L3")
def test_she_checks_saves_and_checks_again_from_disk(browsers: Browsers, tmp_path: pathlib.Path) -> None:
    page = browsers.fresh(accept_downloads=True)
    said = say(page)
    page.get_by_role("link", name="自己核对").click()
    expect(page.locator("[data-proof-verdict]")).to_have_text(GOOD)
    expect(page.locator(".checks blockquote")).to_have_text(WORDS)
    assert said.secret not in page.url
    keep(page, "proof-phone")
    with page.expect_download() as receipt:
        page.get_by_role("button", name="存下这份凭据").click()
    receipt.value.save_as(tmp_path / "receipt.json")
    with page.expect_download() as file:
        page.get_by_role("link", name="下载核对文件").click()
    file.value.save_as(tmp_path / "verifier.html")
    for change, verdict in (("", GOOD), ("松", re.compile("^有对不上的地方$"))):
        text = (tmp_path / "receipt.json").read_text("utf-8").replace(change, "紧") if change else ""
        (tmp_path / "changed.json").write_text(text, "utf-8")
        disk = browsers.fresh(phone=False, offline=True)
        disk.goto((tmp_path / "verifier.html").as_uri())
        disk.set_input_files("#file", tmp_path / ("changed.json" if change else "receipt.json"))
        expect(disk.locator("#receipt")).to_have_value(re.compile(said.code))
        disk.locator("#go").click()
        expect(disk.locator("#verdict")).to_have_text(verdict)


@pytest.mark.bar("L4")
def test_another_past_than_last_time_is_shouted(browsers: Browsers, city_that_runs: City) -> None:
    page = browsers.fresh()
    said = say(page)
    page.goto(f"/m/{said.code}/proof/")
    expect(page.locator("[data-proof-verdict]")).to_have_text(GOOD)
    seen = json.loads(kept(page, "minan-ledger"))
    # What another resident was shown: the same size, signed with the same key, another root.
    signer = notes.Signer(seen["text"].split("\n", 1)[0], notes.seed(next(city_that_runs.folder.rglob("log.key"))))
    real = notes.Checkpoint.parse(notes.parts(seen["text"])[0])
    other = notes.sign(notes.Checkpoint(real.origin, real.size, bytes(32)).text(), signer)
    page.evaluate("(text) => localStorage.setItem('minan-ledger', text)", json.dumps(seen | {"text": other}))
    page.reload()
    expect(page.locator("[data-proof-verdict]")).to_have_text("有对不上的地方")
    expect(page.locator(".checks")).to_contain_text("总账被改写过")
    assert json.loads(kept(page, "minan-ledger"))["text"] == other, "what was seen before is not forgotten for it"
    keep(page, "proof-split")


@pytest.mark.bar("L7")
def test_the_capability_is_made_here_kept_here_and_the_same_for_a_second_press(browsers: Browsers) -> None:
    page = browsers.fresh()
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(f"{asked.url} {asked.post_data or ''}"))
    page.goto("/say/")
    expect(page.locator("[data-capability]")).to_have_value(HASH)
    first = page.locator("[data-capability]").input_value()
    page.locator("#id_text").fill(WORDS)
    page.get_by_text("留个电话，办好告诉我").click()
    page.locator("input[name=phone]").fill("1380000")
    page.locator("button.btn--main", has_text="发出去").click()  # a digit short: refused, and shown again
    expect(page.locator(".is-bad").first).to_be_visible()
    expect(page.locator("[data-capability]")).to_have_value(first)
    page.locator("input[name=phone]").fill("13800000001")
    page.locator("button.btn--main", has_text="发出去").click()
    page.wait_for_url("**/receipt/")
    expect(page.locator("[data-letters]")).to_have_text(LETTERS)
    letters = page.locator("[data-letters]").inner_text().replace("-", "")
    (mine,) = (one for one in json.loads(kept(page, "minan-matters")) if one["code"] == receipt_of(page).code)
    assert mine["capability"] == letters
    assert json.loads(kept(page, "minan-capabilities")) == []
    assert any(first in line for line in sent)
    assert not any(letters in line for line in sent), "only its hash is ever sent"
