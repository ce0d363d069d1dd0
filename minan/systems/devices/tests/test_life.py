"""The life of what devices raise: an alarm, a silence, a look through a camera. Read this first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from minan.kernel import access, bus, registry
from minan.kernel.access import CLOCK
from minan.kernel.act import Refused, act, open_case
from minan.kernel.bus.hearing import Heard
from minan.kernel.models import Attachment, BusEar, Case, Clock, Event, Message, Strike
from minan.kernel.procedure import Words
from minan.kernel.tests.office import photo
from minan.systems.devices import cameras, ears, probing, ringing, silence
from minan.systems.devices.models import Device, LookCount, Ring, Value, Waiting
from minan.systems.devices.tests.hands import (
    NOW,
    POINT,
    VILLAGE,
    device,
    goes,
    listened,
    only,
    says,
    settle,
    took,
)
from minan.systems.devices.words_of import Unreadable

pytestmark = pytest.mark.django_db


# ---- alarms


def test_smoke_is_answered_found_real_and_settled_with_a_photo(people: dict[str, Any]) -> None:
    smoke, clerk = device(), people["gu.point"]
    says(smoke, "alarm", "ON")
    case = only("alarm")
    assert (case.desk, case.urgency, case.state) == (POINT, "emergency", "raised")
    assert case.title == "烟雾：3 号楼 2 单元楼道"
    clock = Clock.objects.get(case_id=case.id, name="alarm_answer")
    assert clock.due_at - NOW == timedelta(minutes=3)
    assert "60.1" in clock.rule
    took(case, "take", clerk, 40)
    took(case, "confirm", clerk, 200, words="楼道里电动车充电器冒烟，已断电")
    refused = goes(case, "settle", clerk, 400, words="烟散了")
    assert isinstance(refused, Refused)
    assert refused.rule == "has_proof"
    assert goes(case, "settle", clerk, 400, words="烟散了", photos=[photo()]).rule == "is_silent_now", "it still sounds"
    says(smoke, "alarm", "OFF", 420)
    took(case, "settle", clerk, 500, words="烟散了，充电器拿走了", photos=[photo()])
    settle()
    assert case.state == "settled"
    assert not Ring.objects.exists(), "it may sound again as a new one"


def test_what_sounds_a_thousand_times_is_one_case_told_once_a_minute(people: dict[str, Any]) -> None:
    smoke = device()
    for n in range(1000):
        says(smoke, "alarm", "ON", n * 0.15)  # two and a half minutes
    case = only("alarm")
    assert Ring.objects.get().times == 1000
    assert Event.objects.filter(case_id=case.id, step="again").count() == 2
    says(smoke, "alarm", {"alarm": "tamper", "value": "ON"}, 160)
    assert Case.objects.filter(procedure="alarm").count() == 2, "another alarm of the same device is another case"


def test_a_false_alarm_of_a_broken_device_becomes_a_fault_of_its_own(people: dict[str, Any]) -> None:
    smoke, clerk = device(), people["gu.point"]
    says(smoke, "alarm", "ON")
    took(only("alarm"), "false", clerk, 60, cause="fault", words="现场没有烟，指示灯乱闪")
    settle()
    fault = only("fault")
    smoke.refresh_from_db()
    assert (fault.facts["why"], fault.desk, smoke.fault) == ("wrong", POINT, fault.code)
    took(fault, "mend", clerk, 900, words="换了探头")
    settle(1000)
    smoke.refresh_from_db()
    assert smoke.fault == ""


def test_an_alarm_that_needs_more_hands_goes_on_as_a_matter(people: dict[str, Any]) -> None:
    cover, clerk = device("manhole", mounted="育才路西口"), people["gu.point"]
    says(cover, "alarm", "open")
    case = only("alarm")
    took(case, "take", clerk)
    if registry.get("matter") is None:  # its folder was taken out: the step says so, and the alarm stays
        assert isinstance(goes(case, "pass_on", clerk, 900, words="井盖裂了，要换新的"), Refused)
        return
    took(case, "pass_on", clerk, 900, words="井盖裂了，要换新的")
    matter = only("matter")
    assert case.state == "passed"
    assert (matter.parent, matter.desk) == (case.id, "131022100-station")
    assert "井盖裂了" in matter.text


def test_nobody_answers_and_the_level_above_is_told(people: dict[str, Any]) -> None:
    says(device("lift", mounted="2 号楼电梯"), "alarm", {"alarm": "lift"})
    case = only("alarm")
    took(case, "unanswered", None, 130)
    assert case.marks["unanswered"]
    settle(140)
    assert Message.objects.filter(case_id=case.id, to="131022100-station").exists()
    took(case, "go_up", None, 200)
    assert case.marks["up"] == ["131022100-station"]


# ---- silence


@pytest.mark.bar("S7")
def test_s7_a_silent_smoke_detector_is_out_of_order_within_five_minutes(people: dict[str, Any]) -> None:
    smoke, screen = device(beat=600), device("screen", mounted="东门墙屏")
    assert smoke.beat == 100, "no longer than lets it be missed within five minutes"
    says(smoke, "beat", "1")
    for n in range(9):
        says(screen, "beat", "1", n * 60)
    assert silence.sweep(listened(299)) == 0
    assert silence.sweep(listened(301)) == 1
    case = only("fault")
    smoke.refresh_from_db()
    assert (case.urgency, case.desk, smoke.fault) == ("urgent", POINT, case.code)
    assert Clock.objects.filter(case_id=case.id, name="fault_find").exists()
    assert silence.sweep(listened(330)) == 0, "once"
    says(smoke, "beat", "1", 400)
    case.refresh_from_db()
    assert case.state == "back"
    assert Device.objects.get(pk=smoke.pk).fault == ""


@pytest.mark.bar("S7")
def test_s7_no_light_is_green_of_what_nobody_knows() -> None:
    fence = device("fence")
    since = NOW - timedelta(hours=1)
    assert silence.light(fence, NOW, since, set()) == "", "it never spoke"
    says(fence, "beat", "1")
    told = {after: silence.light(fence, NOW + timedelta(seconds=after), since, set()) for after in (10, 100, 200)}
    assert told == {10: "green", 100: "yellow", 200: "red"}
    assert silence.light(fence, NOW, None, set()) == "", "nobody listens"
    assert silence.light(fence, NOW, since, {fence.id}) == "red"
    says(fence, "state", "offline", 5)
    assert silence.light(fence, NOW + timedelta(seconds=6), since, set()) == "yellow", "its broker says that it went"


@pytest.mark.bar("S7")
def test_s7_silence_while_nobody_listened_is_nobodys_fault() -> None:
    fence = device("fence")
    says(fence, "beat", "1")
    now = NOW + timedelta(hours=2)
    assert silence.sweep(now) == 0, "the bus itself is deaf"
    BusEar.objects.filter(pk=1).update(since=now - timedelta(seconds=100), at=now)
    assert silence.sweep(now) == 0, "heard again for 100 seconds only"
    BusEar.objects.filter(pk=1).update(since=now - timedelta(seconds=200), at=now)
    assert silence.sweep(now) == 1


@pytest.mark.bar("S7")
def test_s7_a_power_cut_is_one_case_and_not_fifty() -> None:
    some = [device("fence", mounted=f"围栏 {n}") for n in range(14)]
    for one in some:
        says(one, "beat", "1")
    assert silence.sweep(listened(240)) == 1
    case = only("fault")
    assert case.facts["why"] == "area"
    assert "14 台设备" in case.place_words
    says(some[3], "beat", "1", 300)
    assert silence.sweep(listened(310)) == 0, "the others have three beats to follow"
    assert Device.objects.exclude(fault="").count() == 0


def test_a_fault_that_is_not_taken_is_logged_and_counted_and_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    smoke, real = device(), silence.open_case
    says(smoke, "beat", "1")
    monkeypatch.setattr(silence, "open_case", lambda *_a, **_k: Refused(Words("不收", "not taken"), 422, "facts", {}))
    before = silence.left["facts"]
    with caplog.at_level("ERROR", "minan.devices"):
        assert silence.sweep(listened(4000)) == 0, "nothing was opened, and nothing else is said"
    assert silence.left["facts"] == before + 1
    assert [(r.device, r.reason) for r in caplog.records] == [(smoke.id, "not taken")]  # type: ignore[attr-defined]
    monkeypatch.setattr(silence, "open_case", real)
    assert silence.sweep(listened(4001)) == 1
    assert only("fault").open


# ---- what is taken in


def test_of_a_value_only_the_last_is_kept_and_a_number_said_before_is_old(people: dict[str, Any]) -> None:
    water = device("water")
    for n, level in enumerate(("0.4", "0.9", "1.3")):
        says(water, "level", {"value": level, "n": n + 5}, n * 30)
    says(water, "level", {"value": "0.1", "n": 6}, 100)
    assert list(Value.objects.values_list("prop", "value")) == [("level", "1.3")]
    assert ears.left["replayed"] >= 1
    says(water, "alarm", {"value": "OFF", "n": 9}, 105)
    says(water, "alarm", {"value": "ON", "n": 8}, 110)
    assert not Case.objects.filter(procedure="alarm").exists(), "an alarm of before, said again"


def test_an_alarm_that_is_tried_again_after_a_newer_value_is_not_old(people: dict[str, Any]) -> None:
    """The lanes are handed over apart: a value of number 6 may be written before the alarm of number 5."""
    water = device("water")
    says(water, "level", {"value": "1.3", "n": 6}, 10)
    says(water, "alarm", {"value": "ON", "n": 5}, 11)
    assert only("alarm").open
    says(water, "level", {"value": "0.1", "n": 5}, 12)
    assert list(Value.objects.values_list("value", flat=True)) == ["1.3"], "nor does an alarm make a value new"


def test_an_alarm_that_could_not_be_written_at_once_is_not_old_when_it_is_tried_again(
    people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    smoke, real = device(), ringing.open_case

    def away(*_a: Any, **_k: Any) -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(ringing, "open_case", away)
    with pytest.raises(OperationalError):
        says(smoke, "alarm", {"value": "ON", "n": 4})
    monkeypatch.setattr(ringing, "open_case", real)
    says(smoke, "alarm", {"value": "ON", "n": 4}, 1)
    assert only("alarm").open
    says(smoke, "alarm", {"value": "ON", "n": 4}, 100)
    assert Ring.objects.get().times == 1, "and once it is written, the same number is old"


def test_a_sign_of_life_that_was_not_written_is_not_remembered(
    people: dict[str, Any], django_capture_on_commit_callbacks: Any
) -> None:
    """The transaction fails once: the same sign, said again a second later, is written."""
    water = device("water")
    says(water, "level", "0.4")
    pairs = ears.known.of([Heard(water.place, water.id, "level", "", b"0.5", NOW + timedelta(seconds=600))])

    @transaction.atomic
    def failed() -> None:
        ears.alive(pairs)
        raise OperationalError("server closed the connection")

    with django_capture_on_commit_callbacks(execute=True), pytest.raises(OperationalError):
        failed()
    with django_capture_on_commit_callbacks(execute=True):
        ears.alive(pairs)
    water.refresh_from_db()
    assert water.heard_at == NOW + timedelta(seconds=600)
    with django_capture_on_commit_callbacks(execute=True), CaptureQueriesContext(connection) as asked:
        ears.alive(pairs)
    assert not asked.captured_queries, "written, and remembered"


def test_that_it_sounds_again_is_told_once_it_is_written(people: dict[str, Any], django_capture_on_commit_callbacks: Any) -> None:
    smoke = device()
    says(smoke, "alarm", "ON")
    with django_capture_on_commit_callbacks() as told, patch.object(ringing.telling, "sounds") as bell:
        ringing.sound(smoke, "smoke", NOW + timedelta(seconds=90))
    assert (len(told) > 0, bell.called) == (True, False)


def test_the_clock_of_a_device_decides_nothing_and_is_told(people: dict[str, Any]) -> None:
    smoke = device()
    says(smoke, "alarm", {"value": "ON", "at": "2031-01-01T00:00:00+08:00"})
    case = only("alarm")
    assert case.opened_at == NOW
    assert case.facts["skew"] > 100_000_000


def test_a_device_describes_itself_and_one_that_nobody_registered_waits() -> None:
    gateway, smoke = device("gateway"), device()
    config = {
        "dev": {"mf": "某厂", "sn": "A-77"},
        "cmps": {"t": {"p": "sensor", "dev_cla": "temperature", "unit_of_meas": "°C", "stat_t": "~/temp"}},
    }
    says(smoke, "config", config)
    assert smoke.properties == {"temp": {"unit": "°C", "class": "temperature"}}
    assert (smoke.maker, smoke.serial) == ("某厂", "A-77")
    says(gateway, "config/smoke-new001", config)
    assert Waiting.objects.get().id == "smoke-new001"
    assert not Device.objects.filter(pk="smoke-new001").exists(), "never live by itself"
    with pytest.raises(Unreadable):
        says(smoke, "config/smoke-new002", config)


def test_a_stranger_on_the_bus_and_a_device_in_another_place_are_left_out_and_counted() -> None:
    smoke = device()
    before = ears.left["unknown"]
    smoke.place = "131022100011"
    says_nothing = Device(id="smoke-zzzzzz", place=VILLAGE)
    for one in (smoke, says_nothing):
        bus.hand_over(bus.topic(one.place, one.id, "alarm"), "ON", NOW)
    assert ears.left["unknown"] == before + 2
    assert not Case.objects.filter(procedure="alarm").exists()


# ---- cameras


def _alarm(people: dict[str, Any]) -> Case:
    says(device(), "alarm", "ON")
    return only("alarm")


def test_a_picture_is_seen_for_a_numbered_case_by_two_peoples_word_and_goes(eye: Device, people: dict[str, Any]) -> None:
    alarm, clerk, police = _alarm(people), people["gu.point"], people["gu.police"]
    look = cameras.ask(clerk, alarm, [eye.id], "alarm", "看楼道外有没有明火", broken=False, now=NOW + timedelta(seconds=60))
    assert isinstance(look, Case)
    assert (look.facts["of"], look.state) == (alarm.code, "asked")
    assert goes(look, "want", clerk, 70, camera=eye.id).rule == "state"
    assert goes(look, "allow", clerk, 80).rule == "another_person"
    took(look, "allow", police, 90)
    assert goes(look, "want", clerk, 100, camera="camera-other1").rule == "one_of_them"
    assert goes(look, "want", police, 100, camera=eye.id).status == 403
    took(look, "want", clerk, 110, camera=eye.id)
    settle(120)
    assert Attachment.objects.filter(case_id=look.id).count() == 1
    assert LookCount.objects.get().looks == 1
    assert goes(look, "want", clerk, 9000, camera=eye.id).rule == "still_open", "two hours"
    took(look, "end", None, 9000)
    assert (look.state, look.open) == ("over", False)


def test_where_a_life_is_in_danger_one_person_opens_it_and_their_head_answers(eye: Device, people: dict[str, Any]) -> None:
    alarm, clerk, head = _alarm(people), people["gu.point"], people["gu.super"]
    at = NOW + timedelta(seconds=60)
    refused = cameras.ask(clerk, alarm, [eye.id], "rescue", "老人可能被困", broken=True, now=at)
    assert isinstance(refused, Refused)
    assert refused.rule == "in_danger"
    Case.objects.filter(procedure="camera_look").get()  # the request itself stands, and lapses
    took(alarm, "danger", clerk, 61, called="119", words="屋里有人喊，门打不开")
    look = cameras.ask(clerk, alarm, [eye.id], "rescue", "老人可能被困", broken=True, now=at)
    assert isinstance(look, Case), look
    assert look.state == "allowed"
    assert look.marks["glass"]
    settle(100)
    assert LookCount.objects.get().glass == 1
    took(look, "reject_glass", head, 4000, words="应当先敲门")
    settle(4100)
    assert Strike.objects.filter(user=clerk).count() == 1
    assert isinstance(goes(look, "want", clerk, 4200, camera=eye.id), Refused)


def test_a_closed_case_is_no_reason_to_look_and_its_looks_end_with_it(eye: Device, people: dict[str, Any]) -> None:
    alarm, clerk, police = _alarm(people), people["gu.point"], people["gu.police"]
    look = cameras.ask(clerk, alarm, [eye.id], "alarm", "核实", broken=False, now=NOW + timedelta(seconds=60))
    assert isinstance(look, Case)
    took(look, "allow", police, 90)
    took(alarm, "false", clerk, 100, cause="daily", words="炒菜的油烟")
    settle(200)
    look.refresh_from_db()
    assert look.state == "over"
    assert cameras.ask(clerk, alarm, [eye.id], "alarm", "再看看", broken=False, now=NOW) == cameras.NEEDS_CASE


@pytest.mark.bar("H7")
@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1/x.jpg", "rtsp://10.20.1.9:22/x", "http://10.20.1.9.evil.example/", "http://169.254.169.254/latest",
     "file:///etc/passwd",
     "http://user@10.20.1.9/x", "http://10.20.1.9/x\r\nHost: y", "http://2130706433/", "https://10.20.1.9/", "test:", "rtsp://[::1]/", ""],
)  # fmt: skip
def test_a_camera_outside_the_operators_list_is_never_called(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "CAMERAS", ["10.20.0.0/16"])
    monkeypatch.setattr("socket.create_connection", lambda *a, **k: pytest.fail("it was called"))
    assert probing.answers(address) == probing.FORBIDDEN
    with pytest.raises(probing.Forbidden):
        probing.target(address)


def test_residents_read_the_signs_of_their_place_and_nothing_of_devices(eye: Device, people: dict[str, Any]) -> None:
    says(device(), "alarm", "ON")
    client = Client()
    client.force_login(people["resident"])
    page = client.get(f"/devices/cameras/{VILLAGE}/").content.decode()
    assert "固公视备〔2026〕11 号" in page
    assert "固安镇派出所" in page
    assert eye.id not in page
    for path in ("/devices/", f"/devices/{eye.id}/", "/devices/alarms/", "/devices/waiting/"):
        assert client.get(path).status_code == 404, path


def test_the_clock_alone_raises_an_alarm(people: dict[str, Any]) -> None:
    facts = {"device": "smoke-aaaaaa", "alarm": "smoke", "unit": POINT, "place": VILLAGE, "mounted": "x"}
    assert isinstance(open_case("alarm", by=access.actor(people["gu.point"]), facts=facts), Refused)
    assert isinstance(open_case("camera_look", by=access.actor(people["gu.point"]), facts=facts), Refused)
    assert timedelta(minutes=1) == ringing.ALERT
    assert isinstance(act(_alarm(people), "picture", by=CLOCK), Refused)
