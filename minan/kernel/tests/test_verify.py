"""`minan verify` finds whatever was changed behind the door's back (R13), and finds nothing where nothing was."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from conftest import without_triggers
from minan.kernel import access, act, attachments, erasures, pictures, verify, verify_counts, verify_rows, worker
from minan.kernel.models import Body, Case, Clock, Event, Inbox, Tally
from minan.kernel.tests import made_pictures

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
PLACE = "131022100010"


@pytest.fixture
def told(people: dict[str, Any], settings: Any, tmp_path: Any) -> list[Case]:
    """A dozen lamps, said with a photo, accepted and assigned by the clerk."""
    settings.DATA = tmp_path
    photo = pictures.clean(made_pictures.encoded(made_pictures.scene(1, (60, 40))))
    clerk, out = access.actor(people["clerk"]), []
    for number in range(12):
        facts = {"text": f"第 {number} 盏路灯不亮了", "place": PLACE, "kind": "lamp.out", "photos": [photo]}
        opened = act.open_case("matter", by=access.SPEAKER, facts=facts, at=NOW)
        assert opened
        assert act.act(opened.case, "accept", by=clerk, at=NOW + timedelta(minutes=number))
        assert act.act(
            opened.case, "assign", by=clerk, facts={"unit": "131022-lighting"}, at=NOW + timedelta(minutes=40)
        )
        out.append(opened.case)
    return out


@pytest.fixture
def open_doors() -> Iterator[None]:
    with without_triggers(connection):
        yield


def test_nothing_is_wrong_where_nobody_touched_anything(told: list[Case]) -> None:
    report = verify.check()
    assert (report.wrong, report.faults) == (0, [])
    assert (report.cases, report.events, report.pictures, report.erased) == (12, 36, 12, 0)


def test_an_erased_body_is_counted_and_every_proof_still_holds(told: list[Case]) -> None:
    gone = [(told[3].code, "body", 1)]
    erasures.note(gone, "2026-11-20")
    erasures.erase(gone)
    report = verify.check()
    assert (report.wrong, report.erased) == (0, 1)


def test_words_that_are_gone_without_an_erasure_on_record_were_taken_away(told: list[Case]) -> None:
    Body.objects.filter(case_id=told[3].id, n=1).delete()
    assert "no erasure is on record" in verify.check().faults[0][1]


def _flip(text: str, chance: random.Random) -> str:
    place = chance.randrange(len(text))
    return text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :]


@pytest.mark.bar("R13")
def test_one_flipped_byte_in_a_hundred_places_of_the_ledger_is_found_each_time(
    told: list[Case], open_doors: None
) -> None:
    chance = random.Random(13)
    columns = ["step", "source", "state", "by", "body", "prev", "hash", "county"]
    found = 0
    for _ in range(100):
        if chance.random() < 0.6:
            event = chance.choice(list(Event.objects.exclude(source="")))
            name = chance.choice(columns)
            row, was = Event.objects.filter(id=event.id), getattr(event, name)
            now: Any = _flip(was, chance)
        else:
            body = chance.choice(list(Body.objects.all()))
            name = chance.choice(["salt", "text"])
            row, was = Body.objects.filter(id=body.id), getattr(body, name)
            place = chance.randrange(len(was))
            now = (
                _flip(was, chance)
                if name == "text"
                else bytes(was[:place]) + bytes([was[place] ^ 1]) + bytes(was[place + 1 :])
            )
        row.update(**{name: now})
        found += verify.check(pages=False).wrong > 0
        row.update(**{name: was})
    assert found == 100
    assert verify.check().wrong == 0


@pytest.mark.bar("R13")
def test_one_flipped_byte_in_a_picture_is_found_each_time(told: list[Case]) -> None:
    chance = random.Random(31)
    (path,) = [p for p in attachments.folder().rglob("*") if p.is_file() and p.suffix != ".thumb"]
    whole = path.read_bytes()
    for _ in range(40):
        place = chance.randrange(len(whole))
        path.write_bytes(whole[:place] + bytes([whole[place] ^ (1 << chance.randrange(8))]) + whole[place + 1 :])
        assert "not what it was" in verify.check(pages=False).faults[0][1]
    path.unlink()
    assert "missing" in verify.check().faults[0][1]


TAMPERED = {
    "the state was set by hand": lambda c: Case.objects.filter(id=c.id).update(state="closed", closed_at=NOW),
    "the counter was set back": lambda c: Case.objects.filter(id=c.id).update(moves=0),
    "the head was swapped": lambda c: Case.objects.filter(id=c.id).update(head="0" * 64),
    "the clock was begun anew": lambda c: Clock.objects.filter(case_id=c.id, name="answer").update(
        started_at=NOW + timedelta(days=2)
    ),
    "the light was turned green": lambda c: Case.objects.filter(id=c.id).update(due_at=NOW + timedelta(days=99)),
    "a stranger's list got a row": lambda c: Inbox.objects.create(
        unit="131022101-station", county=c.county, case_id=c.id, procedure="matter"
    ),
    "the desk's list lost its row": lambda c: Inbox.objects.filter(case_id=c.id, unit="131022100-station").delete(),
    "the list says another state": lambda c: Inbox.objects.filter(case_id=c.id).update(state="closed"),
    "the last event is gone": lambda c: Event.objects.filter(case_id=c.id, n=3).delete(),
    "the first event is gone": lambda c: Event.objects.filter(case_id=c.id, n=1).delete(),
    "all events are gone": lambda c: Event.objects.filter(case_id=c.id).delete(),
    "the case itself is gone": lambda c: Case.objects.filter(id=c.id).delete(),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_who_changes_a_row_behind_the_door_is_found(told: list[Case], open_doors: None, what: str) -> None:
    TAMPERED[what](told[5])
    report = verify.check()
    assert report.wrong > 0
    tables = {"event", "body", "attachment", "clock", "inbox", "speaker", "tally"}
    assert {where for where, _ in report.faults} <= {told[5].code, *tables}  # nobody else's case is accused


@pytest.mark.django_db(transaction=True)
def test_a_city_at_work_is_counted_as_of_one_moment_and_accused_of_nothing(people: dict[str, Any]) -> None:
    def say() -> None:
        act.open_case("matter", by=access.SPEAKER, facts={"text": "灯不亮", "place": PLACE, "kind": "lamp.out"})
        connection.close()

    say()
    with verify_counts.one_moment():
        assert Case.objects.count() == 1
        other = threading.Thread(target=say)
        other.start()
        other.join()
        assert Case.objects.count() == 1, "what came meanwhile belongs to the next moment"
    assert Case.objects.count() == 2
    worker.settle()
    assert verify.check().faults == []
    Tally.objects.filter(by="all").update(opened=7)
    assert {where for where, _ in verify.check().faults} == {"tally"}


def test_who_let_a_clock_run_out_in_silence_is_found(told: list[Case]) -> None:
    Clock.objects.filter(case_id=told[2].id, name="sign").update(next_at=None)
    assert "is looked at never" in verify.check().faults[0][1]


def test_a_clock_the_worker_put_off_for_a_day_is_no_fault(told: list[Case]) -> None:
    now = datetime.now(UTC)
    for row in Clock.objects.filter(case_id=told[2].id, name="sign"):
        clocks = [Clock.objects.filter(id=row.id).values().get() | {"due_at": now, "next_at": now + timedelta(days=1)}]
        assert list(verify_rows.looks_next(told[2], clocks)) == []
        assert list(verify_rows.looks_next(told[2], clocks, now - timedelta(days=3)))
