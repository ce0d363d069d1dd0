"""The story of August: an old woman alone at home presses the button on her wall (real MQTT), the community's duty phone rings, nobody
answers, the street's rings, 120 is rung, the pass opens the house's door (a real door's process), somebody is there, the call is over;
the street begins an improvement with it, and in one of its care centres a bed is booked. Who is a stranger to it finds nothing."""

from __future__ import annotations

import io
import json
import pathlib
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from minan.systems.doors.tests.process import Running
from tests.e2e.browser import DESK, PHONE, Browsers, keep, until
from tests.e2e.city import ROOT, City
from tests.e2e.street import DUTY, VILLAGE
from tests.e2e.test_care import desk_step
from tests.e2e.test_help_call import _opened, _step
from tests.e2e.test_road_accident import act, fill, sign_in, today
from tests.e2e.test_road_accident import until as says

ADDRESS = "裕华里 3 号楼 2 单元 101"


@pytest.fixture
def street(city_that_runs: City) -> dict[str, str]:
    """What was put up in the street."""
    command = [sys.executable, "-m", "tests.e2e.street"]
    done = subprocess.run(command, cwd=ROOT, env=city_that_runs.environment, capture_output=True, text=True, timeout=120, check=True)
    told: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return told


@pytest.fixture
def door(city_that_runs: City, street: dict[str, str], tmp_path: pathlib.Path) -> Iterator[Running]:
    """The house's door, which knows the city's keys and then decides alone."""
    running = Running(city_that_runs, street["root"], tmp_path / "door", key=street["door"])  # type: ignore[arg-type]
    running.until(held=True)
    yield running
    running.stop()


class WallButton:
    """A button on a wall: all it can do is press, and read on a topic of its own whether that was taken."""

    def __init__(self, city: City, street: dict[str, str]) -> None:
        import paho.mqtt.client as mqtt  # as a device would

        self.topic, self.taken = f"minan/{street['area']}/{street['button']}/", threading.Event()
        self.client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, street["button"])
        self.client.username_pw_set(street["button"], street["secret"])
        self.client.on_connect = lambda client, *_: client.subscribe(self.topic + "taken", 1)
        self.client.on_message = lambda _client, _userdata, message: self._told(json.loads(message.payload))
        subscribed = threading.Event()
        self.client.on_subscribe = lambda *_: subscribed.set()
        self.client.connect("127.0.0.1", city.port + 3)
        self.client.loop_start()
        assert subscribed.wait(30)

    def _told(self, said: dict[str, Any]) -> None:
        if said.get("taken"):
            self.taken.set()

    def press(self) -> bool:
        """Whether it was told within a second that somebody is rung; if not, she presses again."""
        self.client.publish(self.topic + "press", b"1", 1).wait_for_publish(30)
        return self.taken.wait(1.0)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


def enrolled(desk: Page, button: str) -> None:
    """罗秀云 of the community enrols 孙桂珍, who sits before her, and binds the button on her wall."""
    own = f"[name=place] optgroup option[value='{VILLAGE}']"
    until(desk, lambda: desk.goto("/help/enrol/") and desk.locator(own).count())  # her post is heard of within seconds
    desk.locator("[name=find]").fill("隆泰")
    desk.locator("button[formaction$='/help/enrol/place/']").click()
    expect(desk.locator("[name=find]")).to_have_value("隆泰")
    desk.locator("[name=place]").select_option(VILLAGE)
    given = {"address": ADDRESS, "name": "孙桂珍", "phone": "13800000066", "family1_name": "儿子 孙建军", "family1_phone": "13900000066"}
    fill(desk, "main form", given | {"told": "心脏病，硝酸甘油在床头", "agree": True})
    desk.locator("main form [data-main]").click()
    expect(desk.get_by_text("登记好了").first).to_be_visible()
    keep(desk, "august-enrolled")
    desk.locator("a[href*='/help/p/']").first.click()
    desk.locator("a[href*='step=bind']").click()
    desk.locator("#do [name=device]").fill(button)
    desk.locator("#do [data-main]").click()
    expect(desk.locator("main")).to_contain_text(button)


def read(page: Page) -> str:
    """What a door's reader sees on a phone's screen."""
    import zxingcpp  # comes with the boxes
    from PIL import Image

    page.locator("#h-pass").scroll_into_view_if_needed()
    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(page.screenshot())).convert("L"))
    assert found
    return str(found[0].text)


def on_duty(page: Page) -> Page:
    page.goto("/help/duty/")
    page.locator("[data-sound-on]").click()
    expect(page.locator("#deaf")).to_be_hidden()
    return page


def test_from_the_button_on_the_wall_to_a_bed_in_a_care_centre(
    browsers: Browsers, city_that_runs: City, street: dict[str, str], door: Running
) -> None:
    point = sign_in(browsers.fresh(PHONE), DUTY)
    enrolled(point, street["button"])
    on_duty(point)
    station = on_duty(sign_in(browsers.fresh(DESK), "bz.clerk"))
    button = WallButton(city_that_runs, street)
    try:
        until(station, button.press)  # taken once the lane knows whose it is, seconds after it was bound
    finally:
        button.close()
    # ---- the community's phone rings; nobody says "I am going"; the street's screen rings
    expect(point.locator("#ringing article")).to_have_count(1)
    until(point, lambda: (point.locator("body").get_attribute("data-rang") or "").startswith("call"))
    keep(point, "august-duty-phone")
    expect(station.locator("#ringing article")).to_have_count(1)
    keep(station, "august-next")
    until(station, lambda: _opened(station))
    call = "/" + station.url.split("/", 3)[3]
    assert browsers.enter("stranger", DESK).goto(call).status == 404  # type: ignore[union-attr]
    station.get_by_role("button", name="看卡片").click()
    expect(station.get_by_text(ADDRESS).first).to_be_visible()
    expect(station.get_by_text("硝酸甘油").first).to_be_visible()
    station.get_by_role("button", name="我去").click()
    _step(station, "打了 120", "本人有病或受伤")
    # ---- the door of the house opens for who helps, and for nobody once the call is over
    station.get_by_role("button", name="开门码").click()
    expect(station.locator("#h-pass")).to_be_visible()
    keep(station, "august-pass")
    shown = read(station)
    assert door.result(show=shown) == "opened"
    station.goto(call)
    station.get_by_role("button", name="上路了").click()
    station.get_by_role("button", name="到了", exact=True).click()
    station.get_by_role("link", name="结束", exact=True).click()
    station.get_by_label("120 送医", exact=True).check()
    station.locator("[name=words]").fill("心口疼，吃了药，120 接走，儿子在医院等。")
    station.locator("#do [data-main]").click()
    expect(station.locator("#moving")).to_contain_text("已结束")
    expect(point.locator("#ringing article")).to_have_count(0)
    until(station, lambda: door.result(show=shown) == "revoked")
    keep(station, "august-closed")
    # ---- the street learns from it
    station.get_by_role("link", name="立一个改进项目").click()
    station.locator("#do [name=title]").fill("独居老人身边没有人")
    station.locator("#do [name=words]").fill("这次是按了钮才有人知道。街道里独居老人不少，白天黑夜都没人照看。")
    station.locator("#do [data-main]").click()
    project = until(station, lambda: _project(station))
    act(station, project, "measure", what="没人照看、当天没地方去的老人（户）", better="less", goal="没有")
    act(station, project, "act", what="14 个社区都办托养中心", by=str(today() + timedelta(days=30)))
    keep(station, "august-project")
    _books_a_bed(browsers, station)


def _project(page: Page) -> str:
    page.goto("/improvements/mine/")
    link = page.locator("main a", has_text="独居老人身边没有人")
    return (link.first.get_attribute("href") or "") if link.count() else ""


def _books_a_bed(browsers: Browsers, station: Page) -> None:
    """Her son asks for a bed in one of the 14 centres; the street says yes, and it is booked."""
    son = browsers.fresh()
    son.goto("/care/")
    expect(son.locator("main")).to_contain_text("14 个中心，210 张床")
    son.locator("a[href*='centre=131081001003/']").first.click()
    fill(son, "form[data-draft=care-apply]", {"start": str(today()), "nights": "3", "need": "arm", "name": "孙桂珍", "kin_name": "孙建军"})
    son.locator("[data-main]").click()
    expect(son.locator("h1#slip-title")).to_be_visible()
    code = re.search(r"/m/([0-9A-Z]{15})/", son.content())
    assert code
    stay = f"/care/stays/{code[1]}/"
    desk_step(station, stay, "accept")
    says(station, stay, "床订好了")
    keep(station, "august-bed")
