"""L6: one person is erased. Not one of their words is left in any file of the house, and every old proof still verifies."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as live
from django.db import connection

from conftest import load_city
from minan.kernel import access, act, backup, erasures, pictures, retention, rows, search, speakers, verify, worker
from minan.kernel.models import Case, Event, User
from minan.kernel.tests import made_pictures

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.bar("L6")]
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=1100)
WORDS = ("qwlampzzkx", "qwplacezzkx", "qwnamezzkx", "13877770001", "13877770002", "qwaddedzzkx", "qwanswerzzkx", "qwaddresszzkx")


@pytest.fixture
def case(settings: Any, tmp_path: Path) -> Case:
    """A whole life with canaries of letters and digits, which the index keeps as they are, and a photo."""
    load_city()
    settings.DATA = tmp_path / "data"
    settings.DATA.mkdir()
    lamp, place, name, phone, spoken, added, answered, address = WORDS
    facts = {
        "text": f"南关桥头 {lamp} 不亮，打 {spoken}", "place": "131022100010", "place_words": place,
        "name": name, "phone": phone, "address": address,
        "photos": [pictures.clean(made_pictures.encoded(made_pictures.scene(3, (60, 40))))],
    }  # fmt: skip
    opened = act.open_case("matter", by=access.SPEAKER, facts=facts, at=NOW)
    assert opened
    clerk = access.actor(User.objects.get(username="clerk"))
    assert act.act(opened.case, "add", by=access.SPEAKER, facts={"words": added}, at=NOW)
    assert act.act(opened.case, "progress", by=clerk, facts={"words": answered}, at=NOW)
    assert act.act(opened.case, "withdraw", by=access.SPEAKER, at=NOW)
    worker.settle(NOW)
    return Case.objects.get(id=opened.case.id)


def places(*more: Path) -> dict[str, bytes]:
    """Every file of the house by name: DATA, the database with its log, and what else is given."""
    erasures.compact()
    files = [p for root in (Path(live.DATA), *more) for p in root.rglob("*") if p.is_file()]
    if connection.vendor == "sqlite":
        files += Path(str(connection.settings_dict["NAME"])).parent.glob(Path(str(connection.settings_dict["NAME"])).name + "*")
    return {str(path): path.read_bytes() for path in files}


def left(files: dict[str, bytes]) -> set[str]:
    """The canaries that stand in any of them."""
    return {word for word in WORDS for content in files.values() if word.encode() in content}


def rows_left() -> set[str]:
    """The canaries in any column of any table, whichever database it is."""
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith(("kernel_", "proof_", "account_")):
                cursor.execute(f'SELECT * FROM "{table}"')
                text = str([[bytes(v) if isinstance(v, memoryview) else v for v in row] for row in cursor.fetchall()])
                found |= {word for word in WORDS if word in text}
    return found


def test_not_a_word_is_left_in_any_file_or_table_and_the_proofs_hold(case: Case) -> None:
    assert {"qwlampzzkx", "qwplacezzkx", "qwaddedzzkx", "qwanswerzzkx"} <= rows_left()
    before = list(Event.objects.filter(case_id=case.id).order_by("n").values_list("n", "hash", "body"))
    worker.settle(NOW + timedelta(minutes=5))
    retention.daily(LATER)
    worker.settle(LATER)
    assert rows_left() == set()
    if connection.vendor == "sqlite":
        assert left(places()) == set()
    assert not any((Path(live.DATA) / "attachments").rglob("*/*"))
    assert speakers.known(case, who="speaker", why="own") == {}
    assert list(Event.objects.filter(case_id=case.id).order_by("n").values_list("n", "hash", "body"))[: len(before)] == before
    assert verify.check().faults == []


@pytest.mark.parametrize("gone", ["index", "row", "old segments"])
def test_what_one_place_forgets_to_erase_is_found(case: Case, gone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bar bites."""
    if gone == "index":
        monkeypatch.setattr(search, "forget", lambda case: None)
    elif gone == "row":
        monkeypatch.setattr(rows, "forget", lambda county, case_id, *, ended=True: None)
        monkeypatch.setattr(retention, "_tell", lambda *said: None)
    else:
        monkeypatch.setattr(erasures, "compact", lambda: None)
    retention.daily(LATER)
    found = rows_left() | (left(places()) if connection.vendor == "sqlite" else set())
    if gone == "old segments" and connection.vendor != "sqlite":
        return
    assert found


def test_a_new_backup_has_none_of_it_and_an_old_one_goes_within_its_days(case: Case, tmp_path: Path) -> None:
    if connection.vendor != "sqlite":
        return
    room = tmp_path / "backups"
    backup.make(room / "old")
    assert left(places(room)) >= {"qwlampzzkx"}
    assert {"qwnamezzkx", "13877770001", "13877770002"}.isdisjoint(left(places(room)))  # who spoke is ciphertext even there
    retention.daily(LATER)
    manifest = json.loads((room / "old" / backup.MANIFEST).read_bytes())
    manifest["made_at"] = (datetime.now(UTC) - timedelta(days=29)).isoformat()
    (room / "old" / backup.MANIFEST).write_text(json.dumps(manifest))
    backup.make(room / "new")
    assert backup.prune(room / "new") == []  # bounded: it still stands, for a day
    assert backup.prune(room / "new", now=datetime.now(UTC) + timedelta(days=2)) == [(room / "old").resolve()]
    assert left(places(room)) == set()


def test_only_folders_that_are_backups_are_removed(tmp_path: Path, case: Case) -> None:
    if connection.vendor != "sqlite":
        return
    (tmp_path / "room" / "photos").mkdir(parents=True)
    (tmp_path / "room" / "photos" / backup.MANIFEST).write_text('{"made_at": "2020-01-01T00:00:00+00:00"}')
    backup.make(tmp_path / "room" / "new")
    assert backup.prune(tmp_path / "room" / "new", now=datetime.now(UTC) + timedelta(days=4000)) == []
