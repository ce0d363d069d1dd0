"""S3: the records are away, the disk is full, the lane was killed: taken, rung, and in the records exactly once when they are back."""

from __future__ import annotations

import errno
import itertools
import pathlib
import threading
from typing import Any

import pytest
from django.db import DatabaseError, OperationalError

from minan.kernel import worker
from minan.kernel.access import CLOCK, actor
from minan.kernel.act import act
from minan.kernel.models import Case, Event
from minan.systems.help import book, gather, record, sealing, spool
from minan.systems.help.tests.cast import POINT, SECRETS, STATION, enrolled
from minan.systems.help.tests.virtual import Town

pytestmark = [pytest.mark.django_db, pytest.mark.bar("S3")]
P1, P2 = "1" * 32, "2" * 32


@pytest.fixture
def data(settings: Any, tmp_path: pathlib.Path) -> pathlib.Path:
    settings.DATA = tmp_path
    return tmp_path


class Village:
    """王秀兰 enrolled in the records, and a lane that knows it from its own copy."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.first = enrolled()
        self.town = Town(folder, 0)
        fresh = gather.fresh(self.town.lane.book)
        assert fresh is not None
        self.town.book = fresh
        self.town.lane.renew_book(fresh)
        self.secret = SECRETS[self.first.code]

    def press(self, press: str = P1, **more: Any) -> dict[str, Any]:
        answer = self.town.lane.take({"op": "press", "cap": self.secret, "press": press} | more)
        assert answer["ok"], answer
        return answer["call"]

    def case(self, press: str = P1) -> Case:
        return Case.objects.get(id=Event.objects.get(key=f"help:{press}").case_id)

    def steps(self, press: str = P1) -> list[str]:
        return [e.step for e in Event.objects.filter(case_id=self.case(press).id).order_by("n")]


@pytest.fixture
def village(people: dict[str, Any], data: pathlib.Path, tmp_path: pathlib.Path) -> Village:
    (tmp_path / "j").mkdir()
    return Village(tmp_path / "j")


def test_the_copy_knows_whom_to_ring_and_nothing_of_it_can_be_read_on_the_disk(
    village: Village, data: pathlib.Path
) -> None:
    person = book.load().people[village.first.code]
    assert [one["phone"] for one in person["family"]] == ["13900000011", "13900000012"]
    assert (person["unit"], person["told"]) == (POINT, "高血压，吃氨氯地平")
    assert [t.id for t in book.load().plan(person) if t.level == 1] == ["family:2", f"duty:{STATION}:0"]
    raw = (data / "help" / "book").read_bytes()
    for word in ("王秀兰", "13900000011", "3 号楼", village.secret, village.first.code):
        assert word.encode() not in raw
    assert book.load().by_secret(village.secret) is not None
    assert book.load().by_secret("0" * 26) is None


def test_who_ended_is_out_of_the_copy_and_their_secret_rings_nobody(village: Village) -> None:
    act(village.first, "end", by=actor_of("gu.point"))
    fresh = gather.fresh(village.town.lane.book)
    assert fresh is not None
    village.town.lane.renew_book(fresh)
    assert village.town.lane.take({"op": "press", "cap": village.secret, "press": P1}) == {"error": "unknown"}


def test_the_records_thread_has_the_journal_written_anew_when_somebody_ended(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    lane = village.town.lane
    village.press(where="39.43,116.29")
    village.town.run(2.0)
    lane.take({"op": "step", "press": P1, "s": "close", "end": True})
    assert not village.town.call(P1).bare
    act(village.first, "end", by=actor_of("gu.point"))
    record.keep_all(lane)  # the note of the case's code is an entry itself: all of it stands there after the next round
    monkeypatch.setattr(record, "close_old_connections", lambda: None)
    record.run(lane, Once())
    assert village.town.call(P1).bare


class Once(threading.Event):
    """Lets a thread's round be done once."""

    def is_set(self) -> bool:
        was, _ = super().is_set(), self.set()
        return was

    def wait(self, timeout: float | None = None) -> bool:
        return True


def actor_of(username: str) -> Any:
    from minan.kernel.models import User

    return actor(User.objects.get(username=username))


def test_s3_what_the_lane_did_stands_in_the_records_second_by_second(village: Village) -> None:
    town, call = village.town, village.press()
    town.run(35.0)
    town.lane.take({"op": "say", "token": sealing.token(P1, "family:1"), "what": "go"})
    record.keep_all(town.lane)
    assert village.steps()[:3] == ["press", "rang", "rang"]
    assert "rung" in village.steps()
    assert village.steps()[-1] == "family_goes"
    case = village.case()
    assert case.state == "answered"
    assert abs(case.opened_at.timestamp() - call["at"]) < 0.001
    assert case.parent == village.first.id
    assert STATION in case.marks["called"]


def test_s3_the_records_are_away_and_back_in_between_each_thing_is_there_once(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database fails at every call it may fail at, one after another; in the end the same events stand there, each once."""
    town = village.town
    village.press()
    town.run(12.0)
    village.press(P2)  # joins
    town.run(55.0)
    town.lane.take({"op": "say", "token": sealing.token(P1, f"duty:{POINT}:0"), "what": "go"})
    town.run(3.0)
    real, count = record.act, itertools.count()

    def failing(*args: Any, **more: Any) -> Any:
        if next(count) % 2 == 0:
            raise OperationalError("server closed the connection")
        done = real(*args, **more)
        if next(count) % 3 == 0:
            raise OperationalError("the answer was lost")  # written, and nobody knows
        return done

    monkeypatch.setattr(record, "act", failing)
    for _n in range(200):
        try:
            if record.keep_all(town.lane) == 0 and all(c.kept >= len(c.entries) for c in town.lane.calls.values()):
                break
        except DatabaseError:
            continue
    monkeypatch.setattr(record, "act", real)
    steps = village.steps()
    assert steps[0] == "press"
    assert steps.count("again") == 1
    assert steps.count("no_answer") == 1
    assert steps.count("duty_goes") == 1
    assert len(Event.objects.filter(key__startswith="help:").values_list("key", flat=True)) == len(steps)
    record.keep_all(town.lane)
    town.kill()
    record.keep_all(town.lane)
    assert village.steps() == steps
    assert Case.objects.filter(procedure="help").count() == 1


def test_s3_one_call_that_breaks_us_keeps_no_other_out_of_the_records(village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    town, real = village.town, record.opened
    village.press()
    drill = town.lane.take({"op": "press", "person": village.first.code, "drill": True, "how": "drill", "press": P2})
    assert drill["ok"]

    def breaks(lane: Any, call: Any) -> Case:
        if call.press == P1:
            raise KeyError("nobody thought of this")
        return real(lane, call)

    monkeypatch.setattr(record, "opened", breaks)
    record.keep_all(town.lane)
    assert village.steps(P2)[0] == "press"
    assert not Event.objects.filter(key=f"help:{P1}").exists()
    monkeypatch.setattr(record, "opened", real)
    record.keep_all(town.lane)
    assert village.steps()[0] == "press"


def test_s3_the_lane_is_killed_before_it_wrote_what_it_kept_and_nothing_is_there_twice(village: Village) -> None:
    town = village.town
    village.press()
    town.run(8.0)
    record.keep_all(town.lane)
    steps = village.steps()
    call = town.call(P1)
    call.kept = 0  # the note that it is kept was lost with the process
    town.kill()
    town.call(P1).kept = 0
    record.keep_all(town.lane)
    assert village.steps() == steps


def test_s3_a_press_that_found_no_lane_waits_on_the_disk_and_rings_when_it_is_back(
    village: Village, data: pathlib.Path
) -> None:
    message = {"op": "press", "cap": village.secret, "press": P1, "how": "app"}
    spool.put(P1, message)
    spool.put(P1, message)
    raw = b"".join(path.read_bytes() for path in spool.folder().iterdir())
    assert village.secret.encode() not in raw
    village.town.kill()
    assert village.town.call(P1).person == village.first.code
    assert spool.waiting() == []
    village.town.run(1.0)
    assert village.town.sent


def test_s3_disk_full_the_reserve_is_given_up_for_the_press(
    data: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from minan.lib import folders

    spool.reserve()
    reserve, real = sealing.room() / "reserve", folders.write_once
    assert reserve.stat().st_size == spool.RESERVE

    def full(path: pathlib.Path, raw: bytes, mode: int = 0o600) -> bool:
        if reserve.exists():
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(path, raw, mode)

    monkeypatch.setattr(spool.folders, "write_once", full)
    spool.put(P1, {"op": "press"})
    assert [press for press, _message in spool.waiting()] == [P1]
    assert not reserve.exists()


def test_s3_a_copy_that_the_disk_does_not_take_leaves_the_old_one(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_a: Any, **_k: Any) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(book.folders, "write_whole", full)
    assert book.save(book.Book()) is False
    assert village.first.code in book.load().people


def test_a_step_in_the_records_stops_the_ringing_and_a_hand_over_begins_it_at_the_other_desk(
    village: Village, people: dict[str, Any]
) -> None:
    town = village.town
    village.press()
    town.run(2.0)
    record.keep_all(town.lane)
    case = village.case()
    act(case, "answer", by=actor(people["gu.point"]))
    assert record.look(town.lane) == 1
    before = len(town.sent)
    town.run(60.0)
    assert len(town.sent) == before
    act(case, "hand_over", by=actor(people["gu.point"]), facts={"unit": STATION, "words": "人在镇上"})
    record.look(town.lane)
    town.run(31.0)
    assert f"duty:{STATION}:0" in {s.target.id for _, s in town.sent[before:]}
    act(case, "answer", by=actor(people["clerk"]))
    record.look(town.lane)
    act(case, "close", by=actor(people["clerk"]), facts={"outcome": "helped", "words": "送到家了"})
    record.look(town.lane)
    assert town.call(P1).closed
    after = len(town.sent)
    town.run(120.0)
    assert len(town.sent) == after


def test_a_dead_channel_stands_in_the_records_for_the_staff(village: Village) -> None:
    village.town.how = {"sms": "error", "push": "error"}
    village.press()
    village.town.run(9.0)
    record.keep_all(village.town.lane)
    down = [e for e in Event.objects.filter(case_id=village.case().id) if e.step == "channel_down"]
    assert len(down) == 1  # the text; nobody there has a device for push, so that was never tried
    assert village.steps().count("rang") == 2


def test_a_drill_goes_the_whole_chain_rings_nobody_and_says_what_is_dead(village: Village) -> None:
    town = village.town
    town.how = {"voice": "error"}
    answer = town.lane.take({"op": "press", "person": village.first.code, "drill": True, "how": "drill"})
    press = answer["call"]["press"]
    town.run(15.0)
    assert {s.target.level for _, s in town.sent} == {0, 1, 2, 3}  # the whole chain at once
    call = town.call(press)
    assert call.closed
    assert not call.late
    record.keep_all(town.lane)
    case = village.case(press)
    assert (case.state, case.marks["drill"]) == ("drilled", True)
    first = Case.objects.get(id=village.first.id)
    assert first.facts["drill"]["dead"]
    assert all("voice" in one for one in first.facts["drill"]["dead"])
    assert village.press(P1)["press"] == P1  # a real press during a drill is a call of its own
    worker.settle()
    assert Case.objects.filter(procedure="help", state="ringing").count() == 0
    assert (
        act(first, "drilled", by=CLOCK, facts={"well": [], "dead": []}, key=f"help:{press}:drilled").step == "drilled"
    )  # type: ignore[union-attr]
    record.keep_all(town.lane)
    assert Case.objects.filter(procedure="help", state="ringing").count() == 1
