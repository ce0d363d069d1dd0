"""Messages of another system come in through the one door, each once, and what cannot be taken is said so."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest

from minan.kernel import imports, inbox, search, speakers, worker
from minan.kernel.models import Case, Clock, Event, Message, Tally, User

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
REAL = Path(__file__).resolve().parents[4] / "shared" / "data" / "messages.csv"
pytestmark = pytest.mark.django_db


def file_of(folder: Path, *rows: str, header: str = "id,user,title,at,text") -> Path:
    path = folder / "board.csv"
    path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    return path


@pytest.fixture
def board(tmp_path: Path) -> Path:
    return file_of(
        tmp_path,
        "1,A0001,桥上的灯不亮,2019-02-28 11:25:05,桥上一排灯都灭了，请修。联系 13800001234",
        '2,A0002,楼下太吵,2019/3/1 9:05:00,"半夜还在放音乐,\n睡不着"',
    )


def test_a_resident_who_wrote_on_the_board_is_taken_in_once_with_the_old_time(city: None, board: Path) -> None:
    first = imports.bring(board, "board", NOW)
    second = imports.bring(board, "board", NOW)
    assert (first.opened, first.before, second.opened, second.before) == (2, 0, 0, 2)
    case = Case.objects.get(title="桥上的灯不亮")
    assert case.said_at == datetime(2019, 2, 28, 3, 25, 5, tzinfo=UTC)  # the board's clock is Beijing's
    assert case.opened_at == NOW
    assert case.channel == "import"
    assert case.state == "said"
    assert Clock.objects.get(case_id=case.id, name="accept").started_at == NOW
    assert Event.objects.filter(key="import:board:1").count() == 1


def test_the_writers_name_and_number_lie_in_the_vault_only(city: None, board: Path) -> None:
    imports.bring(board, "board", NOW)
    case = Case.objects.get(title="桥上的灯不亮")
    assert "13800001234" not in case.text
    assert "A0001" not in case.text
    known = speakers.known(case, who="speaker", why="own")
    assert known["name"] == "A0001"
    assert "13800001234" in known["archive.text" if "archive.text" in known else "say.text"]


def test_without_a_place_it_lies_with_the_city_desk_until_somebody_places_it(city: None, board: Path) -> None:
    imports.bring(board, "board", NOW)
    clerk = User.objects.get(username="city.clerk")
    page = inbox.listed(clerk, inbox.Wanted(flag="place_unknown"), NOW)
    assert {c.title for c in page.items} == {"桥上的灯不亮", "楼下太吵"}


def test_a_row_with_a_place_and_kind_goes_to_that_townships_desk(city: None, tmp_path: Path) -> None:
    path = file_of(
        tmp_path,
        "7,A7,路灯坏了,2026-11-01 08:00:00,坏了三天,131022100010,lamp.out",
        header="id,user,title,at,text,place,kind",
    )
    assert imports.bring(path, "board", NOW).rejected == []
    case = Case.objects.get()
    assert (case.desk, case.kind) == ("131022100-station", "lamp.out")


def test_history_is_found_but_runs_no_clock_tells_nobody_and_counts_nowhere(city: None, board: Path) -> None:
    imports.bring(board, "old", NOW, history=True)
    worker.settle(NOW)
    case = Case.objects.get(title="桥上的灯不亮")
    assert case.state == "closed"
    assert not case.open
    assert case.marks == {}
    assert not Clock.objects.exists()
    assert not Message.objects.exists()
    assert not Tally.objects.exists()
    assert case.id in search.ids("灯都灭了", ["1310-centre"], ["131000"])


def test_rows_that_cannot_be_taken_stand_beside_the_file_with_the_reason(city: None, tmp_path: Path) -> None:
    path = file_of(
        tmp_path, "1,A,灯,2019-02-28 11:25:05,不亮", "2,B,灯,gestern,不亮", "1,C,灯,2019-02-28 11:25:05,又一件", ",D,灯,2019-02-28 11:25:05,没有编号",
        "5,E,灯,2039-02-28 11:25:05,还没到", "6,F,=1+1,2019-02-28 11:25:05," + "长" * 9000,
    )  # fmt: skip
    done = imports.bring(path, "board", NOW)
    assert done.opened == 1
    assert len(done.rejected) == 5
    with imports.rejected_path(path).open(encoding="utf-8-sig", newline="") as file:
        reasons = {row["user"]: row["reason"] for row in csv.DictReader(file)}
    assert reasons["B"].startswith("not a time")
    assert "twice" in reasons["C"]
    assert "id" in reasons["D"]
    assert "future" in reasons["E"]
    assert "too many" in reasons["F"]
    assert "\n6,F,'=1+1," in imports.rejected_path(path).read_text("utf-8-sig").replace("\r", "")


def test_a_run_that_was_cut_off_goes_on_where_it_was(city: None, tmp_path: Path) -> None:
    path = file_of(tmp_path, *(f"{n},A{n},灯坏了{n},2019-02-28 11:25:05,第{n}盏灯不亮" for n in range(450)))

    def stop(done: int) -> None:
        if done >= imports.BATCH:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        imports.bring(path, "board", NOW, told=stop)
    assert Case.objects.count() == imports.BATCH
    again = imports.bring(path, "board", NOW)
    assert (again.before, again.opened) == (imports.BATCH, 450 - imports.BATCH)
    assert Case.objects.count() == Event.objects.count() == 450


def test_a_file_without_its_columns_is_named_as_such(city: None, tmp_path: Path) -> None:
    with pytest.raises(imports.BadFile, match="title"):
        imports.bring(file_of(tmp_path, "1,2", header="id,text"), "board", NOW)


@pytest.mark.slow
def test_4326_real_messages_go_through_and_change_nothing_the_second_time(city: None, tmp_path: Path) -> None:
    if not REAL.exists():
        pytest.skip("not run: import of the real messages (no ../shared/data/messages.csv)")
    path = tmp_path / "messages.csv"
    path.write_bytes(REAL.read_bytes())
    first = imports.bring(path, "board", NOW)
    heads = set(Case.objects.values_list("code", "head"))
    second = imports.bring(path, "board", NOW)
    assert (first.opened, first.rejected, second.before) == (4326, [], 4326)
    assert set(Case.objects.values_list("code", "head")) == heads
