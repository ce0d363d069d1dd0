"""Whoever finds, borrows or steals the phone has ciphertext; whoever guesses has five tries; who is stopped has nothing left."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest

from minan.channels.field.tests.e2e.conftest import CHROMIUM, PIN, expect
from minan.channels.field.tests.e2e.stage import CANARY

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="not run: the field in a browser (chromium missing)")
FORGOTTEN_KEY = """async () => {
  const self = Object.assign(Field.queue.mine.self, { key: "nobody knows this key" });
  await Field.queue.keep("self", self);
}"""
TYPED, KEPT, WRONG = "蓝鹊落在三号桥栏杆上", "白鹭站在二号闸门边上", "55550001"


def found_on_disk(folder: pathlib.Path, words: str) -> list[str]:
    """The files of a profile in which these words stand, in any of the ways a browser writes text."""
    forms = [words.encode(), words.encode("utf-16-le"), words.encode("utf-16-be"), words.encode("unicode_escape")]
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [str(path.relative_to(folder)) for path in files if any(form in path.read_bytes() for form in forms)]


def guess(page: Any, pin: str) -> None:
    """One try, until its answer stands there."""
    page.locator("form").first.evaluate("(form) => { form.dataset.before = '1'; }")
    page.fill("#pin", pin)
    page.locator("form button").first.click()
    page.locator("form[data-before]").wait_for(state="detached")


def note(page: Any, words: str) -> None:
    page.evaluate("Field.go('list')")
    page.locator("[data-task]").first.click()
    page.locator("[data-step=progress]").first.click()
    page.locator("textarea[name=words]").press_sequentially(words)


def test_a_dump_of_the_phone_holds_no_word(device: Any) -> None:
    phone = device("dumped")
    page = phone.set_up("worker")
    assert page.evaluate("Field.queue.mine.cases.length") > 0
    phone.context.set_offline(True)
    note(page, KEPT)
    page.locator("[data-keep]").click()
    page.wait_for_selector("[data-screen=case]")
    note(page, TYPED)  # half written when the battery goes
    phone.until(f"Field.queue.mine.drafts.some((one) => one.facts.words === '{TYPED}')")
    key = page.evaluate("Field.queue.mine.self.key")
    code = page.evaluate("Field.queue.mine.cases[0].code")
    phone.killed()
    assert (phone.folder / "Default").is_dir()
    for words in (CANARY, TYPED, KEPT, PIN, key, code, "李建民"):
        assert found_on_disk(phone.folder, words) == [], words
    assert found_on_disk(phone.folder, "minan-field"), "the look finds what is there"
    phone.on(offline=True)
    page = phone.unlock()
    assert phone.waiting() == 1
    page.locator("[data-task]").first.click()
    page.locator("[data-step=progress]").first.click()
    expect(page.locator("textarea[name=words]")).to_have_value(TYPED)


def test_five_wrong_pins_wipe_and_the_last_try_says_what_is_lost(device: Any) -> None:
    phone = device("guessed")
    page = phone.set_up("worker")
    phone.context.set_offline(True)
    note(page, KEPT)
    page.locator("[data-keep]").click()
    page.wait_for_selector("[data-screen=case]")
    page.goto("/field/")
    for left in (4, 3):
        guess(page, WRONG)
        expect(page.locator("#pin-told")).to_contain_text(f"还能试 {left} 次")
    phone.killed()  # the count is kept: starting again gives no tries back
    page = phone.on(offline=True)
    page.goto("/field/")
    guess(page, WRONG)
    guess(page, WRONG)
    expect(page.locator("#pin-told")).to_contain_text("只能再试 1 次")
    expect(page.locator("#pin-told")).to_contain_text("没发出去的 1 条会跟着没有")
    page.fill("#pin", WRONG)
    page.locator("form button").first.click()
    page.wait_for_selector("[data-screen=wiped]")
    assert page.evaluate("indexedDB.databases()") == []
    page.reload()
    page.wait_for_selector("[data-screen=sign-in]")


def test_the_right_pin_gives_all_five_tries_back(device: Any) -> None:
    phone = device("forgiven")
    page = phone.set_up("worker")
    page.goto("/field/")
    for _ in range(4):
        guess(page, WRONG)
    page.fill("#pin", PIN)
    page.locator("form button").first.click()
    page.wait_for_selector("#field-nav:not([hidden])")
    page.evaluate("Field.lock()")
    page.wait_for_selector("[data-screen=locked]")
    assert CANARY not in page.content(), "nothing is left in the page behind the lock"
    guess(page, WRONG)
    expect(page.locator("#pin-told")).to_contain_text("还能试 4 次")


def test_a_colleague_on_the_same_phone_has_a_store_of_their_own(device: Any) -> None:
    phone = device("shared")
    page = phone.set_up("worker")
    first = page.evaluate("Field.store.mark()")
    page = phone.enter("handler")
    page.wait_for_selector(
        "[data-screen=choose]"
    )  # not the first one's lock: his PIN, known or not, opens nothing here
    page.fill("#pin", "31415926")
    page.fill("#pin2", "31415926")
    page.locator("form button").click()
    page.wait_for_selector("[data-as-of]")
    assert page.evaluate("Field.store.mark()") != first
    assert CANARY not in page.content()
    assert len(page.evaluate("indexedDB.databases()")) == 3, "one for each of them, one that says whose was open last"
    phone.enter("worker").wait_for_selector("[data-screen=locked]")
    phone.unlock()
    assert phone.page.evaluate("Field.store.mark()") == first


def test_who_is_stopped_finds_the_phone_wiped_at_the_next_contact(device: Any, city_of_the_field: Any) -> None:
    phone = device("revoked")
    page = phone.set_up("supervisor")
    page.evaluate(
        "Field.send.asked('/field/device/end/', { method: 'POST' })"
    )  # as by a new password, or a post that ends
    page.evaluate("() => { Field.pull.now(); }")
    page.wait_for_selector("[data-screen=wiped]")
    assert page.evaluate("indexedDB.databases()") == []


def test_a_key_that_is_over_keeps_the_queue_until_he_signs_in_again(device: Any) -> None:
    phone = device("expired")
    page = phone.set_up("worker")
    phone.context.set_offline(True)
    note(page, "过期以前写的")
    page.locator("[data-keep]").click()
    page.wait_for_selector("[data-screen=case]")
    page.evaluate(FORGOTTEN_KEY)
    phone.context.clear_cookies()
    phone.context.set_offline(False)
    page.locator("#field-nav a[href='#queue']").click()
    expect(page.locator("[data-screen=queue]")).to_contain_text("要重新登录")
    assert phone.waiting() == 1
    phone.enter("worker")
    phone.unlock()
    phone.sent()
    assert page.evaluate("Field.queue.mine.sent.length") == 1


def test_who_signs_out_is_told_what_is_not_sent_yet_and_leaves_nothing(device: Any) -> None:
    phone = device("left")
    page = phone.set_up("worker")
    phone.context.set_offline(True)
    note(page, "没发出去的")
    page.locator("[data-keep]").click()
    page.wait_for_selector("[data-screen=case]")
    page.evaluate("Field.lock()")
    page.wait_for_selector("[data-screen=locked]")
    phone.context.set_offline(False)
    page.goto("/tasks/")
    with page.expect_navigation():
        page.locator("form[action='/logout/'] button").first.click()
    page.wait_for_load_state()
    assert phone.dialogs == ["这台手机里还有 1 条没发出去的记录，退出就没有了。真的退出？"]
    assert page.evaluate("indexedDB.databases()") == []
