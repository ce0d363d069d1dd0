"""What a browser test does again and again: enter as somebody, draw a photo, keep a picture of each page, watch what goes wrong."""

from __future__ import annotations

import io
import os
import pathlib
import random
import re
import time
from collections.abc import Callable
from typing import Any

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, Page

from tests.e2e.city import ROOT, City

SHOTS = pathlib.Path(os.environ.get("MINAN_SHOTS") or ROOT / "var" / "shots")
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
NAMES = {
    "resident": "王秀兰",
    "worker": "李建民",
    "clerk": "陈静",
    "handler": "赵强",
    "supervisor": "孙丽华",
    "stranger": "周敏",
    "admin": "高远",
}
# The browser reports what the content security policy forbade; kept in the page, read by `Watched.trouble`.
LISTEN = """addEventListener("securitypolicyviolation", (e) =>
  console.error(`content security policy: ${e.violatedDirective} ${e.blockedURI} ${e.sample}`));"""


class Browsers:
    """Contexts of one browser, each a person's own phone or desk, all watched for errors."""

    def __init__(self, browser: Browser, city: City) -> None:
        self.browser, self.city = browser, city
        self.contexts: list[BrowserContext] = []
        self.trouble: list[str] = []  # what the console or the network said against us

    def fresh(self, size: Any = PHONE, locale: str = "zh-CN", **more: Any) -> Page:
        """A page of somebody who has not signed in, on a device of their own."""
        phone = (
            {"is_mobile": True, "has_touch": True, "user_agent": _mobile(self.browser)}
            if size == PHONE and more.pop("phone", True)
            else {}
        )
        context = self.browser.new_context(base_url=self.city.url, viewport=size, locale=locale, **(phone | more))
        context.set_default_timeout(30_000)
        context.add_init_script(LISTEN)
        context.on("page", self._watch)
        self.contexts.append(context)
        return context.new_page()

    def enter(self, username: str, size: Any = PHONE, **more: Any) -> Page:
        """A page of one of the seven, signed in by the demo's one click."""
        page = self.fresh(size, **more)
        page.goto("/demo/")
        with page.expect_navigation():
            page.locator(f"form[action='/demo/{username}/'] button").click()
        return page

    def _watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.trouble.append(f"{page.url}: {error}"))
        page.on("console", lambda said: self._said(page, said))
        page.on("response", lambda answer: self._answered(page, answer))

    def _said(self, page: Page, said: Any) -> None:
        if said.type == "error" and not said.text.startswith("Failed to load resource"):
            self.trouble.append(f"{page.url}: {said.text}")

    def _answered(self, page: Page, answer: Any) -> None:
        if answer.status >= 400 and answer.request.resource_type not in ("document", "fetch", "xhr"):
            self.trouble.append(f"{page.url}: {answer.status} {answer.url}")

    def close(self) -> None:
        for context in self.contexts:
            context.close()


def _mobile(browser: Browser) -> str:
    chrome = f"Chrome/{browser.version.split('.')[0]}.0.0.0"
    return f"Mozilla/5.0 (Linux; Android 12; K) AppleWebKit/537.36 (KHTML, like Gecko) {chrome} Mobile Safari/537.36"


def photo(words: str, colour: str = "#5a6b46") -> dict[str, Any]:
    """A drawn photo of a lamp, other for other words, as a file to be chosen."""
    image = Image.new("RGB", (800, 600), colour)
    draw = ImageDraw.Draw(image)
    chance = random.Random(words)  # houses behind, others for other words: a photo used before is known again
    for x in range(0, 800, 80):
        grey = chance.randrange(30, 220)
        draw.rectangle((x, chance.randrange(40, 400), x + 80, 600), fill=(grey, grey, grey))
        draw.rectangle((x, 0, x + 80, chance.randrange(0, 200)), fill=(255 - grey, 255 - grey, 255 - grey))
    draw.rectangle((380, 160, 400, 560), fill="#c8ccd0")
    draw.rectangle((380, 150, 560, 165), fill="#c8ccd0")
    draw.ellipse((530, 160, 590, 200), fill="#2b2b2b" if "坏" in words else "#ffe28a")
    draw.line([(0, 590 - len(words)), (800, 575)], fill="#333", width=6)
    held = io.BytesIO()
    image.save(held, "JPEG", quality=80)
    return {"name": f"{words}.jpg", "mimeType": "image/jpeg", "buffer": held.getvalue()}


def keep(page: Page, name: str, *, whole: bool = True) -> None:
    """A picture of the page for people to look at, in SHOTS."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=whole, caret="initial")


def until(page: Page, ask: Callable[[], Any], within: float = 60.0) -> Any:
    """Ask again and again until there is an answer, and return it; what the browser tells meanwhile is heard."""
    end = time.monotonic() + within
    while not (found := ask()):
        assert time.monotonic() < end, f"never came: {ask}"
        page.wait_for_timeout(50)
    return found


def by_menu(page: Page, name: str) -> None:
    """Where an entry of the desk's top bar leads; it may lie in the fold."""
    link = page.get_by_role("link", name=name)
    if not link.count():
        page.locator(".bar__more > summary").click()
    link.first.click()


def token(page: Page) -> str:
    """The page's own token against forged forms, from any of its forms."""
    return page.locator("input[name=csrfmiddlewaretoken]").first.input_value()


def code_of(text: str) -> str:
    """The code of a matter in an address."""
    found = re.search(r"/(?:m|desk|tasks)/([0-9A-Z]{15})\b", text)
    assert found, f"no code in {text}"
    return found[1]
