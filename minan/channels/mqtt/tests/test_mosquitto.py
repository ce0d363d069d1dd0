"""Mosquitto lets in the same devices by the files of `minan bus files`, and gives each its own topics."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from minan.channels.mqtt.commands import bus_files
from minan.channels.mqtt.tests.loopback import Device, free_port, until
from minan.kernel import bus
from minan.kernel.bus import Line, Message

MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.once,
    pytest.mark.bar("S5"),
    pytest.mark.skipif(not MOSQUITTO, reason="not run: devices at Mosquitto (mosquitto missing)"),
]
AREA = "131022100010"


@contextlib.contextmanager
def served(folder: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Mosquitto with the files as they are written, on a free port of the loopback."""
    config, port = folder / "minan.conf", free_port()
    devices = f"user root\nlistener {port} 127.0.0.1\nuse_username_as_clientid true"
    config.write_text(config.read_text("utf-8").replace("listener 1884 127.0.0.1", devices))
    process = subprocess.Popen([str(MOSQUITTO), "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield port, process
    finally:
        process.terminate()
        process.wait(10)


def test_s5_mosquitto_keeps_devices_apart_by_our_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = {name: bus.enroll(name, AREA) for name in ("smoke-aaaaaa", "water-bbbbbb")}
    args = type("Args", (), {"folder": str(tmp_path)})()
    assert bus_files.run(args) == 0
    assert secrets["smoke-aaaaaa"] not in (tmp_path / "passwords").read_text()
    with served(tmp_path) as (port, process):
        monkeypatch.setattr(settings, "BUS", f"mqtt://127.0.0.1:{port}")
        heard: list[Message] = []
        line = Line("ears", heard.append, ["minan/+/+/#"], qos=1)
        assert line.wait(10)
        smoke = Device(port, "smoke-aaaaaa", secrets["smoke-aaaaaa"], client_id="water-bbbbbb")  # another's id: it becomes its own
        water = Device(port, "water-bbbbbb", secrets["water-bbbbbb"])
        wrong = Device(port, "water-bbbbbb", secrets["smoke-aaaaaa"])
        assert smoke.entered()
        assert water.entered()
        assert not wrong.entered()
        smoke.client.subscribe(f"minan/{AREA}/water-bbbbbb/#", 1)
        smoke.say(f"minan/{AREA}/water-bbbbbb/alarm", "ON")
        smoke.say(f"minan/{AREA}/smoke-aaaaaa/alarm", "ON")
        water.say(f"minan/{AREA}/water-bbbbbb/level", "0.4")
        assert until(lambda: len(heard) >= 2)
        assert {(m.topic.split("/")[2], m.payload) for m in heard} == {("smoke-aaaaaa", b"ON"), ("water-bbbbbb", b"0.4")}
        assert not smoke.read
        bus.revoke("water-bbbbbb")
        bus_files.run(args)
        process.send_signal(signal.SIGHUP)
        assert until(lambda: not Device(port, "water-bbbbbb", secrets["water-bbbbbb"]).entered(1.5), 8)
        for one in (smoke, water, wrong, line):
            one.close()
