"""Every page of every app, in both languages, on a phone and at a desk: no obstacle, nothing sideways, nothing untranslated."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.e2e import acts
from tests.e2e.browser import DESK, PHONE, Browsers, keep
from tests.e2e.city import City
from tests.e2e.looked_at import Data, problems
from tests.e2e.walk import pages_of

FACES = [(lang, size) for lang in ("zh-hans", "en") for size in (PHONE, DESK)]
PEOPLE = ("resident", "worker", "clerk", "handler", "supervisor", "admin")
DEEP = bool(os.environ.get("MINAN_DEEP"))
PICTURES = bool(os.environ.get("MINAN_SHOTS"))  # of hundreds of whole pages only when somebody wants to look at them
VARIANT = re.compile(r"step=|/ROW/|/new/$|by=|flag=|all=1|closed=1")
LEAST = {
    "resident": 12,
    "worker": 20,
    "clerk": 40,
    "handler": 25,
    "supervisor": 20,
    "admin": 30,
}  # that the walk finds pages at all


@pytest.fixture(scope="module")
def data(city_that_runs: City) -> Data:
    return Data(city_that_runs)


@pytest.fixture(scope="module")
def looked_at() -> set[str]:
    """Kinds of pages that one of the people before has shown already."""
    return set()


def say_so(page: Page, **cookies: str) -> None:
    """Language and size of letters, as the switches of the pages set them."""
    origin = "/".join(page.url.split("/")[:3])
    page.context.add_cookies([{"name": name, "value": value, "url": origin} for name, value in cookies.items()])


@pytest.mark.parametrize("username", PEOPLE)
def test_every_page_this_person_can_reach(browsers: Browsers, username: str, data: Data, looked_at: set[str]) -> None:
    devices = {size["width"]: browsers.enter(username, size) for size in (PHONE, DESK)}
    found = pages_of(devices[1440])
    assert len(found) >= LEAST[username], found
    mine = {kind: address for kind, address in found.items() if kind not in looked_at or kind in list(found)[:1]}
    looked_at |= set(mine)
    wrong: list[str] = []
    for lang, size in FACES:
        page = devices[size["width"]]
        say_so(page, django_language=lang)
        twin = (lang == "en") == (size == PHONE)
        for n, (kind, address) in enumerate(mine.items()):
            if twin and (VARIANT.search(kind) or (n % 3 and not DEEP)):
                continue  # the Chinese phone and the English desk see every page, with axe; the two others every third, deep all
            page.goto(address)
            wrong += problems(page, f"{username} {lang} {size['width']} {kind}", data if lang == "en" else None, axe=not twin)
            if PICTURES and lang == "zh-hans" and not VARIANT.search(kind):
                keep(
                    page,
                    f"pages/{username}-{size['width']}-{kind.strip('/').replace('/', '-').replace('?', '-') or 'home'}",
                )
    assert not wrong, "\n".join(wrong)


def moments(page: Page) -> Iterator[str]:
    """What a visitor meets that no link leads to: errors, the small screens, a code without its secret, the receipt."""
    for address in ("/no-such-page/", "/offline/", "/login/", "/demo/", "/places/none"):
        page.goto(address)
        yield address
    page.goto("/say/steps/1/")
    page.fill("#id_text", "朝阳社区的路灯坏了")
    for n in (2, 3, 4):
        page.locator("form button.btn--main").click()
        page.wait_for_url(f"**/say/steps/{n}/")
        yield f"small screen {n}"
    page.goto("/say/")
    page.locator("form[action='/say/']").evaluate(
        "(form) => { form.noValidate = true }"
    )  # an old browser sends it all the same
    page.locator("button.btn--main").click()
    page.locator(".is-bad").first.wait_for()
    yield "nothing written"
    page.fill("#id_text", "朝阳社区的路灯坏了")
    page.locator("button.btn--main").click()
    page.wait_for_url("**/receipt/")
    yield "a receipt with its secret"
    page.goto("/m/?code=ABCDE")
    yield "a code that is none"
    page.goto("/about/")
    page.evaluate("document.querySelectorAll('[name=csrfmiddlewaretoken]').forEach((one) => one.remove())")
    page.locator("form[action='/language/'] button").click()
    page.wait_for_url("**/language/")
    yield "a forged form"


@pytest.mark.parametrize("elder", ["0", "1"])
def test_what_a_visitor_meets_that_no_link_leads_to(browsers: Browsers, city_that_runs: City, elder: str) -> None:
    said = acts.say_a_lamp_is_broken(browsers.fresh(PHONE))
    data = Data(city_that_runs)
    wrong: list[str] = []
    for lang, size in [face for face in FACES if elder == "0" or face[1] == PHONE]:  # large letters are for the phone
        page: Any = browsers.fresh(size)
        page.goto("/")
        say_so(page, django_language=lang, elder=elder)
        for moment in moments(page):
            wrong += problems(page, f"{lang} {size['width']} elder={elder} {moment}", data if lang == "en" else None)
        for address in (f"/m/{said.code}/", said.link, f"/m/{said.code}/receipt/", f"/m/{said.code}/add/"):
            page.goto("about:blank")
            page.goto(address)
            page.wait_for_load_state()
            wrong += problems(page, f"{lang} {size['width']} elder={elder} {address}", data if lang == "en" else None)
    assert not wrong, "\n".join(wrong)


def test_the_large_letters_fit_on_every_page_of_a_resident(browsers: Browsers) -> None:
    page = browsers.enter("resident")
    say_so(page, elder="1")
    wrong: list[str] = []
    for kind, address in pages_of(page).items():
        page.goto(address)
        wrong += problems(page, f"elder {kind}")
        if PICTURES:
            keep(page, f"pages/elder-{kind.strip('/').replace('/', '-') or 'home'}")
    assert not wrong, "\n".join(wrong)
