"""王秀兰 presses "tell me on this device": only then the browser is asked, and a notice that arrives shows the code and opens her matter."""

from __future__ import annotations

import json

from playwright.sync_api import Page, expect

from tests.e2e.acts import receipt_of
from tests.e2e.browser import DESK, Browsers, keep, until
from tests.e2e.city import City

# The browser's own push service is out of reach of a test; everything up to its door, and from its door on, is real.
STAND_IN = """
window.asked = 0;
Notification.requestPermission = async () => { window.asked += 1; return "granted"; };
PushManager.prototype.getSubscription = async function () { return null; };
PushManager.prototype.subscribe = async function (how) {
  window.how = how.userVisibleOnly && how.applicationServerKey.length;
  return { toJSON: () => ({ endpoint: "https://fcm.googleapis.com/fcm/send/x", expirationTime: null, keys: {
    p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    auth: "BTBZMqHH6r4Tts7J_aSIgg" } }) };
};
"""
SHOWN = """navigator.serviceWorker.ready.then((r) => r.getNotifications())
  .then((all) => all.map((n) => ({title: n.title, body: n.body, url: n.data.url})))"""


def said(page: Page) -> str:
    page.goto("/say/")
    page.locator("#id_text").fill("粮站门口的路灯不亮")
    page.locator("button.btn--main", has_text="发出去").click()
    page.wait_for_url("**/receipt/")
    return receipt_of(page).code.replace("-", "")


def pushed(page: Page, origin: str, data: dict[str, str], many: int) -> list[dict[str, str]]:
    """The so many notices the device shows after the push service delivered this."""
    talk = page.context.new_cdp_session(page)
    found: list[str] = []
    talk.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda got: found.extend(one["registrationId"] for one in got["registrations"]),
    )
    talk.send("ServiceWorker.enable")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    until(page, lambda: found)
    told = {"origin": origin, "registrationId": found[-1], "data": json.dumps(data, ensure_ascii=False)}
    talk.send("ServiceWorker.deliverPushMessage", told)
    shown: list[dict[str, str]] = until(page, lambda: [all for all in [page.evaluate(SHOWN)] if len(all) == many])[0]
    return shown


def test_she_is_asked_only_at_her_press_and_her_device_shows_the_code_alone(
    browsers: Browsers, city_that_runs: City
) -> None:
    page = browsers.fresh(permissions=["notifications"])
    page.add_init_script(STAND_IN)
    code = said(page)
    page.goto(f"/m/{code}/")
    page.get_by_role("link", name="有进展时怎么告诉您").click()
    expect(page.get_by_role("heading", name="有进展时怎么告诉您")).to_be_visible()
    assert page.evaluate("window.asked") == 0, "nobody asks before she presses"
    keep(page, "tell-phone")
    page.get_by_role("button", name="在这台设备上告诉我").click()
    expect(page.get_by_text("记下了，马上起作用。")).to_be_visible()
    expect(page.get_by_text("设备上的通知")).to_be_visible()
    keep(page, "tell-phone-on")
    url = f"/m/{code}/"
    shown = pushed(page, city_that_runs.url, {"title": "民安", "body": f"{code} 有新进展", "url": url}, 1)
    assert shown == [{"title": "民安", "body": f"{code} 有新进展", "url": url}]
    evil = pushed(page, city_that_runs.url, {"title": "x", "body": "y", "url": "https://evil.example/"}, 2)
    assert {one["url"] for one in evil} == {url, "/mine/"}, "a notice leads nowhere else"
    page.get_by_role("button", name="不要了").click()
    expect(page.get_by_role("button", name="在这台设备上告诉我")).to_be_visible()


def test_without_a_push_service_she_is_told_and_can_use_another_way(browsers: Browsers) -> None:
    page = browsers.fresh()
    page.add_init_script('Notification.requestPermission = async () => "denied";')
    code = said(page)
    page.goto(f"/m/{code}/tell/")
    page.get_by_role("button", name="在这台设备上告诉我").click()
    expect(page.locator("[data-push-no]")).to_be_visible()
    assert page.url.endswith("/tell/")


def test_the_administrator_sees_how_notices_go_and_a_clerk_finds_nothing(browsers: Browsers) -> None:
    page = browsers.enter("admin", DESK)
    page.goto("/admin/")
    page.get_by_role("link", name="通知发得怎么样").click()
    expect(page.get_by_role("heading", name="通知发得怎么样")).to_be_visible()
    expect(page.get_by_role("row", name="短信 1 file")).to_be_visible()
    keep(page, "notices-desk")
    clerk = browsers.enter("clerk", DESK)
    answer = clerk.goto("/admin/notices/")
    assert answer is not None
    assert answer.status == 404
