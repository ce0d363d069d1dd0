"""R15, for the bus: a message that no handler can take stops nobody, is tried three times, parked and counted, and the doctor tells."""

from __future__ import annotations

import itertools
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError

from minan.channels.mqtt import consuming, health
from minan.channels.mqtt.consuming import Consumer
from minan.kernel.bus import Heard, Message, hearing
from minan.kernel.bus.hearing import Full, Lanes, hears
from minan.kernel.models import BusCount, BusEar, BusParked

pytestmark = pytest.mark.django_db
AREA = "131022100010"


class Lab:
    """Handlers of one test: what they heard, and what they choke on."""

    def __init__(self) -> None:
        self.first: list[str] = []
        self.rest: list[tuple[str, str, int]] = []
        self.away = False

    def alarm(self, heard: list[Heard]) -> None:
        if self.away:
            raise DatabaseError("away")
        if any(b"poison" in one.payload for one in heard):
            raise KeyError("poison")
        self.first += [f"{one.device}:{one.payload.decode()}" for one in heard]

    def value(self, heard: list[Heard]) -> None:
        if any(b"poison" in one.payload for one in heard):
            raise ValueError("poison")
        self.rest += [(one.device, one.payload.decode(), one.times) for one in heard]


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Lab:
    made = Lab()
    monkeypatch.setattr(hearing, "_handlers", {})
    hears("alarm", first=True, fold=lambda payload: payload.decode(), many=True)(made.alarm)
    hears("*", fold=True, many=True)(made.value)
    monkeypatch.setattr(consuming, "FIRST_SECONDS", 0.0)
    monkeypatch.setattr(consuming, "AGAIN_SECONDS", (0.0, 0.0))
    monkeypatch.setattr(consuming, "REST_SECONDS", 0.0)
    monkeypatch.setattr(consuming, "AWAY_SECONDS", 0.0)
    monkeypatch.setattr(settings, "BUS", "own")
    monkeypatch.setattr(consuming, "close_old_connections", lambda: None)  # it would close the one of the test
    return made


serial = itertools.count(1)


def comes(consumer: Consumer, device: str, prop: str, payload: bytes, **more: Any) -> bool:
    message = Message(f"minan/{AREA}/{device}/{prop}", payload, more.get("retained", False), datetime.now(UTC), next(serial))
    return consumer.lanes.put(message)


def turns(consumer: Consumer, n: int = 6) -> None:
    for _ in range(n):
        consumer.turn()


@pytest.mark.bar("R15")
def test_r15_a_poison_message_is_parked_after_three_tries_and_the_others_go_on(lab: Lab) -> None:
    consumer = Consumer(lines=False)
    for n in range(20):
        comes(consumer, f"smoke-{n:03}", "alarm", b"poison" if n == 7 else b"ON")
        comes(consumer, f"water-{n:03}", "level", b"poison" if n == 3 else b"0.5")
    turns(consumer)
    consumer.count_due = 0.0
    consumer.turn()
    assert len(lab.first) == 19
    assert len(lab.rest) == 19
    assert sorted(BusParked.objects.values_list("topic", "tries", "handler")) == [
        (f"minan/{AREA}/smoke-007/alarm", 3, f"{Lab.__module__.removeprefix('minan.')}.alarm"),
        (f"minan/{AREA}/water-003/level", 3, f"{Lab.__module__.removeprefix('minan.')}.value"),
    ]
    assert BusCount.objects.get(reason="parked").count == 2
    said = list(health.bus(datetime.now(UTC)))
    assert "2 条设备消息处理不了" in said[0].what.zh
    assert not consumer.again


@pytest.mark.bar("R15")
def test_r15_a_device_that_sends_nothing_else_fills_no_table(lab: Lab) -> None:
    consumer = Consumer(lines=False)
    for _ in range(consuming.PARKED_MOST + 15):
        comes(consumer, "smoke-007", "alarm", b"poison")
        turns(consumer, 4)
    consumer.count_due = 0.0
    consumer.turn()
    assert BusParked.objects.count() == consuming.PARKED_MOST
    assert BusCount.objects.get(reason="parked").count == consuming.PARKED_MOST + 15


@pytest.mark.bar("R5")
def test_r5_while_the_database_is_away_alarms_wait_in_order_and_values_fold(lab: Lab) -> None:
    consumer = Consumer(lines=False)
    lab.away = True
    for n in range(30):
        comes(consumer, f"smoke-{n:03}", "alarm", b"ON")
    for n in range(500):
        comes(consumer, "water-001", "level", str(n).encode())
    turns(consumer, 5)
    assert not lab.first
    assert not BusParked.objects.exists(), "it is no fault of a message"
    lab.away = False
    comes(consumer, "smoke-000", "alarm", b"OFF")
    turns(consumer, 3)
    assert lab.first == [f"smoke-{n:03}:ON" for n in range(30)] + ["smoke-000:OFF"], "none lost, none doubled, in order"
    assert lab.rest == [("water-001", "499", 500)]


def test_what_is_left_out_is_left_out_by_a_rule_and_counted(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    consumer = Consumer(lines=False)
    monkeypatch.setattr(hearing, "REST_MOST", 10)
    monkeypatch.setattr(hearing, "FIRST_MOST", 10)
    for n in range(12):
        comes(consumer, f"water-{n:03}", "level", b"1")
    assert not comes(consumer, "smoke-001", "alarm", b"ON", retained=True), "an alarm of before"
    assert not comes(consumer, "smoke-001", "alarm", b"x" * 70_000)
    assert not comes(consumer, "Smoke_1", "alarm", b"ON")
    for n in range(10):
        comes(consumer, f"smoke-{n:03}", "alarm", b"ON")
    with pytest.raises(Full):
        comes(consumer, "smoke-010", "alarm", b"ON")
    counts = consumer.lanes.counted()
    assert counts["overflow"] == 3
    assert counts["retained"] == 1
    assert counts["refused"] == 2
    turns(consumer)
    assert len(lab.first) == 10, "what was taken is handed over; the eleventh was not acknowledged and comes again"


def test_alarms_go_before_ten_thousand_values(lab: Lab) -> None:
    lanes = Lanes()
    for n in range(10_000):
        lanes.put(Message(f"minan/{AREA}/env-{n:05}/temp", b"1", False, datetime.now(UTC), 0))
    lanes.put(Message(f"minan/{AREA}/smoke-001/alarm", b"ON", False, datetime.now(UTC), 0))
    begun = time.monotonic()
    assert [one.prop for one in lanes.next()] == ["alarm"]
    assert lanes.waiting() == 10_000
    assert time.monotonic() - begun < 0.5


def test_the_doctor_says_when_nobody_hears_the_devices(lab: Lab) -> None:
    at = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
    BusEar.objects.create(pk=1, since=at, at=at)
    assert "听不到设备" in next(iter(health.bus(datetime(2026, 11, 24, 2, 5, tzinfo=UTC)))).what.zh
    assert not list(health.bus(datetime(2026, 11, 24, 2, 0, 30, tzinfo=UTC)))
