"""In Chromium: a screen is paired by its number, shows a scam warning, goes on without a network, drops what is over, ignores what is
forged; meanwhile 王秀兰 reads it on her phone, posts what she found and books a seat. One story; pictures are taken on the way."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from minan.kernel import onetime_code
from minan.kernel.models import Case, Event
from minan.kernel.tests.desks import desk_of
from minan.kernel.tests.waiting import until
from minan.lib import throttle
from minan.systems.bulletins import signing
from minan.systems.bulletins.tests import cast

CHROMIUM = shutil.which("chromium")
expect.set_options(timeout=20_000)  # a slow machine is no fault of the page
SHOTS = os.environ.get("MINAN_SHOTS", "")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="not run: a screen by the door (chromium missing)"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("tables_can_be_emptied"),
    pytest.mark.e2e,
]
# RFC 8032, 7.1: key, message, signature
VECTORS = (
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
)  # fmt: skip
CHECK = """([key, message, signature]) => { const b = (h) => Uint8Array.from(h.match(/../g) || [], (x) => parseInt(x, 16));
  return window.ed25519Verify(b(key), b(signature), b(message)); }"""


@pytest.fixture(autouse=True)
def nobody_pressed_yet() -> None:
    throttle.forget()


def fresh(chromium: Any, live_server: Any, width: int, height: int, user: str = "", locale: str = "zh-CN") -> Page:
    context = chromium.new_context(base_url=live_server.url, viewport={"width": width, "height": height}, locale=locale)
    context.set_default_timeout(20_000)
    if user:
        cookie = desk_of(user).cookies["sessionid"]
        context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": live_server.url}])
    return context.new_page()  # type: ignore[no-any-return]


def shot(page: Page, name: str, *, whole: bool = True) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/bulletins-{name}.png", full_page=whole)


def sound(page: Page) -> None:
    """No barrier that axe can see."""
    found = Axe().run(page).response["violations"]
    assert not found, json.dumps([(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found], ensure_ascii=False)[:2000]


def polled(screen: Page) -> None:
    """The screen has asked once more, whatever came of it."""
    before = int(screen.evaluate("document.body.dataset.polls || '0'"))
    until(screen, "(n) => Number(document.body.dataset.polls || 0) > n", arg=before)


def paired(kiosk: Page, desk: Page) -> None:
    kiosk.add_init_script("addEventListener('DOMContentLoaded', () => { document.body.dataset.poll = '250'; });")
    kiosk.goto("/screen/")
    expect(kiosk.locator("#code")).to_have_text(re.compile(r"\d{4} \d{4}"))
    shot(kiosk, "screen-pairing", whole=False)
    desk.goto("/bulletins/screens/")
    desk.fill("#code", kiosk.locator("#code").inner_text())
    desk.select_option("#place", cast.VILLAGE)
    desk.fill("#name", "3 号楼 2 单元")
    desk.get_by_role("button", name="接上").click()
    expect(kiosk.locator("#nothing")).to_be_visible()
    sound(desk)
    shot(desk, "screens-1440")


def warned(desk: Page, kiosk: Page) -> None:
    desk.goto("/bulletins/desk/")
    sound(desk)
    desk.get_by_role("link", name="反诈").click()
    expect(desk.locator("select[name=place]")).to_have_value(cast.VILLAGE)  # its own place: nothing is left but to press
    shot(desk, "emergency-1440")
    sound(desk)
    desk.get_by_role("button", name="马上发出去").click()
    expect(kiosk.locator("#title")).to_have_text("小心骗子")
    expect(kiosk.locator("body")).to_have_class(re.compile("is-emergency"))
    sound(kiosk)
    shot(kiosk, "screen-emergency", whole=False)
    desk.goto("/bulletins/desk/")
    shot(desk, "desk-1440")


def without_network(kiosk: Page) -> None:
    """The network is cut, the machine is started anew: what is valid stays, and the screen says since when it stands alone."""
    kiosk.evaluate("navigator.serviceWorker.ready.then(() => true)")
    kiosk.context.set_offline(True)
    kiosk.reload()
    expect(kiosk.locator("#title")).to_have_text("小心骗子")
    expect(kiosk.locator("#offline")).to_contain_text("没有网络")
    shot(kiosk, "screen-offline", whole=False)
    kept = kiosk.evaluate("localStorage.getItem('minan-notes')")
    kiosk.evaluate("(t) => localStorage.setItem('minan-notes', t)", kept.replace("小心骗子", "给我转账"))
    kiosk.reload()
    expect(kiosk.locator("#nothing")).to_be_visible()  # what somebody wrote into its memory is not shown
    kiosk.evaluate("(t) => localStorage.setItem('minan-notes', t)", kept)
    kiosk.reload()
    expect(kiosk.locator("#title")).to_have_text("小心骗子")
    kiosk.evaluate("(() => { const now = Date.now; Date.now = () => now() + 13 * 3600e3; })()")
    expect(kiosk.locator("#nothing")).to_be_visible()  # over by its own clock
    kiosk.context.set_offline(False)
    kiosk.reload()
    expect(kiosk.locator("#title")).to_have_text("小心骗子")
    expect(kiosk.locator("#offline")).to_be_hidden()


def forged(kiosk: Page) -> None:
    """Whoever sits on the line puts nothing up: another key, another text, another place."""
    for key, message, signature in VECTORS:
        assert kiosk.evaluate(CHECK, [key, message, signature]) is True
        assert kiosk.evaluate(CHECK, [key, message + "00", signature]) is False
        assert kiosk.evaluate(CHECK, [key, message, signature[:-2] + "10"]) is False
    note = kiosk.evaluate("JSON.parse(localStorage.getItem('minan-notes'))[0]")
    said = {"paired": True, "place": cast.VILLAGE, "name": "", "where": "", "key": base64.b64encode(b"\1" * 32).decode()}
    said["notes"] = [note.replace("小心骗子", "给我转账"), note.split("\n\n")[0] + "\n\n— x AAAA\n", "", "<b>x</b>"]
    kiosk.route("**/screen/feed", lambda route: route.fulfill(json=said))
    polled(kiosk), polled(kiosk)
    expect(kiosk.locator("#nothing")).to_be_visible()
    assert kiosk.evaluate("JSON.parse(localStorage.getItem('minan-screen')).key") == signing.public(), "the key stays the first one"
    kiosk.unroute("**/screen/feed")
    expect(kiosk.locator("#title")).to_have_text("小心骗子")


def hostile(kiosk: Page) -> None:
    """What somebody writes is words, on the screen too."""
    evil, now = "<img src=x onerror=alert(1)>", timezone.now()
    kiosk.on("dialog", lambda dialog: pytest.fail(dialog.message))
    written = cast.published(now, title=evil, until=timezone.localdate(now).isoformat())
    for case in Case.objects.filter(procedure="bulletin", closed_at=None).exclude(id=written.id):
        cast.go(case, "withdraw", cast.LI, timezone.now(), words="过了")
    expect(kiosk.locator("h1", has_text=evil)).to_be_visible()  # the newest stands first
    assert kiosk.locator("main img").count() == 1


def on_her_phone(phone: Page, gathering: Case) -> None:
    phone.goto("/bulletins/")
    phone.fill("#find", "朝阳社区")
    phone.get_by_role("button", name="找").click()
    phone.locator(f"button[value='{cast.VILLAGE}']").click()
    expect(phone.get_by_text("小心骗子")).to_be_visible()
    sound(phone)
    shot(phone, "place-390")
    phone.goto("/")
    expect(phone.locator(".banner--red")).to_contain_text("小心骗子")
    shot(phone, "home-390")
    phone.get_by_role("link", name="看全文").click()
    sound(phone)
    shot(phone, "one-390")
    phone.goto(f"/gatherings/{gathering.code}/")
    phone.fill("#booker", "王秀兰")
    sound(phone)
    shot(phone, "gathering-390")
    phone.get_by_role("button", name="报名").click()
    expect(phone.get_by_text("报上了")).to_be_visible()
    sound(phone)
    shot(phone, "ticket-390")


def posts(phone: Page) -> None:
    phone.goto("/lost/new/")
    phone.get_by_text("捡到东西").click()
    phone.fill("[name=text]", "捡到一个黑色钱包，打 13812345678 找我")
    phone.fill("[name=phone]", "13812345678")
    sound(phone)
    shot(phone, "lost-new-390")
    phone.get_by_role("button", name="发出去").click()
    expect(phone.locator("#code")).to_be_visible()
    sound(phone)
    shot(phone, "lost-code-390")
    case = Case.objects.get(procedure="lost")
    phone.fill("#code", onetime_code.of(case.id, Event.objects.get(case_id=case.id, step="ask_code").n))
    phone.get_by_role("button", name="发出去").click()
    expect(phone.get_by_text("捡到一个黑色钱包")).to_be_visible()
    expect(phone.get_by_text("13812345678")).to_have_count(0)
    sound(phone)
    shot(phone, "lost-one-390")
    phone.goto("/lost/")
    shot(phone, "lost-390")


def test_a_scam_warning_on_the_door_and_on_the_phone_with_the_network_cut_and_forgers_on_the_line(
    people: dict[str, Any], chromium: Any, live_server: Any
) -> None:
    now = timezone.now()
    show = cast.event(now, day=now.date().replace(year=now.year + 1, day=1).isoformat())
    kiosk, desk = fresh(chromium, live_server, 1280, 720), fresh(chromium, live_server, 1440, 900, cast.LIU)
    phone, english = fresh(chromium, live_server, 390, 844), fresh(chromium, live_server, 390, 844, locale="en-GB")
    cast.go(show, "call_off", cast.LI, now, words="另定日子")  # a screen with nothing on it first
    paired(kiosk, desk)
    warned(desk, kiosk)
    without_network(kiosk)
    forged(kiosk)
    show = cast.event(now, day=now.date().replace(year=now.year + 1, day=2).isoformat())
    on_her_phone(phone, show)
    posts(phone)
    hostile(kiosk)
    for path, name in (("/bulletins/", "place"), (f"/gatherings/{show.code}/", "gathering"), ("/lost/new/", "lost-new")):
        english.goto(path)
        shot(english, f"{name}-390-en")
    desk.goto("/gatherings/announce/")
    sound(desk)
    shot(desk, "announce-1440")
    desk.goto(f"/gatherings/{show.code}/door/")
    sound(desk)
    shot(desk, "door-1440")
    assert Case.objects.get(id=show.id).state == "bookable"
    for page in (kiosk, desk, phone, english):
        page.context.close()
