"""S1: a thousand calls against channels of which none, one or two are dead in every way: none is lost, and each is rung in seconds."""

from __future__ import annotations

import itertools
import pathlib

import pytest

from minan.systems.help.rungs import ERROR
from minan.systems.help.tests.virtual import BAD, CHANNELS, CITY, POINT, STATION, WELL, Town

pytestmark = [pytest.mark.bar("S1"), pytest.mark.once]
CALLS = 1_000


def ways_to_be_dead() -> list[dict[str, str]]:
    """No channel, each alone, each two: in each of the three ways."""
    alone = [{channel: how} for channel in CHANNELS for how in BAD]
    pairs = [
        dict(zip(two, both, strict=True))
        for two in itertools.combinations(CHANNELS, 2)
        for both in itertools.product(BAD, repeat=2)
    ]
    return [{}, *alone, *pairs]


def p99(values: list[float]) -> float:
    return sorted(values)[max(0, int(len(values) * 0.99) - 1)]


def test_s1_a_thousand_calls_with_channels_dead_alone_and_in_pairs(tmp_path: pathlib.Path) -> None:
    """Who presses is heard by a device of the desk within 2 s when all is well, and within 5 s whatever one or two channels do."""
    dead = ways_to_be_dead()
    town = Town(tmp_path, CALLS, size=6 << 20)
    took: dict[int, list[float]] = {0: [], 1: [], 2: []}
    for n in range(CALLS):
        town.how = dead[n % len(dead)]
        begun, press = town.now, f"{n:032x}"
        town.press(n + 1, press)
        town.run(12.0)
        first = town.first(press)
        assert first is not None, (town.how, town.tried(press))
        took[len(town.how)].append(first)
        family = town.first(press, "family")
        if not {"push", "sms", "voice"} <= set(town.how):
            assert (family or 99.0) <= 5.5, (town.how, town.tried(press))
        assert town.call(press).begun == begun
        town.lane.take({"op": "say", "token": town_token(press), "what": "go"})
        town.lane.take({"op": "step", "press": press, "s": "close", "end": True})
        town.soon.clear()
    assert sum(map(len, took.values())) == CALLS  # none lost
    assert p99(took[0]) <= 2.0
    assert max(took[1]) <= 5.0 + 1.2
    assert max(took[2]) <= 5.0 + 1.2
    assert len({c.press for c in town.lane.calls.values()}) == CALLS


def town_token(press: str) -> str:
    from minan.systems.help import sealing

    return sealing.token(press, f"duty:{POINT}:0")


@pytest.mark.parametrize("how", ways_to_be_dead()[1:], ids=lambda how: "+".join(f"{c}:{w}" for c, w in how.items()))
def test_s1_the_next_channel_is_tried_within_five_seconds(tmp_path: pathlib.Path, how: dict[str, str]) -> None:
    town = Town(tmp_path, how=how)
    press = town.press(1, "a" * 32)["press"]
    town.run(5.0)
    for target in ("family:1", f"duty:{POINT}:0"):
        alive = [at for at, who, channel in town.tried(press) if who == target and how.get(channel, WELL) == WELL]
        assert min(alive, default=99.0) <= 5.0, (target, town.tried(press))


def test_s1_family_and_desk_are_rung_at_once(tmp_path: pathlib.Path) -> None:
    town = Town(tmp_path)
    press = town.press(1, "b" * 32)["press"]
    town.run(0.5)
    at_once = {(who, channel) for at, who, channel in town.tried(press) if at == 0}
    assert {
        ("family:1", "push"),
        ("family:1", "sms"),
        (f"duty:{POINT}:0", "screen"),
        (f"duty:{POINT}:0", "push"),
    } == at_once


def test_s1_nobody_says_i_am_going_so_the_next_is_rung_every_thirty_seconds(tmp_path: pathlib.Path) -> None:
    town = Town(tmp_path)
    press = town.press(1, "c" * 32)["press"]
    town.run(29.0)
    assert {who for _, who, _ in town.tried(press)} == {"family:1", f"duty:{POINT}:0"}
    town.run(2.0)
    assert {who for at, who, _ in town.tried(press) if at == 30.0} == {
        "family:1", "family:2", f"duty:{POINT}:0", f"duty:{POINT}:1", f"duty:{STATION}:0",
    }  # fmt: skip
    assert not town.call(press).late
    town.run(30.0)
    assert town.call(press).late  # 60 s: 120, and the supervisor
    assert [e["t"] - town.call(press).begun for e in town.call(press).entries if e["k"] == "late"] == [60.0]
    town.run(60.0)
    assert f"duty:{CITY}:0" in {who for _, who, _ in town.tried(press)}
    rings = len(town.sent)
    town.run(600.0)
    assert len(town.sent) > rings + 100  # until a human does


def test_s1_who_says_i_am_going_stops_the_ringing_and_who_cannot_after_all_starts_it_again(
    tmp_path: pathlib.Path,
) -> None:
    from minan.systems.help import sealing

    town = Town(tmp_path)
    press = town.press(1, "d" * 32)["press"]
    town.run(12.0)
    daughter = sealing.token(press, "family:1")
    assert town.lane.take({"op": "say", "token": daughter, "what": "go"})["call"]["going"][0]["id"] == "family:1"
    before = len(town.sent)
    town.run(120.0)
    assert len(town.sent) == before
    town.lane.take({"op": "say", "token": daughter, "what": "cant"})
    town.run(31.0)
    again = {s.target.id for _, s in town.sent[before:]}
    assert f"duty:{POINT}:0" in again
    assert "family:1" not in again


def test_s1_when_nobody_at_all_can_be_reached_the_next_level_does_not_wait(tmp_path: pathlib.Path) -> None:
    town = Town(tmp_path, how=dict.fromkeys(CHANNELS, ERROR))
    press = town.press(1, "e" * 32)["press"]
    town.run(3.0)
    assert f"duty:{CITY}:0" in {who for _, who, _ in town.tried(press)}


def test_a_second_press_joins_the_open_call_and_rings_again(tmp_path: pathlib.Path) -> None:
    town = Town(tmp_path)
    first = town.press(1, "1" * 32)["press"]
    town.run(10.0)
    before = len(town.sent)
    assert town.press(1, "2" * 32)["press"] == first
    town.press(1, "2" * 32)  # the phone's queue sends it once more
    town.run(1.0)
    assert town.call(first).again == ["2" * 32]
    assert {(s.target.id, s.channel) for _, s in town.sent[before:]} >= {
        ("family:1", "push"),
        (f"duty:{POINT}:0", "screen"),
    }
    assert len(town.lane.calls) == 1


def by_channel(town: Town, target: str, since: float = 0.0) -> dict[str, list[float]]:
    out: dict[str, list[float]] = {}
    for at, send in town.sent:
        if send.target.id == target and at >= since:
            out.setdefault(send.channel, []).append(at)
    return out


def calm(town: Town, monkeypatch: pytest.MonkeyPatch, presses: range, every: float) -> tuple[str, float]:
    """A call whose rungs by the clock are out of the way, and its button pressed again and again."""
    from minan.systems.help import rungs

    monkeypatch.setattr(rungs, "RUNG", 1e9)
    press = town.press(1, "1" * 32)["press"]
    town.run(30.0)
    since = town.now
    for n in presses:
        town.press(1, f"{n:032x}")
        town.run(every)
    return press, since


def test_pressing_again_and_again_rings_nobody_without_pause(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = Town(tmp_path, how=dict.fromkeys(CHANNELS, "silent"))
    press, since = calm(town, monkeypatch, range(100, 220), 1.0)
    assert len(town.call(press).again) == 120  # each is written down
    for target in ("family:1", f"duty:{POINT}:0"):
        rung = by_channel(town, target, since)
        assert rung["voice"], "a hand that trembles does not hold up the telephone"
        for times in rung.values():
            assert len(times) >= 4
            assert min(b - a for a, b in itertools.pairwise(times)) >= 20.0, (target, rung)


def test_pressing_all_night_rings_twenty_times_an_hour(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = Town(tmp_path, how=dict.fromkeys(CHANNELS, "silent"))
    press, since = calm(town, monkeypatch, range(100, 220), 25.0)
    for target in ("family:1", f"duty:{POINT}:0"):
        for channel, times in by_channel(town, target, since).items():
            assert len(times) == 20, (target, channel)
    town.run(4_000.0)
    before = town.now
    town.press(1, "e" * 32)
    town.run(1.0)
    assert by_channel(town, "family:1", before)["push"], "an hour later it rings again"
    town.kill()
    assert town.call(press).repeats  # the count outlives the process


def test_the_rungs_by_the_clock_are_held_up_by_no_press(tmp_path: pathlib.Path) -> None:
    town = Town(tmp_path)
    press = town.press(1, "1" * 32)["press"]
    for n in range(100, 190):
        town.run(1.0)
        town.press(1, f"{n:032x}")
    town.run(1.0)
    assert [e["t"] - town.call(press).begun for e in town.call(press).entries if e["k"] == "rung"] == [0.0, 30.0, 60.0, 90.0]
    at_rungs = {at for at, who, channel in town.tried(press) if (who, channel) == ("family:1", "push")}
    assert {0.0, 30.0, 60.0} <= at_rungs
    assert town.call(press).late


def test_a_stranger_s_secret_rings_nobody(tmp_path: pathlib.Path) -> None:
    town = Town(tmp_path)
    assert town.lane.take({"op": "press", "cap": "GUESSED", "press": "f" * 32}) == {"error": "unknown"}
    assert town.lane.take({"op": "say", "token": "x" * 22, "what": "go"}) == {"error": "unknown"}
    assert town.lane.take({"op": "look", "token": "x" * 22}) == {"error": "unknown"}
    town.run(40.0)
    assert town.sent == []
    assert town.lane.calls == {}


def test_a_wall_button_rings_for_whom_it_was_bound_to(tmp_path: pathlib.Path) -> None:
    town = Town(tmp_path, 2)
    answer = town.lane.take({"op": "press", "device": "button-2", "how": "button"})
    assert answer["ok"]
    assert town.lane.calls[answer["call"]["press"]].person == "GA0000000000002"
    assert town.lane.take({"op": "press", "device": "button-9", "how": "button"}) == {"error": "unknown"}
