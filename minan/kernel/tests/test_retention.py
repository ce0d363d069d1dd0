"""B6: what need not be kept is gone on its day, in tables, files and index; what must be proved can still be proved."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from conftest import without_triggers
from minan.kernel import access, act, attachments, erasures, pictures, retention, search, speakers, verify, worker
from minan.kernel.models import Attachment, Body, Case, Event, Message, Speaker
from minan.kernel.tests import made_pictures

pytestmark = [pytest.mark.django_db, pytest.mark.bar("B6")]
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)
PHONE = "13800001234"


@pytest.fixture
def case(city: None, settings: Any, tmp_path: Path) -> Case:
    """A lamp, said with a photo and a number by a resident who then withdrew it."""
    settings.DATA = tmp_path
    photo = pictures.clean(made_pictures.encoded(made_pictures.scene(3, (60, 40))))
    facts = {
        "text": f"南关桥头的路灯不亮，打我电话 {PHONE}",
        "place": "131022100010",
        "name": "王秀兰",
        "phone": PHONE,
        "photos": [photo],
    }
    opened = act.open_case("matter", by=access.SPEAKER, facts=facts, at=NOW)
    assert opened
    assert act.act(opened.case, "withdraw", by=access.SPEAKER, at=NOW)
    worker.settle(NOW)
    return Case.objects.get(id=opened.case.id)


def test_a_resident_is_known_for_two_years_after_the_end_and_not_a_day_longer(case: Case) -> None:
    retention.sweep(NOW + 730 * DAY - timedelta(hours=1))
    assert speakers.known(case, who="speaker", why="own")["phone"] == PHONE
    retention.sweep(NOW + 731 * DAY)
    assert speakers.known(case, who="speaker", why="own") == {}
    assert verify.check().wrong == 0


def test_the_words_the_photo_and_the_index_go_after_three_years_and_the_chain_still_holds(case: Case) -> None:
    where = ["131022100-station"], ["131022"]
    assert search.ids("南关桥头", *where) == [case.id]
    files = [p for p in attachments.folder().rglob("*") if p.is_file()]
    assert len(files) == 2
    retention.sweep(NOW + 1094 * DAY)
    assert Body.objects.filter(case_id=case.id).count() == 3  # the vault went a year ago, by an event of its own
    retention.sweep(NOW + 1096 * DAY)
    case.refresh_from_db()
    assert (case.title, case.text, case.state) == ("", "", "withdrawn")
    assert search.ids("南关桥头", *where) == []
    assert not any(p.exists() for p in files)
    assert list(Body.objects.filter(case_id=case.id).values_list("n", flat=True)) == [4]  # that it was erased, without a word
    assert not Attachment.objects.exists()
    assert list(Event.objects.filter(case_id=case.id).order_by("n").values_list("step", "by"))[2:] == [("erased", "clock")] * 2
    report = verify.check()
    assert (report.faults, report.erased) == ([], 3)


def test_the_erasures_own_event_vouches_for_the_row_it_leaves(case: Case) -> None:
    """The bar bites: who writes words into an emptied row afterwards is named."""
    retention.sweep(NOW + 1096 * DAY)
    assert verify.check().wrong == 0
    with without_triggers(connection):
        Case.objects.filter(id=case.id).update(title="路灯早就好了")
    assert [what for _code, what in verify.check().faults] == ["its row or clocks are not those its last event left"]


def test_words_that_went_without_an_event_are_named(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bar bites: retention as it was, outside the door."""
    monkeypatch.setattr(retention, "_tell", lambda *said: None)
    monkeypatch.setattr(erasures, "note", lambda *said: None)
    retention.sweep(NOW + 1096 * DAY)
    assert any("no erasure is on record" in what for _code, what in verify.check().faults)


def test_a_dry_run_counts_and_erases_nothing(case: Case) -> None:
    found = retention.sweep(NOW + 1200 * DAY, dry=True)
    assert (found["cases"], found["bodies"], found["vaults"]) == (1, 2, 1)
    assert speakers.known(case, who="speaker", why="own")["name"] == "王秀兰"
    assert Body.objects.filter(case_id=case.id).count() == 2


def test_what_was_erased_stands_on_a_list_without_a_word_of_it_and_can_be_erased_again(case: Case) -> None:
    retention.sweep(NOW + 1200 * DAY)
    path = Path(attachments.folder()).parent / erasures.LIST
    text = path.read_text()
    assert PHONE not in text
    assert "王" not in text
    said = [json.loads(line) for line in text.splitlines()]
    assert {(s["code"], s["what"], s["n"]) for s in said} == {
        (case.code, "speaker", 0),
        (case.code, "body", 1),
        (case.code, "body", 2),
        (case.code, "body", 3),
        (case.code, "words", 0),
    }
    assert erasures.replay(path) == 0  # nothing is left to erase


def test_an_open_matter_is_kept_however_old_it_is(city: None) -> None:
    opened = act.open_case(
        "matter", by=access.SPEAKER, facts={"text": "路灯不亮了", "place": "131022100010", "phone": PHONE}, at=NOW
    )
    retention.sweep(NOW + 4000 * DAY)
    assert speakers.known(opened.case, who="speaker", why="own")["phone"] == PHONE  # type: ignore[union-attr]


def test_a_case_on_legal_hold_is_left_alone(case: Case) -> None:
    with without_triggers(connection):
        Case.objects.filter(id=case.id).update(marks={"hold": True})
    assert not retention.sweep(NOW + 4000 * DAY, dry=True)["cases"]
    retention.sweep(NOW + 4000 * DAY)
    assert speakers.known(case, who="speaker", why="own")["phone"] == PHONE


def test_notices_go_after_a_year(case: Case) -> None:
    assert Message.objects.exists()
    retention.sweep(NOW + 364 * DAY)
    assert Message.objects.exists()
    retention.sweep(NOW + 367 * DAY)
    assert not Message.objects.exists()


def test_a_callers_mark_that_a_private_matter_still_has_goes_with_the_day(case: Case) -> None:
    facts = {"text": "别让人知道是我", "place": "131022100010", "phone": PHONE}
    kept = act.open_case("matter", by=access.SPEAKER, facts=facts, at=NOW, privacy="confidential")
    assert kept
    both = Speaker.objects.filter(case_id__in=[kept.case.id, case.id])
    both.update(caller="a" * 64)
    assert retention.daily(NOW)["caller marks"] == 1
    assert dict(both.values_list("case_id", "caller")) == {kept.case.id: "", case.id: "a" * 64}
    assert retention.daily(NOW + DAY)["caller marks"] == 0
