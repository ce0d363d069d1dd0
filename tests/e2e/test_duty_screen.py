"""陈静 sits in the duty room: her screen rings, says when it cannot, survives a killed process and a session that ends, without reload."""

from __future__ import annotations

import os
import signal
import urllib.parse
import urllib.request
from pathlib import Path

from playwright.sync_api import expect

from bench import machine
from tests.e2e.browser import DESK, PHONE, Browsers, keep, until
from tests.e2e.city import City

WORDS = "朝阳社区三号楼前的灯杆歪了，电线垂下来滋滋冒火花"
DOWN, OVER = "#live-down", "#duty-over"


def said(city: City, words: str) -> None:
    """A neighbour reports it by another program."""
    facts = {"service_code": "lamp.pole", "description": words, "address_id": "131022100010", "address_string": "三号楼前"}
    with urllib.request.urlopen(f"{city.url}/open311/v2/requests.json", urllib.parse.urlencode(facts).encode(), timeout=20) as answer:
        assert answer.status in (200, 201)


def live_of(city: City) -> int:
    """The live process of this city; 0 where there is none just now."""
    assert city.process is not None
    for pid in machine.tree(city.process.pid):
        if Path(f"/proc/{pid}/comm").exists() and Path(f"/proc/{pid}/comm").read_text("ascii").strip() == "minan-live":
            return pid
    return 0


def test_the_duty_screen_rings_says_when_it_cannot_and_comes_back_by_itself(browsers: Browsers) -> None:
    chen, sun = browsers.enter("clerk", DESK), browsers.enter("supervisor", PHONE, locale="en-US")
    for page in (chen, sun):
        page.goto("/duty/")
        page.locator("body[data-line=up]").wait_for()
    expect(chen.locator("[data-sound-off]")).to_be_visible()
    keep(chen, "duty-no-sound", whole=False)
    chen.keyboard.press("s")
    chen.locator("body[data-sound=on][data-rang^=test]").wait_for()
    expect(chen.locator("[data-sound-off]")).to_be_hidden()

    said(browsers.city, WORDS)  # rings, on both screens, and nobody reloads
    row, hers = (page.locator(".duty-row.is-waiting", has_text="滋滋冒火花") for page in (chen, sun))
    expect(row).to_be_visible()
    expect(hers).to_be_visible()
    chen.locator("body[data-rang^=alarm]").wait_for()
    expect(chen.locator(".duty-dot.is-waiting").first).to_be_visible()
    keep(chen, "duty", whole=False)
    keep(sun, "duty-phone-en")
    row.get_by_role("button", name="受理").click()
    expect(chen.locator(".banner", has_text="记下了：受理")).to_be_visible()
    expect(row).to_have_count(0)
    expect(hers).to_have_count(0)

    pid = live_of(browsers.city)
    os.kill(pid, signal.SIGKILL)
    expect(chen.locator(DOWN)).to_be_visible()
    keep(chen, "duty-down", whole=False)
    expect(chen.locator(".duty-row", has_text="滋滋冒火花")).to_be_visible()  # the list stays
    until(chen, lambda: live_of(browsers.city) not in (0, pid))
    expect(chen.locator(DOWN)).to_be_hidden()

    door = chen.context.new_page()  # the session ends elsewhere
    door.goto("/desk/")
    with door.expect_navigation():
        door.get_by_role("button", name="退出").click()
    expect(chen.locator(OVER)).to_be_visible()
    expect(chen.locator(".duty-row", has_text="滋滋冒火花")).to_be_visible()
    door.goto("/demo/")
    with door.expect_navigation():
        door.locator("form[action='/demo/clerk/'] button").click()
    expect(chen.locator(OVER)).to_be_hidden(timeout=60_000)  # by itself, at the next reading
    chen.locator("body[data-line=up]").wait_for()
    signed_out = f"401 http://127.0.0.1:{browsers.city.port + 1}/events"  # what the line is told between signing out and in again
    browsers.trouble[:] = [said for said in browsers.trouble if signed_out not in said]
