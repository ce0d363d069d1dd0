"""The same backup on PostgreSQL: one dump of one snapshot, brought back into a new database, proved by its chains."""

from __future__ import annotations

import pathlib
import shutil
from collections.abc import Iterator

import psycopg
import pytest

from tests.faults.test_r12_backup_and_restore import board
from tests.faults.town import environment, minan
from tools import postgres


@pytest.fixture
def server(tmp_path: pathlib.Path) -> Iterator[str]:
    if not postgres.programs():
        pytest.skip("not run: backup on PostgreSQL (initdb is not on this machine)")
    folder = tmp_path / "postgres"
    yield postgres.start(folder)
    postgres.stop(folder)


@pytest.mark.slow
@pytest.mark.bar("R12")
def test_a_city_on_postgresql_is_dumped_lost_and_brought_back_whole(server: str, tmp_path: pathlib.Path) -> None:
    env = environment(tmp_path / "data", tmp_path / "keys", DATABASE_URL=server)
    minan(env, "migrate")
    minan(env, "city", "load", "city/langfang")
    minan(env, "import", "messages", str(board(tmp_path / "board.csv", 20)), "--source", "board")
    made = minan(env, "backup", str(tmp_path / "backup")).stdout
    assert "20 cases, 20 events" in made
    refused = minan(env, "restore", str(tmp_path / "backup"), good=False)
    assert refused.returncode == 1
    assert "not empty" in refused.stderr
    with psycopg.connect(server, autocommit=True) as asked:
        asked.execute("DROP SCHEMA public CASCADE")
        asked.execute("CREATE SCHEMA public")
    shutil.rmtree(tmp_path / "data")
    back = minan(env, "restore", str(tmp_path / "backup")).stdout
    assert "20 cases, 20 events" in back
    assert "0 faults" in back
