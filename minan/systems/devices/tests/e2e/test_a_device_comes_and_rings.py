"""陈静 in Chromium: she enters a smoke detector, copies its key, it sounds, 刘桂芬 goes and it is settled; a picture is asked for."""

from __future__ import annotations

import os
import re
import shutil
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page

from minan.kernel import bus
from minan.kernel.models import BusEar, Case, User
from minan.kernel.tests.desks import desk_of
from minan.systems.devices import ears, registry
from minan.systems.devices.models import Device

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="not run: devices in a browser (chromium missing)"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("tables_can_be_emptied"),
]
VILLAGE, POINT, POLICE = "131022100010", "131022100010-point", "131022100-police"


def opened(chromium: Any, live_server: Any, name: str, width: int = 1440, lang: str = "zh-CN") -> Page:
    context = chromium.new_context(
        locale=lang, viewport={"width": width, "height": 900}, service_workers="block", base_url=live_server.url
    )
    context.add_cookies([{"name": "sessionid", "value": desk_of(name).cookies["sessionid"].value, "url": live_server.url}])
    page: Page = context.new_page()
    page.set_default_timeout(60_000)
    return page


def shot(page: Page, name: str) -> None:
    where = os.environ.get("MINAN_SHOTS")
    if where:
        page.screenshot(path=f"{where}/devices-{name}.png", full_page=True)


def sound(page: Page) -> None:
    """No violation of the rules a program can see."""
    found = Axe().run(page).response["violations"]
    assert not found, [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found]


def test_a_device_is_entered_it_rings_and_is_settled(chromium: Any, live_server: Any, people: dict[str, User]) -> None:
    now = timezone.now()
    BusEar.objects.update_or_create(pk=1, defaults={"since": now - timedelta(hours=1), "at": now})
    eye = {"purpose": "维护公共安全", "answers": "固安镇派出所", "filing": "固公视备〔2026〕11 号", "sign_on": None}
    registry.enter("", kind="camera", place=VILLAGE, unit=POLICE, mounted="3 号楼东侧路口", camera=eye)
    page = opened(chromium, live_server, "clerk")
    page.goto("/devices/new/")
    page.select_option("[name=kind]", "smoke")
    page.select_option("[name=place]", VILLAGE)
    page.fill("[name=mounted]", "3 号楼 2 单元楼道")
    page.select_option("[name=unit]", POINT)
    page.fill("[name=beat]", "600")
    page.click("[data-main]")
    page.get_by_text("这类设备最长 100 秒报一次").wait_for()
    assert page.input_value("[name=mounted]") == "3 号楼 2 单元楼道", "nothing typed is lost"
    sound(page)
    page.fill("[name=beat]", "60")
    page.click("[data-main]")
    page.get_by_text("钥匙只出现这一次").wait_for()
    shot(page, "key-1440-zh")
    device = Device.objects.get(kind="smoke")
    assert page.locator(".bigcode").inner_text() == device.id
    ears.known.forget()
    bus.hand_over(bus.topic(VILLAGE, device.id, "alarm"), "ON", now)
    phone = opened(chromium, live_server, "gu.point", 390)
    phone.goto("/devices/alarms/")
    phone.get_by_role("link", name="烟雾·3 号楼 2 单元楼道").wait_for()
    sound(phone)
    shot(phone, "alarms-390-zh")
    phone.get_by_role("link", name="烟雾·3 号楼 2 单元楼道").click()
    phone.get_by_text("告警，待确认").first.wait_for()
    shot(phone, "case-390-zh")
    case = Case.objects.get(procedure="alarm")
    phone.goto(f"/devices/look/{case.code}/")
    phone.get_by_label(re.compile("3 号楼东侧路口")).check()
    phone.get_by_label("核实设备告警").check()
    phone.fill("[name=words]", "看楼外有没有明火")
    sound(phone)
    shot(phone, "look-390-zh")
    phone.get_by_role("button", name="申请，等另一个单位同意").click()
    phone.get_by_text("等第二个人同意").first.wait_for()
    assert Case.objects.get(procedure="camera_look").parent == case.id
    english = opened(chromium, live_server, "clerk", 1440, "en")
    english.goto("/devices/")
    english.get_by_text("Sounding").first.wait_for()
    sound(english)
    shot(english, "index-1440-en")
    english.goto(f"/devices/{device.id}/")
    english.get_by_text("Last values").wait_for()
    sound(english)
    shot(english, "show-1440-en")
    for one in (page, phone, english):
        one.context.close()
