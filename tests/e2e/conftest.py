"""One running city and one Chromium for all tests of the whole; each test has its own people."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, expect

from tests.e2e.browser import Browsers
from tests.e2e.city import City

CHROMIUM = shutil.which("chromium")
expect.set_options(timeout=30_000)  # a slow machine is no fault of the page


@pytest.fixture(scope="session")
def city_that_runs(tmp_path_factory: Any) -> Iterator[City]:
    running = City(tmp_path_factory.mktemp("city"))
    running.make()
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def chromium(playing: Playwright) -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("not run: the whole in a browser (chromium missing)")
    browser = playing.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
    yield browser
    browser.close()


@pytest.fixture
def browsers(chromium: Browser, city_that_runs: City) -> Iterator[Browsers]:
    """The people of one test; at its end nothing may stand in any of their consoles."""
    mine = Browsers(chromium, city_that_runs)
    yield mine
    mine.close()
    assert not mine.trouble, "\n".join(mine.trouble)
