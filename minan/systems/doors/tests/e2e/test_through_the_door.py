"""王秀兰 comes home: her phone makes its key, shows its code, a real door reads it from the screen; in the evening her home reads its hour."""

from __future__ import annotations

import io
import os
import pathlib
import shutil
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from minan.kernel import passes
from minan.systems.doors import counter, homes
from minan.systems.doors.tests.office import CLERK, browser, court, neighbours
from minan.systems.doors.tests.process import Running

CHROMIUM = shutil.which("chromium")
SHOTS = os.environ.get("MINAN_SHOTS", "")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="not run: doors in a browser (chromium missing)"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("tables_can_be_emptied"),
    pytest.mark.e2e,
]


class Server:
    """Where the door's process finds the city."""

    def __init__(self, url: str) -> None:
        self.url = url


def phone(chromium: Any, live_server: Any, user: Any, trouble: list[str], **more: Any) -> Page:
    context = chromium.new_context(
        **({"viewport": {"width": 390, "height": 844}, "base_url": live_server.url, "locale": "zh-CN"} | more)
    )
    context.add_cookies(
        [{"name": n, "value": c.value, "url": live_server.url} for n, c in browser(user).cookies.items()]
    )
    page: Page = context.new_page()
    page.set_default_timeout(30_000)
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("console", lambda said: trouble.append(said.text) if "Content Security Policy" in said.text else None)
    return page


def read(page: Page, name: str = "") -> str:
    """What a reader sees on the screen."""
    import zxingcpp  # comes with the boxes: only who reads a symbol needs it
    from PIL import Image

    picture = page.screenshot()
    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)).convert("L"))
    assert found, name
    return str(found[0].text)


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(pathlib.Path(SHOTS) / f"doors-{name}.png"), full_page=True)


def test_her_phone_opens_a_real_door_and_her_home_alone_reads_the_hour(
    chromium: Any, live_server: Any, people: dict[str, Any], keys: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    trouble: list[str] = []
    place = court()
    neighbours(place)
    home, code = homes.enrol(place.compound, "3", "2", "302", timezone.now())
    counter.paper_key(home, f"{live_server.url}/doors/paper/")  # what somebody at the counter may have kept
    door = Running(Server(live_server.url), passes.root().hex(), tmp_path / "door", key=place.key(place.entrance))  # type: ignore[arg-type]
    try:
        door.until(held=True)
        page = phone(chromium, live_server, people["resident"], trouble)
        page.goto("/doors/join/")
        page.fill("#code", code.lower())
        page.click("#join button")
        page.wait_for_url(f"**/doors/{home.pk}/")
        page.click("[data-phone] button:enabled")
        page.wait_for_selector("#key-code[data-slot]")
        assert Axe().run(page).response["violations"] == []
        shot(page, "key")
        screen = read(page, "her code")
        assert door.result(show=screen) == "opened"
        assert door.result(show=screen) == "replayed"
        page.context.set_offline(True)  # in the lift: the page stands, and shows a new code
        old = page.get_attribute("#key-code", "data-slot")
        page.clock.install()
        page.clock.fast_forward(31_000)
        expect(page.locator("#key-code")).not_to_have_attribute("data-slot", old or "")
        page.context.set_offline(False)
        page.goto(f"/doors/{home.pk}/visits/")
        page.click("form button.btn--main")
        link = page.input_value("#said")
        guest = phone(chromium, live_server, None, trouble)
        guest.goto("/doors/pass/#M1." + link.split("#M1.")[1].split(" ")[0])
        guest.wait_for_selector("#guest-code:not([hidden]) path")
        assert door.result(show=read(guest, "the visitor's")) == "opened"
        door.say(shift=3600)  # the hour is over
        door.until(waits=0)
        page.goto(f"/doors/{home.pk}/days/")
        page.wait_for_selector("[data-days][data-opened]")
        lines = page.locator("[data-list] li").all_inner_texts()
        assert len(lines) == 2
        assert all("3 号楼 2 单元" in line for line in lines)
        assert {line.rsplit("·", 1)[1] for line in lines} == {"手机", "客人"}
        shot(page, "days")
        page.goto(f"/doors/{home.pk}/")
        before = homes.seal_of(homes.Home.objects.get(pk=home.pk))
        page.click("[data-renew] >> xpath=ancestor::details/summary")
        page.click("[data-renew] form button:enabled")
        page.wait_for_selector("[data-made]:not([hidden]) .doors-qr path")
        assert homes.seal_of(homes.Home.objects.get(pk=home.pk)) != before
        shot(page, "new-key")
        page.locator("[data-made] .doors-qr").evaluate("code => code.scrollIntoView({block: 'center'})")
        paper = read(page, "the new paper")
        page.goto(f"/doors/{home.pk}/days/")
        page.wait_for_selector("[data-days][data-opened]")
        assert page.locator("[data-list] li").count() == 2, "the key before still opens its days"
        printed = phone(chromium, live_server, None, trouble)
        printed.goto(paper.removeprefix(live_server.url))
        printed.wait_for_selector("[data-days][data-opened]")
        assert printed.locator("[data-list] li").count() == 0, "the new key nothing from before it"
        worker = phone(chromium, live_server, people["worker"], trouble)
        assert worker.goto(f"/doors/{home.pk}/days/").status == 404  # type: ignore[union-attr]
        english = phone(
            chromium, live_server, people[CLERK], trouble, locale="en-US", viewport={"width": 1440, "height": 900}
        )
        english.goto("/doors/desk/")
        assert Axe().run(english).response["violations"] == []
        shot(english, "desk")
        assert trouble == []
    finally:
        door.stop()
