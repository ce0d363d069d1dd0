"""A city that runs and can be switched off, and phones whose memory is a folder: killed and started again they find what they kept."""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import signal
import sqlite3
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Error, Page, Playwright, expect

from tests.e2e.city import City

CHROMIUM = shutil.which("chromium")
expect.set_options(timeout=30_000)  # a slow machine is no fault of the page
PIN = "27182845"
WAITS = "(one) => one.state === 'waiting' && !Field.queue.behind(one)"
NOTES = """async ([count, words]) => {
  for (let n = 0; n < count; n++) {
    const code = Field.queue.mine.cases[n % 3].code, facts = { words: words + n };
    await Field.queue.add({ id: Field.uuid(), what: "step", code, step: "note", label: "备注", title: words, facts, photos: [] });
  }
}"""
SIZE = {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def city_of_the_field(tmp_path_factory: Any) -> Iterator[City]:
    running = City(tmp_path_factory.mktemp("field"))
    running.run("minan", "demo", "--empty", "--no-serve")
    running.run("minan.channels.field.tests.e2e.stage")
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def play(playing: Playwright) -> Playwright:
    if CHROMIUM is None:
        pytest.skip("not run: the field in a browser (chromium missing)")
    return playing


class Device:
    """A phone of somebody: a profile folder, and while it is on, one page of the app."""

    def __init__(self, play: Playwright, city: City, folder: pathlib.Path, locale: str = "zh-CN") -> None:
        self.play, self.city, self.folder, self.locale = play, city, folder, locale
        self.context: BrowserContext | None = None
        self.trouble: list[str] = []
        self.dialogs: list[str] = []  # what the app asked before something is lost; answered with yes

    @property
    def page(self) -> Page:
        assert self.context is not None
        return self.context.pages[0]

    def on(self, *, offline: bool = False) -> Page:
        size: Any = SIZE
        self.context = self.play.chromium.launch_persistent_context(
            self.folder, executable_path=CHROMIUM, args=["--no-sandbox"], locale=self.locale, viewport=size, base_url=self.city.url,
            is_mobile=True, has_touch=True,
        )  # fmt: skip
        self.context.set_default_timeout(30_000)
        self.context.set_offline(offline)
        page = self.context.pages[0] if self.context.pages else self.context.new_page()
        page.on("pageerror", lambda error: self.trouble.append(str(error)))
        page.on(
            "console", lambda said: self.trouble.append(said.text) if "Content Security Policy" in said.text else None
        )
        page.on("dialog", self._asked)
        return page

    def _asked(self, dialog: Any) -> None:
        self.dialogs.append(dialog.message)
        dialog.accept()

    def off(self) -> None:
        if self.context is not None:
            self.context.close()
        self.context = None

    def killed(self) -> None:
        """As when the battery goes: the browser gets no word beforehand."""
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit() and str(self.folder) in _command(entry):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(entry.name), signal.SIGKILL)
        with contextlib.suppress(Error):  # it is gone already
            self.off()
        self.context = None
        (self.folder / "SingletonLock").unlink(missing_ok=True)

    def enter(self, username: str) -> Page:
        """Sign in by the demo's click and open the app."""
        page = self.page
        page.goto("/demo/")
        with page.expect_navigation():
            page.locator(f"form[action='/demo/{username}/'] button").click()
        page.goto("/field/")
        return page

    def set_up(self, username: str, pin: str = PIN) -> Page:
        """The first time: sign in, choose a PIN, wait until the tasks are there."""
        page = self.enter(username)
        page.fill("#pin", pin)
        page.fill("#pin2", pin)
        page.locator("form button").click()
        page.wait_for_selector("[data-as-of]")
        self.until("navigator.serviceWorker.controller !== null")
        return page

    def unlock(self, pin: str = PIN) -> Page:
        page = self.page
        page.goto("/field/")
        page.fill("#pin", pin)
        page.locator("form button").first.click()
        page.wait_for_selector("#field-nav:not([hidden])")
        return page

    def waiting(self) -> int:
        """How many records still have a way to go: not those that wait behind one the worker must look at."""
        return int(
            self.page.evaluate(
                "Field.queue.mine.records.filter((one) => one.state === 'waiting' && !Field.queue.behind(one)).length"
            )
        )

    def until(self, true: str, within: float = 30.0) -> None:
        """Until an expression is true in the page; asked from outside, for the page's policy lets nobody evaluate inside."""
        end = time.monotonic() + within
        while not self.page.evaluate(true):
            assert time.monotonic() < end, true
            self.page.wait_for_timeout(50)

    def sent(self, within: float = 120.0) -> None:
        """Until nothing waits any more."""
        self.until(
            "!Field.queue.mine.records.some((one) => one.state === 'waiting' && !Field.queue.behind(one))", within
        )


def _command(entry: pathlib.Path) -> str:
    try:
        return (entry / "cmdline").read_text("utf-8", "replace")
    except OSError:
        return ""


@pytest.fixture
def device(play: Playwright, city_of_the_field: City, tmp_path: pathlib.Path) -> Iterator[Any]:
    """Makes phones; at the end none of them may have had an error of its own."""
    made: list[Device] = []

    def make(name: str, **more: Any) -> Device:
        made.append(Device(play, city_of_the_field, tmp_path / name, **more))
        made[-1].on()
        return made[-1]

    yield make
    for one in made:
        one.off()
    assert [one.trouble for one in made if one.trouble] == []


def bodies(city: City) -> list[str]:
    """What every event says, as it lies in the records."""
    with sqlite3.connect(f"file:{city.folder}/data/minan.sqlite3?mode=ro", uri=True) as found:
        return [text for (text,) in found.execute("SELECT text FROM kernel_body")]


__all__ = ["CHROMIUM", "NOTES", "PIN", "Device", "bodies", "expect"]
