"""The acts of the story as people do them on the pages: say, look up, take a step, follow, rate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page, TimeoutError, expect

from tests.e2e.browser import code_of, keep, photo

LAMP = "朝阳社区东门口的路灯坏了三天，晚上看不见路"


@dataclass
class Said:
    """What a receipt says."""

    code: str
    secret: str

    @property
    def link(self) -> str:
        """As on paper: the secret stands behind #, which no server sees."""
        return f"/m/{self.code}/#{self.secret}"


def receipt_of(page: Page) -> Said:
    box = page.locator("[data-receipt]")
    return Said(box.get_attribute("data-code") or "", box.get_attribute("data-secret") or "")


def say_a_lamp_is_broken(page: Page, words: str = LAMP, *, shots: str = "") -> Said:
    """From the home page to the receipt, with kind, photo and place."""
    page.goto("/")
    page.locator(".say__go").click()
    page.locator("#id_text").press_sequentially(words)
    kind = page.locator("#hints input[name=kind][value='lamp.out']")
    for _ in range(3):  # a hint that was lost on a slow line comes with the next letter
        try:
            kind.wait_for(state="attached", timeout=5_000)
            break
        except TimeoutError:
            page.locator("#id_text").press_sequentially("。")
    kind.check()
    page.set_input_files("input[name=photos]", photo("坏了的路灯"))
    page.get_by_text("找到是哪个村、哪个社区").click()
    page.fill("#place_q", "固安镇 朝阳社区")
    page.get_by_role("button", name="找", exact=True).click()
    page.locator("input[name=place_found]").first.check()
    page.get_by_role("button", name="就是这个").click()
    expect(page.locator("#place-list b")).to_contain_text("固安县固安镇朝阳社区")
    page.get_by_text("留个电话，办好告诉我").click()
    page.locator("input[name=phone]").fill("13800000001")
    if shots:
        keep(page, f"{shots}-say")
    page.locator("button.btn--main", has_text="发出去").click()
    page.wait_for_url("**/receipt/")
    if shots:
        keep(page, f"{shots}-receipt")
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], (
        "the receipt is wider than the phone"
    )
    return receipt_of(page)


def open_on_the_desk(page: Page, code: str) -> None:
    """By its code in the search of the bar, as on paper somebody hands over."""
    page.goto("/desk/")
    page.locator("#find").fill(code)
    page.locator("#find").press("Enter")
    page.wait_for_url(f"**/desk/{code}/")


def taken(page: Page) -> None:
    """The page says that the step was taken."""
    expect(page.locator(".banner--green").first).to_be_visible()
    page.wait_for_load_state("domcontentloaded")  # before its scripts have run, no key is heard


def assign_step_by_step(page: Page, code: str, shots: str = "") -> None:
    """Accept by its key, look at the proposal of the duty list, assign."""
    page.keyboard.press("a")
    page.locator(".step__form").wait_for()
    keep(page, f"{shots}-accept")
    page.locator(".step__form [data-main]").click()
    taken(page)
    page.keyboard.press("a")
    expect(page.locator("select[name=unit]")).to_have_value("131022-lighting")
    page.locator("textarea[name=words]").fill("东门口，三天了，请今晚去看")
    keep(page, f"{shots}-assign")
    page.keyboard.press("Control+Enter")
    taken(page)
    assert code_of(page.url) == code


def sign_on_the_phone(page: Page, code: str, shots: str) -> None:
    """From my tasks: found in the list, opened, signed by one press."""
    page.goto("/tasks/")
    keep(page, f"{shots}-tasks")
    page.locator(f"a.task[href*='{code}']").click()
    keep(page, f"{shots}-task")
    page.get_by_role("button", name="签收").click()
    taken(page)


def answer_on_the_phone(page: Page, words: str, shots: str) -> None:
    page.get_by_role("link", name="答复", exact=True).click()
    page.locator("input[name=outcome][value=solved]").check()
    page.locator("textarea[name=words]").fill(words)
    page.set_input_files("input[name=photos]", photo(words[:8], "#2f3a55"))
    keep(page, f"{shots}-answer")
    page.locator("form#step [data-main]").click()
    taken(page)


def follow(page: Page, said: Said) -> None:
    """By the link on the receipt, on any device, without signing in."""
    page.goto("about:blank")  # else only the fragment would change, and the page stay as it was
    page.goto(said.link)
    expect(page.locator("blockquote.said").first).to_be_visible()
    assert said.secret not in page.url


def rate(page: Page, *, solved: bool, words: str, shots: str) -> None:
    page.get_by_role("link", name="好了" if solved else "还没好", exact=True).click()
    page.locator(f"input[name=solved][value={str(solved).lower()}]").check()
    page.locator(f"input[name=satisfied][value={str(solved).lower()}]").check()
    page.locator("textarea[name=words]").fill(words)
    keep(page, f"{shots}-rate")
    page.locator("form button.btn--main").click()
    page.wait_for_url(lambda url: url.endswith("/"))


def pictures_of(page: Page) -> list[str]:
    """The addresses of the photos on a staff page."""
    return [a.get_attribute("href") or "" for a in page.locator(".tiles a[href*='/photos/']").all()]


def status_of(page: Page, address: str, **more: Any) -> int:
    """What this person's browser gets there."""
    return page.request.get(address, **more).status
