"""S3: what was pressed is on the disk before anybody is told, whatever dies; and it rings on where it stopped."""

from __future__ import annotations

import os
import pathlib
import struct
import zlib
from typing import Any

import pytest

from minan.systems.help import sealing
from minan.systems.help.journal import HEAD, Journal
from minan.systems.help.tests.virtual import POINT, Town, person

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


def everything(folder: pathlib.Path) -> list[dict[str, Any]]:
    """Every record that whoever has the files and the key can read, also behind the end and of old generations."""
    found = []
    for path in sorted(folder.glob("journal.*")):
        raw = path.read_bytes()
        for at in range(len(raw) - 8):
            length, crc = struct.unpack_from(">II", raw, at)
            body = raw[at + 8 : at + 8 + length] if 0 < length < 1 << 16 else b""
            if len(body) == length > 0 and zlib.crc32(body) == crc:
                found.append(_any(body))
    return found


def _any(body: bytes) -> dict[str, Any]:
    for generation in range(1, 9):
        for number in range(200):
            try:
                return dict(sealing.opened(body, f"journal:{generation}:{number}"))
            except sealing.Torn:
                continue
    raise AssertionError("a record that the key does not open")


WHERE = "39.43,116.29"
NUMBERS = ("1390000", "1370000", "push-1-")


def ends(town: Town, press: str) -> None:
    """The call is closed, and all of it stands in the records."""
    town.lane.take({"op": "step", "press": press, "s": "close", "end": True})
    call = town.call(press)
    town.lane.note(call, k="code", c2="GA0000000000009")
    town.lane.note(call, k="kept", n=len(call.entries))


def test_who_ended_left_no_number_and_no_position_in_either_file(tmp_path: pathlib.Path) -> None:
    town = Town(tmp_path, 2, size=1 << 17)
    town.press(1, "5" * 32, where=WHERE)
    town.press(2, "6" * 32, where="39.55,116.70")
    town.run(45.0)
    daughter = {"op": "ear", "token": sealing.token("5" * 32, "family:1"), "subscription": "push-1-new"}
    assert town.lane.take(daughter)["ok"]
    before = str(everything(tmp_path))
    assert all(word in before for word in (WHERE, *NUMBERS))
    ends(town, "5" * 32)
    assert not town.lane.tidy()  # she is enrolled still, and the journal is not a day old
    del town.book.people[person(1)["code"]]
    assert town.lane.tidy()
    mine = str([e for e in everything(tmp_path) if e["c"] == "5" * 32])
    assert "'k': 'press'" in mine  # the seconds of the call are there
    assert not [word for word in (WHERE, *NUMBERS) if word in mine]
    assert "39.55,116.70" in str(everything(tmp_path))  # whose call is open is rung on
    assert not town.lane.tidy()
    town.kill()
    assert town.call("5" * 32).closed
    assert "push-2-1" in str(town.call("6" * 32).plan)


def test_once_a_day_the_journal_forgets_the_numbers_of_what_is_over_and_the_old_file_is_overwritten(
    tmp_path: pathlib.Path,
) -> None:
    town = Town(tmp_path, size=1 << 17)
    town.press(1, "7" * 32, where=WHERE)
    town.run(5.0)
    ends(town, "7" * 32)
    town.run(23 * 3600.0)
    assert not town.lane.tidy()
    town.run(3700.0)
    assert town.lane.tidy()
    assert not [word for word in (WHERE, *NUMBERS) if word in str(everything(tmp_path))]
    assert len({path.stat().st_size for path in tmp_path.glob("journal.*")}) == 1  # the blocks stay ours


def test_a_file_whose_overwriting_a_power_cut_stopped_is_overwritten_at_the_next_start(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path, 1 << 16)
    journal.append([{"c": "a", "t": 1.0, "k": "press", "about": {"where": WHERE}}])
    monkeypatch.setattr(Journal, "_wipe", lambda *_: None)
    journal.renew([{"c": "b", "t": 1.0, "k": "press"}])
    journal.close()
    assert WHERE in str(everything(tmp_path))
    monkeypatch.undo()
    assert [e["c"] for e in Journal(tmp_path, 1 << 16).entries()] == ["b"]
    assert WHERE not in str(everything(tmp_path))
