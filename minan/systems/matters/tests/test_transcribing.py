"""Where the city has a program that puts recordings into words, 陈静 gets a proposal to check; it is nobody's words until she takes it."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from minan.kernel import forms, registry, sheet
from minan.kernel.access import SPEAKER, actor
from minan.kernel.models import Case, Event
from minan.kernel.tests.desks import desk_of
from minan.systems.matters import process, transcribing
from minan.systems.matters.tests.test_life import MONDAY, go
from minan.systems.matters.tests.test_spoken import MINUTE, recorded, spoken

pytestmark = pytest.mark.django_db


@pytest.fixture
def program(tmp_path: Path, settings: Any) -> Any:
    """A program made of shell lines, which MINAN_TRANSCRIBE names."""

    def made(lines: str) -> None:
        path = tmp_path / "hear"
        path.write_text(f"#!/bin/sh\n{lines}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        settings.TRANSCRIBE = str(path)

    return made


def heard(tried: set[UUID] | None = None) -> int:
    return transcribing.turn(MONDAY + MINUTE, set() if tried is None else tried, lambda: False)


@pytest.fixture
def case(people: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Case:
    monkeypatch.setattr(transcribing, "uuid7_at", lambda _seconds: UUID(int=0))
    return spoken()


def test_without_the_setting_nothing_runs(settings: Any) -> None:
    assert not process.wanted()
    settings.TRANSCRIBE = "/opt/hear"
    assert process.wanted()


def test_what_the_machine_heard_is_a_marked_proposal_until_the_clerk_takes_it(case: Case, people: dict[str, Any], program: Any) -> None:
    program('[ "$MIME_TYPE" = audio/ogg ] || exit 1; [ -z "$DATA$HOME" ] || exit 1; cat | tail -c +5; echo "，电话13812345678"')
    assert heard() == 1
    case.refresh_from_db()
    event = Event.objects.get(case_id=case.id, step="transcribe")
    assert event.by == "clock"
    assert (case.text, case.title) == ("", "［录音 37 秒］"), "it is not the speaker's words"
    assert "13812345678" not in str(case.facts)
    assert all(line.event.step != "transcribe" for line in sheet.lines(case, staff=False))
    page = desk_of("clerk").get(f"/desk/{case.code}/").content.decode()
    assert "机器转写，请核对" in page
    step = registry.procedures()["matter"].step("write_down")
    assert step is not None
    form = forms.of_step(step, case)
    assert form["words"].value().startswith("我家门口的路灯不亮了")
    go(case, "write_down", actor(people["clerk"]), MONDAY + 2 * MINUTE, words="我家门口的路灯不亮了")
    assert case.text == "我家门口的路灯不亮了"
    assert "machine" not in case.facts
    assert heard() == 0


def test_each_recording_has_its_own(case: Case, people: dict[str, Any], program: Any) -> None:
    program("cat | tail -c +5")
    go(case, "add", SPEAKER, MONDAY + MINUTE, voice=recorded("井盖没了"))
    tried: set[UUID] = set()
    assert [heard(tried) for _ in range(3)] == [1, 1, 0]
    case.refresh_from_db()
    assert case.facts["machine"] == {"1": "我家门口的路灯不亮了", "2": "井盖没了"}
    go(case, "write_down", actor(people["clerk"]), MONDAY + 2 * MINUTE, words="路灯不亮")
    assert case.facts["machine"] == {"2": "井盖没了"}


@pytest.mark.parametrize("lines", ["exit 3", "sleep 60", "true", "kill -9 $$"], ids=["fails", "hangs", "says nothing", "dies"])
def test_a_program_that_fails_or_hangs_costs_nothing(case: Case, program: Any, lines: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcribing, "LIMIT_SECONDS", 0.3)
    monkeypatch.setattr(transcribing, "LOOK_SECONDS", 0.1)
    program(lines)
    tried: set[UUID] = set()
    assert [heard(tried) for _ in range(2)] == [1, 0], "tried once"
    case.refresh_from_db()
    assert "machine" not in case.facts
    assert case.facts["unwritten"] == [1]


def test_a_program_that_is_not_there_costs_nothing(case: Case, settings: Any) -> None:
    settings.TRANSCRIBE = "/nowhere/hear"
    assert heard() == 1
    assert not Event.objects.filter(case_id=case.id, step="transcribe").exists()


def test_who_handles_the_matter_does_not_read_what_the_machine_heard(case: Case, people: dict[str, Any], program: Any) -> None:
    """It is the voice in letters, a name in it as the machine took it; the lead reads what the clerk wrote down."""
    program("echo 我是村东头的王婶，路灯不亮")
    assert heard() == 1
    case.refresh_from_db()
    clerk, handler = actor(people["clerk"]), actor(people["handler"])
    go(case, "write_down", clerk, MONDAY + 2 * MINUTE, words="路灯不亮")
    go(case, "accept", clerk, MONDAY + 3 * MINUTE, kind="lamp.out")
    go(case, "assign", clerk, MONDAY + 4 * MINUTE, unit=handler.units[0])
    read = {who: [line.event.step for line in sheet.of(case, who, MONDAY + 5 * MINUTE).lines] for who in (clerk, handler)}
    assert "transcribe" in read[clerk]
    assert "transcribe" not in read[handler]
    for page in (f"/tasks/{case.code}/", f"/desk/{case.code}/"):
        shown = desk_of("handler").get(page).content.decode()
        assert "王婶" not in shown, page
    assert "路灯不亮" in shown
    assert "王婶" in desk_of("clerk").get(f"/desk/{case.code}/").content.decode()


def test_a_setting_that_is_no_command_loses_nothing(case: Case, settings: Any) -> None:
    settings.TRANSCRIBE = '/opt/hear "'
    assert heard() == 1
    case.refresh_from_db()
    assert case.facts["unwritten"] == [1]
