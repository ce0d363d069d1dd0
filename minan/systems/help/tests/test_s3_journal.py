"""S3: what was pressed is on the disk before anybody is told, whatever dies; and it rings on where it stopped."""

from __future__ import annotations

import os
import pathlib

import pytest

from minan.systems.help import sealing
from minan.systems.help.journal import HEAD, Journal
from minan.systems.help.tests.virtual import POINT, Town

pytestmark = [pytest.mark.bar("S3"), pytest.mark.once]


def test_s3_kill_minus_nine_at_any_moment_loses_no_press(tmp_path: pathlib.Path) -> None:
    town = Town(tmp_path, 24, size=1 << 18)
    for n in range(24):
        town.press(n + 1, f"{n:032x}")
        town.run(0.3 if n % 3 else 7.0)
        if n % 4 == 0:
            town.kill()
    town.kill()
    assert {c.person for c in town.lane.calls.values()} == {f"GA{n:013d}" for n in range(1, 25)}
    assert all(call.plan and not call.closed for call in town.lane.calls.values())


def test_s3_a_lane_that_begins_again_rings_on_and_forgets_no_answer(tmp_path: pathlib.Path) -> None:
    town = Town(tmp_path, 2)
    town.press(1, "1" * 32)
    town.press(2, "2" * 32)
    town.run(31.0)
    town.lane.take({"op": "say", "token": sealing.token("2" * 32, f"duty:{POINT}:0"), "what": "go"})
    town.kill()
    before = len(town.sent)
    town.run(30.0)
    rung = {s.call for _, s in town.sent[before:]}
    assert rung == {"1" * 32}
    assert town.call("2" * 32).stopped
    assert town.call("1" * 32).late


def test_s3_half_a_record_at_the_end_is_not_read_and_what_was_before_it_is(tmp_path: pathlib.Path) -> None:
    journal = Journal(tmp_path, 1 << 16)
    journal.append([{"c": "a", "t": 1.0, "k": "press"}, {"c": "a", "t": 2.0, "k": "late"}])
    whole = journal.at
    journal.append([{"c": "b", "t": 3.0, "k": "press"}])
    os.pwrite(journal.files[journal.now], b"\xff", whole + 20)  # power went while it was written
    journal.close()
    again = Journal(tmp_path, 1 << 16)
    assert [e["c"] for e in again.entries()] == ["a", "a"]
    again.append([{"c": "c", "t": 4.0, "k": "press"}])
    assert [e["c"] for e in Journal(tmp_path, 1 << 16).entries()] == ["a", "a", "c"]


def test_s3_the_other_file_takes_over_when_one_is_nearly_full_and_an_old_generation_is_never_read(
    tmp_path: pathlib.Path,
) -> None:
    journal = Journal(tmp_path, 1 << 16)
    for n in range(50):
        journal.append([{"c": str(n), "t": 1.0, "k": "press"}], sync=False)
    journal.renew([{"c": "49", "t": 1.0, "k": "press"}])
    assert [e["c"] for e in Journal(tmp_path, 1 << 16).entries()] == ["49"]
    journal.renew(
        [{"c": "x", "t": 1.0, "k": "press"}]
    )  # back into the first file, whose old records lie behind the new one
    found = Journal(tmp_path, 1 << 16)
    assert [e["c"] for e in found.entries()] == ["x"]
    assert found.at > HEAD


def test_s3_the_journal_on_the_disk_tells_nobody_who_pressed(tmp_path: pathlib.Path) -> None:
    town = Town(tmp_path)
    town.press(1, "3" * 32)
    town.run(5.0)
    raw = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for word in ("王秀兰", "13800000001", "朝阳", "GA0000000000001", "3" * 32, "139000"):
        assert word.encode() not in raw, word


def test_s3_a_journal_that_cannot_be_written_still_rings(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = Town(tmp_path)

    def full(*_a: object, **_k: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(town.lane.journal, "append", full)
    answer = town.lane.take({"op": "press", "cap": "SECRET1", "press": "4" * 32})
    town.run(1.0)
    assert answer["ok"]
    assert answer["written"] is False
    assert town.sent
