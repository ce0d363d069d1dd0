"""What the demo shows: a neighbourhood of devices, of which one sounds, one is silent and one waits, told through the one door."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from minan.kernel import worker
from minan.kernel.models import BusAccount, Case
from minan.kernel.tests.desks import desk_of
from minan.systems.devices import demo, process
from minan.systems.devices.models import Camera, Device, Ring, Value, Waiting

pytestmark = pytest.mark.django_db


def test_the_neighbourhood_of_the_demo(people: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "KEYS", tmp_path)
    begun = time.process_time()
    devices = demo.seed(datetime.now(UTC))
    assert time.process_time() - begun < 2, "the demo is made in seconds, of which this is half a one"
    assert len(devices) == BusAccount.objects.count() == len(demo.ROWS) + len(demo.EYES)
    assert (Ring.objects.count(), Waiting.objects.count(), Camera.objects.count()) == (1, 1, 6)
    assert Value.objects.count() > 40
    assert Case.objects.get(procedure="alarm").state == "going"
    assert Case.objects.get(procedure="fault").facts["device"] == devices[0].id
    played = json.loads(process.file().read_text("utf-8"))
    assert [row[0] for row in played["members"]] == [device.id for device in devices]
    assert process.file().stat().st_mode & 0o077 == 0
    worker.settle()
    for who, path, words in (
        ("clerk", "/devices/", "南门地道口"), ("clerk", "/devices/waiting/", "smoke-new01"), ("gu.police", "/devices/cameras/", "没有备案号"),
        ("gu.point", "/devices/alarms/", "有人去看了"), ("worker", "/devices/alarms/", "烟雾"),
    ):  # fmt: skip
        assert words in desk_of(who).get(path).content.decode(), (who, path)
    assert "水塔瞭望" not in desk_of("stranger").get("/devices/").content.decode(), "another township's devices"
    assert Client().get(f"/devices/{devices[3].id}/").status_code == 302
    assert desk_of("stranger").get(f"/devices/{devices[3].id}/").status_code == 404
    assert desk_of("stranger").post(f"/devices/{devices[3].id}/key/").status_code == 404


def test_pages_cost_the_same_however_many_devices_there_are(
    people: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr(settings, "KEYS", tmp_path)
    devices = demo.seed(datetime.now(UTC))
    clerk = desk_of("clerk")
    for path in ("/devices/", f"/devices/{devices[-1].id}/", "/devices/alarms/", "/devices/cameras/", "/devices/waiting/", "/devices/new/"):
        clerk.get(path)
        with django_assert_max_num_queries(12):
            assert clerk.get(path).status_code == 200, path
    with django_assert_max_num_queries(12):
        assert Client().get("/devices/cameras/131022100010/").status_code == 200
    assert Device.objects.count() == len(devices)
