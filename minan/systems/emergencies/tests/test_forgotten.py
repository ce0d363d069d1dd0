"""Everything is deleted 14 days after the last day, nothing before; what stays verifies. The drill itself is the test."""

from __future__ import annotations

import argparse
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from minan.kernel import backup, erasures, verify
from minan.kernel.access import SPEAKER
from minan.kernel.act import Opened
from minan.kernel.models import Body, Case, Event, Inbox, Speaker
from minan.lib import audio
from minan.systems.emergencies import drill, modes, sweeping, voices
from minan.systems.emergencies.commands import emergencies
from minan.systems.emergencies.models import Voice
from minan.systems.emergencies.tests.cast import COUNTY, DAY, MONDAY, asked, declared, go, turned


@pytest.mark.django_db(transaction=True)
def test_the_drill_finds_nothing_of_what_it_planted_and_the_books_verify(people: dict[str, Any]) -> None:
    told = drill.play()
    assert told.wrong == [], "\n".join(told.lines)
    assert len(told.lines) > 15
    assert backup.KEEP_DAYS == 30, "the age that the drill and the handbook declare"


@pytest.mark.django_db
def test_the_drill_tells_what_was_left(people: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Else it would pass on anything."""
    monkeypatch.setattr(sweeping, "forget", lambda case, now: None)
    monkeypatch.setattr(sweeping, "BATCH", 0)
    told = drill.play()
    assert {line.split(":")[0] for line in told.wrong} >= {
        "left of voice notes",
        "left of lists of a desk",
        "left of words of events",
    }


@pytest.mark.django_db
def test_a_mode_ended_early_is_deleted_14_days_after_that_day(people: dict[str, Any]) -> None:
    mode = declared(people)
    done = asked(MONDAY + DAY)
    assert isinstance(done, Opened)
    go(mode, "end_now", people[COUNTY], MONDAY + 3 * DAY, words="没有新病例了")
    turned(MONDAY + 16 * DAY)
    assert Speaker.objects.get(case_id=done.case.id).wrapped
    turned(MONDAY + 17 * DAY)
    case = Case.objects.get(id=done.case.id)
    assert (case.state, case.title, case.facts, case.desk) == ("forgotten", "", {}, "")
    assert not Speaker.objects.get(case_id=case.id).wrapped
    assert not Inbox.objects.filter(case_id=case.id).exists()
    mode.refresh_from_db()
    assert (mode.state, mode.facts["registered"], modes.counted(mode)) == ("mode_erased", 1, None), (
        "fewer than five are not told"
    )


@pytest.mark.django_db
def test_a_sweep_that_broke_off_is_finished_by_the_next(
    people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    mode = declared(people)
    done = asked(MONDAY)
    assert isinstance(done, Opened)
    said = go(done.case, "say", SPEAKER, MONDAY, words="还没人来")
    voices.Note(audio.read(drill.recording()), b"k" * 32).keep(done.case, said)
    whole = sweeping.retention.forget

    def broken(*_args: Any) -> None:
        raise OSError("the disk went away")

    monkeypatch.setattr(sweeping.retention, "forget", broken)
    turned(MONDAY + 28 * DAY)
    mode.refresh_from_db()
    assert mode.state == "mode_wiping", "it does not say that all is deleted while it is not"
    monkeypatch.setattr(sweeping.retention, "forget", whole)
    turned(MONDAY + 28 * DAY + timedelta(minutes=1))
    mode.refresh_from_db()
    assert mode.state == "mode_erased"
    assert not Voice.objects.exists()
    assert Body.objects.filter(case_id=done.case.id).count() == 1, "of the deletion itself"
    assert Event.objects.filter(case_id=done.case.id).count() >= 4, "each step keeps its hash"
    assert verify.check(pages=False).faults == []


@pytest.mark.django_db
def test_what_a_backup_brings_back_is_erased_again_by_the_list(people: dict[str, Any], tmp_path: Path) -> None:
    declared(people)
    done = asked(MONDAY)
    assert isinstance(done, Opened)
    row = Speaker.objects.get(case_id=done.case.id)
    was = {"wrapped": row.wrapped, "sealed": row.sealed}
    turned(MONDAY + 28 * DAY)
    Speaker.objects.filter(pk=row.pk).update(**was)
    assert erasures.replay(Path(drill.settings.DATA) / erasures.LIST) >= 1
    assert Speaker.objects.get(pk=row.pk).wrapped is None


@pytest.mark.deep
@pytest.mark.slow
def test_the_command_plays_in_a_folder_of_its_own() -> None:
    assert emergencies.run(argparse.Namespace(action="drill", here=False)) == 0
