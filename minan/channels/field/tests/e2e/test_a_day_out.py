"""What a worker meets on a day out: both languages, the order of visits, a position at a press, old data, two tabs, small pages."""

from __future__ import annotations

import os
import pathlib
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from minan.channels.field.tests.e2e.conftest import CHROMIUM, NOTES, PIN, expect

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="not run: the field in a browser (chromium missing)")
SHOTS = os.environ.get("MINAN_SHOTS", "")
ROUTE = """([cases, from]) => {
  const now = new Date("2026-11-29T09:00:00+08:00").getTime();
  return Field.visits.route(cases, now, from).map((row) => [row.one.code, row.far]);
}"""
# Once the letters are there and nothing moves any more.
SETTLED = """() => document.fonts.ready.then(() => Promise.allSettled(
  document.getAnimations().filter((one) => one.effect.getComputedTiming().iterations !== Infinity).map((one) => one.finished)))"""
LIGHT = """([due, warn, now]) => Field.visits.light(due, warn, new Date(now).getTime())"""


def looked_at(page: Any, name: str) -> None:
    """A small page nobody must scroll sideways, readable to who cannot see it; kept as a picture where somebody wants to look."""
    page.evaluate(SETTLED)
    if SHOTS:
        pathlib.Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{SHOTS}/field-{name}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), name
    if page.evaluate("Field.lang") != "en":  # the same elements in both
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_every_screen_fits_the_phone_in_both_languages(device: Any, locale: str) -> None:
    phone = device(f"pages-{locale}", locale=locale)
    page = phone.enter("worker")
    page.wait_for_selector("[data-screen=choose]")
    looked_at(page, f"{locale}-choose")
    page = phone.set_up("worker")
    looked_at(page, f"{locale}-list")
    for screen in ("new", "queue", "me"):
        page.evaluate(f"Field.go('{screen}')")
        page.wait_for_selector(f"[data-screen={screen}]")
        looked_at(page, f"{locale}-{screen}")
    page.evaluate("Field.go('list')")
    page.locator("[data-task]").first.click()
    page.wait_for_selector("[data-screen=case]")
    looked_at(page, f"{locale}-case")
    page.locator("[data-step=settle]").first.click()
    page.wait_for_selector("[data-screen=step]")
    looked_at(page, f"{locale}-step")
    page.evaluate("Field.lock()")
    page.wait_for_selector("[data-screen=locked]")
    looked_at(page, f"{locale}-locked")
    text = page.inner_text("body")
    assert ("Locked" in text) == (locale == "en-GB")


def test_the_order_of_the_day_begins_with_the_most_urgent_and_goes_to_the_nearest(device: Any) -> None:
    page = device("route").set_up("worker")
    at = "2026-11-29T{}:00+08:00"
    cases = [
        {"code": "far", "due_at": at.format("10:00"), "at": [116.40, 39.40]},
        {"code": "near", "due_at": at.format("17:00"), "at": [116.31, 39.40]},
        {"code": "first", "due_at": at.format("08:00"), "at": [116.30, 39.40]},
        {"code": "nowhere", "due_at": at.format("12:00"), "at": None},
        {"code": "tomorrow", "due_at": "2026-11-30T09:00:00+08:00", "at": [116.30, 39.40]},
    ]
    assert [code for code, _ in page.evaluate(ROUTE, [cases, None])] == ["first", "near", "far", "nowhere", "tomorrow"]
    assert [code for code, _ in page.evaluate(ROUTE, [cases, [116.41, 39.40]])][:3] == ["far", "near", "first"]
    metres = page.evaluate(ROUTE, [cases, None])[1][1]
    assert 840 < metres < 880  # 0.01 degrees of longitude at 39.4 north
    due, warn = at.format("12:00"), at.format("11:00")
    shapes = [page.evaluate(LIGHT, [due, warn, at.format(hour)])["shape"] for hour in ("10:00", "11:00", "12:01")]
    assert shapes == ["green", "amber", "red"]
    assert page.evaluate(LIGHT, [None, None, due])["shape"] == "paused"


LAID = """([stops, from, places]) => {
  const it = Field.sketch.laid(stops.map(([n, at]) => ({ n, at, about: false, title: "", id: "" })), from, places);
  const stopped = (mark) => [mark.ns, Math.round(mark.x), Math.round(mark.y)];
  return it && { ...it, stops: it.stops.map(stopped), names: it.names.map((name) => name.text) };
}"""


def test_the_sketch_shows_directions_distances_and_the_order_and_names_never_cover_a_stop(device: Any) -> None:
    page = device("laid").set_up("worker")
    assert page.evaluate(LAID, [[], None, []]) is None
    west, east, north = [116.300, 39.400], [116.310, 39.400], [116.305, 39.404]
    villages = [{"short": "南村", "at": [116.305, 39.4005]}, {"short": "压着一号", "at": west}, {"short": "远处", "at": [117.0, 39.4]}]
    it = page.evaluate(LAID, [[[1, west], [2, east], [3, north], [4, [116.3101, 39.4001]]], None, villages])
    marks = {tuple(ns): (x, y) for ns, x, y in it["stops"]}
    assert set(marks) == {(1,), (2, 4), (3,)}, "what would cover another shares its ring"
    assert marks[1,][0] < marks[3,][0] < marks[2, 4][0], "east is right"
    assert marks[3,][1] < marks[1,][1], "north is up"
    assert it["names"] == ["南村"]
    pixels = marks[2, 4][0] - marks[1,][0]  # 860 m apart
    assert abs(it["bar"]["width"] / it["bar"]["metres"] - pixels / 860) < 0.01
    assert len(it["line"]) == 4
    assert all(0 < x < 360 and 0 < y < 260 for x, y in marks.values())
    assert len(page.evaluate(LAID, [[[1, west]], east, []])["line"]) == 2, "from where one stands to the first"


def test_the_days_order_is_drawn_without_a_network_and_a_number_opens_its_matter(device: Any) -> None:
    phone = device("sketch")
    page = phone.set_up("worker")
    assert page.locator(".field-sketch").count() == 0, "by time there is nothing to draw"
    phone.context.set_offline(True)
    page.evaluate("""() => {
      const cases = Field.queue.mine.cases, late = Math.max(...cases.map((one) => new Date(one.due_at || 0).getTime()));
      Field.now = () => late + 3600000;
      cases.forEach((one) => { one.at = null; });
      cases.slice(0, 3).forEach((one, n) => { one.at = [116.30 + n * 0.01, 39.42 + (n % 2) * 0.005]; one.at_about = n === 2; });
    }""")
    page.locator("[data-order=route]").click()
    page.wait_for_selector(".field-sketch")
    numbers = [int(text) for text in page.locator("[data-task] .field-turn").all_inner_texts()]
    assert numbers == list(range(1, len(numbers) + 1)), "the list bears the numbers of the sketch"
    rings = page.locator(".field-stop text").all_text_contents()
    assert rings == ["1", "2", "3"]
    assert page.locator(".field-stop.is-about").count() == 1, "what has no exact place is drawn as such"
    looked_at(page, "sketch")
    first = page.locator(".field-stop").first
    title = first.get_attribute("aria-label").split(" ", 1)[1]
    first.click()
    page.wait_for_selector("[data-screen=case]")
    assert page.inner_text("h1") == title


def test_his_position_is_used_at_the_press_and_nowhere_kept(device: Any, city_of_the_field: Any) -> None:
    phone = device("position")
    page = phone.set_up("worker")
    phone.context.grant_permissions(["geolocation"], origin=city_of_the_field.url)
    phone.context.set_geolocation({"latitude": 39.444444, "longitude": 116.333333})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url + (request.post_data or "")))
    page.locator("[data-order=here]").click()
    expect(page.locator("[data-screen=list]")).to_contain_text("没有发出去，也没有存")
    page.evaluate("Field.go('new')")
    page.locator("[data-kind='clean.rubbish']").click()
    assert "116.333" not in "".join(asked), "only for the order: it never leaves the phone"
    page.locator("details summary").click()
    page.locator("[data-point]").click()
    expect(page.locator("[data-finding]")).to_contain_text("东经 116.3333，北纬 39.4444")
    page.locator("[data-keep]").click()
    phone.until("Field.queue.mine.sent.length === 1")


def test_data_older_than_three_days_says_so_and_nothing_unsent_goes(device: Any) -> None:
    phone = device("old")
    page = phone.set_up("worker")
    phone.context.set_offline(True)
    page.evaluate(NOTES, [1, "三天前"])
    page.evaluate("() => { const real = Field.now; Field.now = () => real() + 80 * 3600000; Field.changed(); }")
    expect(page.locator("[data-screen=list]")).to_contain_text("超过三天没连上网了")
    assert phone.waiting() == 1
    assert "超" in page.locator("[data-task] .light").first.inner_text(), "the lights go by the phone's own clock"


def test_two_tabs_send_each_record_once(device: Any) -> None:
    phone = device("tabs")
    page = phone.set_up("worker")
    phone.context.set_offline(True)
    page.evaluate(NOTES, [12, "两个页面"])
    other = phone.context.new_page()
    other.goto("/field/")
    other.fill("#pin", PIN)
    other.locator("form button").first.click()
    other.wait_for_selector("#field-nav:not([hidden])")
    taken: list[str] = []

    def answered(response: Any) -> None:
        """What never reached the server, for the way was not yet open, may be sent again; what it took may not."""
        if response.request.method == "POST" and "records" in response.url and response.ok:
            taken.append(response.request.headers.get("idempotency-key", ""))

    for one in (page, other):
        one.on("response", answered)
    phone.context.set_offline(False)
    for one in (page, other):
        one.evaluate("() => { Field.send.back(); }")
    phone.sent()
    for _ in range(2):  # the other one has nothing left to send, though it looks again
        assert other.evaluate("Field.send.now()") in ("on", "stop", "elsewhere")
        other.evaluate("Field.queue.load()")
        assert other.evaluate("Field.queue.mine.records.length") == 0
    assert len(taken) == len(set(taken)) == 12
