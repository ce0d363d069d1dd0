"""S5: a device is who its key says, and speaks of nothing but itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from minan.channels.mqtt.broker import serving
from minan.channels.mqtt.tests.loopback import Device, broker, until
from minan.kernel.bus import Line, Message, accounts
from minan.kernel.bus.accounts import Account, fits, hashed

pytestmark = pytest.mark.bar("S5")
AREA = "131022100010"
SECRETS = {"smoke-aaaaaa": "secret-one", "water-bbbbbb": "secret-two"}
HELD = {name: Account(AREA, hashed(secret)) for name, secret in SECRETS.items()}


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with broker(lambda: dict(HELD)) as number:
        yield number


def own(name: str, prop: str) -> str:
    return f"minan/{AREA}/{name}/{prop}"


def test_s5_a_wrong_secret_another_name_and_no_name_are_refused(port: int) -> None:
    for name, secret, client in (
        ("smoke-aaaaaa", "secret-two", ""), ("smoke-cccccc", "x", ""), ("", "", "nobody"), ("minan", "secret-one", "minan-help"),
        ("smoke-aaaaaa", "secret-one", "water-bbbbbb"),
    ):  # fmt: skip
        device = Device(port, name, secret, client_id=client)
        assert not device.entered(), (name, client)
        device.close()


def test_s5_who_knows_only_anothers_name_does_not_throw_it_out(port: int) -> None:
    smoke = Device(port, "smoke-aaaaaa", SECRETS["smoke-aaaaaa"])
    assert smoke.entered()
    thief = Device(port, "smoke-aaaaaa", "wrong")
    assert not thief.entered()
    smoke.say(own("smoke-aaaaaa", "beat"), "1").wait_for_publish(5)
    assert smoke.left == 0
    assert smoke.acked, "the one with the key is still there and is answered"
    smoke.close()
    thief.close()


def test_s5_a_device_writes_and_reads_its_own_topics_only(port: int) -> None:
    heard: list[Message] = []
    line = Line("ears", heard.append, ["minan/+/+/#"], qos=1)
    assert line.wait(5)
    smoke, water = (Device(port, name, SECRETS[name]) for name in ("smoke-aaaaaa", "water-bbbbbb"))
    assert smoke.entered()
    assert water.entered()
    smoke.client.subscribe(
        [(one, 1) for one in (own("water-bbbbbb", "#"), "#", "minan/#", "minan/+/smoke-aaaaaa/#", "$SYS/#", "+/+/+/+")]
    )
    assert until(lambda: len(smoke.granted) == 6)
    assert set(smoke.granted) == {0x80}
    smoke.client.subscribe(own("smoke-aaaaaa", "#"), 1)
    assert until(lambda: len(smoke.granted) == 7)
    assert smoke.granted[-1] == 1
    for topic in (
        own("water-bbbbbb", "level"),
        "minan/131022100011/smoke-aaaaaa/beat",
        "minan/x",
        own("smoke-aaaaaa", "UPPER"),
        "other/tree",
    ):
        smoke.say(topic, "forbidden")
    water.say(own("water-bbbbbb", "level"), "3.1")
    smoke.say(own("smoke-aaaaaa", "beat"), "allowed")
    assert until(lambda: len(heard) >= 2)
    assert {m.payload for m in heard} == {b"3.1", b"allowed"}
    assert line.publish(own("smoke-aaaaaa", "set"), "for it")
    assert until(lambda: any(p == b"for it" for _, p in smoke.read))
    assert all(topic.startswith(own("smoke-aaaaaa", "")) for topic, _ in smoke.read)
    assert not water.read
    for one in (smoke, water, line):
        one.close()


def test_s5_a_megabyte_ends_the_connection_and_nothing_of_it_arrives(port: int) -> None:
    heard: list[Message] = []
    line = Line("ears", heard.append, ["minan/+/+/#"], qos=1)
    smoke = Device(port, "smoke-aaaaaa", SECRETS["smoke-aaaaaa"])
    assert line.wait(5)
    assert smoke.entered()
    smoke.say(own("smoke-aaaaaa", "value"), b"x" * 1_000_000, qos=0)
    assert until(lambda: smoke.left), "it is thrown out"
    assert not heard
    smoke.close()
    line.close()


def test_s5_a_last_will_for_anothers_topic_is_not_let_in(port: int) -> None:
    smoke = Device(port, "smoke-aaaaaa", SECRETS["smoke-aaaaaa"], will=(own("water-bbbbbb", "alarm"), "ON"))
    assert not smoke.entered()
    smoke.close()


def test_s5_a_revoked_device_is_thrown_out_at_the_next_look_and_there_is_one_every_second(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted in looks, not in this machine's seconds: with one a second, and a turn of a quarter, it is out within two."""
    assert serving.LOOK_SECONDS + serving.TURN_SECONDS <= 2.0
    looks, ended = [0], []
    stamp, shut = accounts.stamp, serving._shut

    def counted() -> tuple[int, str]:
        looks[0] += 1
        return stamp()

    async def told(there: Any, devices: set[str]) -> None:
        if devices:
            ended.append((looks[0], devices))
        await shut(there, devices)

    monkeypatch.setattr(accounts, "stamp", counted)
    monkeypatch.setattr(serving, "_shut", told)
    water = Device(port, "water-bbbbbb", SECRETS["water-bbbbbb"])
    assert water.entered()
    kept, before = HELD.pop("water-bbbbbb"), looks[0]
    try:
        assert until(lambda: water.left, 20)
        assert [devices for _, devices in ended] == [{"water-bbbbbb"}]
        assert ended[0][0] <= before + 1
        again = Device(port, "water-bbbbbb", SECRETS["water-bbbbbb"])
        assert not again.entered()
        again.close()
    finally:
        HELD["water-bbbbbb"] = kept
        water.close()


def test_s5_of_a_secret_only_its_hash_is_kept() -> None:
    assert fits("said once", hashed("said once"))
    assert not fits("said once", hashed("Said once"))
    assert not fits("", "")
    assert not fits("x", "$7$x")
    assert not fits("x", "$7$many$eA==$eA==")
    assert not fits("x", f"$7${10**9}$eA==$eA=="), "nobody makes us reckon for minutes"
    assert fits("said once", hashed("said once", turns=7)), "a hash says its own rounds"
    assert "said once" not in hashed("said once")
