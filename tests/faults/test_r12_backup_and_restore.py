"""R12: a backup made while people speak; the disk is lost; what comes back is whole, at most five seconds old, without the erased."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

from tests.faults.town import HERE, Town, minan

MATTERS = 10_000
LOST_SECONDS = 5
FOLLOW_SECONDS = 1.5


def matters(town: Town) -> dict[str, str]:
    """Code → head of every case in the records."""
    with closing(sqlite3.connect(town.data / "minan.sqlite3")) as records:
        return dict(records.execute("SELECT code, head FROM kernel_case"))


def board(path: pathlib.Path, count: int) -> pathlib.Path:
    lines = [f"{n},A{n},第 {n} 盏灯,2026-01-05 08:00:00,路灯不亮了第 {n} 盏，联系 1390000{n:04d}" for n in range(count)]
    path.write_text("id,user,title,at,text\n" + "\n".join(lines) + "\n", "utf-8")
    return path


@pytest.mark.slow
@pytest.mark.bar("R12")
def test_after_ten_thousand_matters_the_lost_disk_costs_at_most_five_seconds(
    running: Town, tmp_path: pathlib.Path
) -> None:
    minan(running.env, "import", "messages", str(board(tmp_path / "board.csv", MATTERS)), "--source", "board")
    words = [sys.executable, "-m", "minan", "backup", str(tmp_path / "backup"), "--follow", str(FOLLOW_SECONDS)]
    follower = subprocess.Popen(words, cwd=HERE, env=running.env)
    acked = tmp_path / "acked"
    with acked.open("w") as out:
        writer = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.writer", "100000"], cwd=HERE, env=running.env, stdout=out
        )
    until = time.monotonic() + 120
    while acked.read_text().count("\n") < 300 and time.monotonic() < until:
        time.sleep(0.5)
    time.sleep(LOST_SECONDS + 2)
    for process in (writer, follower):
        assert process.poll() is None
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    died = time.time()
    said = [line.split() for line in acked.read_text().splitlines() if line.count(" ") == 1]
    old = {code for at, code in said if float(at) < died - LOST_SECONDS}
    assert len(old) > 100
    shutil.rmtree(running.data)

    begun = time.monotonic()
    done = minan(running.env, "restore", str(tmp_path / "backup"))
    assert time.monotonic() - begun < 600
    assert "0 faults" in done.stdout
    back = matters(running)
    assert old <= back.keys()
    assert len(back) >= MATTERS + len(old)
    with closing(sqlite3.connect(running.data / "minan.sqlite3")) as records:
        assert records.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.bar("R12")
def test_the_log_is_let_go_and_pinned_again_and_nothing_falls_between(running: Town, tmp_path: pathlib.Path) -> None:
    """The same with a log that turns over every few hundred matters."""
    code = (
        "import os, sys, django, pathlib; os.environ['DJANGO_SETTINGS_MODULE'] = 'minan.settings'; django.setup()\n"
        "from minan.kernel import following; following.LOG_MOST = 400_000\n"
        "step = following.Follower.step\n"
        "following.Follower.step = lambda self: [step(self), print('step', flush=True)][0]\n"
        "import threading; following.run(pathlib.Path(sys.argv[1]), 0.3, threading.Event())"
    )
    steps = tmp_path / "steps"
    with steps.open("w") as told:
        follower = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "backup")], cwd=HERE, env=running.env, stdout=told)
    acked = tmp_path / "acked"
    with acked.open("w") as out:
        writer = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.writer", "700"], cwd=HERE, env=running.env, stdout=out
        )
    assert writer.wait(120) == 0
    done, until = steps.read_text().count("\n"), time.monotonic() + 60
    while steps.read_text().count("\n") < done + 2:  # one may have been under way, the next one began after the last matter
        assert time.monotonic() < until
        time.sleep(0.05)
    assert follower.poll() is None
    os.kill(follower.pid, signal.SIGKILL)
    follower.wait()
    before = matters(running)
    shutil.rmtree(running.data)
    assert "0 faults" in minan(running.env, "restore", str(tmp_path / "backup")).stdout
    assert matters(running) == before
    assert len(before) == 700


@pytest.mark.bar("R12")
def test_who_was_erased_after_the_backup_stays_erased(running: Town, tmp_path: pathlib.Path) -> None:
    minan(running.env, "import", "messages", str(board(tmp_path / "board.csv", 5)), "--source", "board")
    minan(running.env, "backup", str(tmp_path / "backup"))
    code = next(iter(matters(running)))
    newer = tmp_path / "erased.jsonl"
    newer.write_text(
        "\n".join(
            json.dumps({"code": code, "what": what, "n": n, "on": "2026-11-22"})
            for what, n in (("speaker", 0), ("body", 1), ("words", 0))
        )
        + "\n"
    )
    shutil.rmtree(running.data)
    done = minan(running.env, "restore", str(tmp_path / "backup"), "--erased", str(newer))
    assert "5 cases" in done.stdout
    assert "0 faults" in done.stdout
    with closing(sqlite3.connect(running.data / "minan.sqlite3")) as records:
        rows = records.execute(
            "SELECT c.code, s.sealed IS NULL FROM kernel_case c JOIN kernel_speaker s ON s.case_id = c.id"
        ).fetchall()
        assert {c for c, gone in rows if gone} == {code}
        assert records.execute("SELECT count(*) FROM kernel_body").fetchone() == (4,)
        bare = "SELECT code FROM kernel_case WHERE title = '' AND text = '' AND place_words = '' AND facts = '{}'"
        assert records.execute(bare).fetchall() == [(code,)]
        assert records.execute("SELECT count(*) FROM kernel_search").fetchone()[0] <= 4


@pytest.mark.bar("R12")
def test_one_fact_that_was_erased_alone_stays_erased(running: Town, tmp_path: pathlib.Path) -> None:
    minan(running.env, "import", "messages", str(board(tmp_path / "board.csv", 2)), "--source", "board")
    minan(running.env, "backup", str(tmp_path / "backup"))
    code = next(iter(matters(running)))
    with closing(sqlite3.connect(running.data / "minan.sqlite3")) as records:
        was = dict(records.execute("SELECT c.code, s.sealed FROM kernel_case c JOIN kernel_speaker s ON s.case_id = c.id"))
    newer = tmp_path / "erased.jsonl"
    newer.write_text(json.dumps({"code": code, "what": "fact:name", "n": 0, "on": "2026-11-22"}) + "\n")
    shutil.rmtree(running.data)
    assert "0 faults" in minan(running.env, "restore", str(tmp_path / "backup"), "--erased", str(newer)).stdout
    with closing(sqlite3.connect(running.data / "minan.sqlite3")) as records:
        now = dict(records.execute("SELECT c.code, s.sealed FROM kernel_case c JOIN kernel_speaker s ON s.case_id = c.id"))
    assert {c for c in was if was[c] != now[c]} == {code}


def test_the_keys_are_in_no_backup(running: Town, tmp_path: pathlib.Path) -> None:
    minan(running.env, "import", "messages", str(board(tmp_path / "board.csv", 3)), "--source", "board")
    minan(running.env, "backup", str(tmp_path / "backup"))
    files = [path for path in running.keys.rglob("*") if path.is_file() and path.name != "limits.toml"]
    secrets = [held for path in files if (held := path.read_bytes().strip())]  # a lock file is empty
    assert secrets
    for path in (tmp_path / "backup").rglob("*"):
        if path.is_file():
            assert not any(secret in path.read_bytes() for secret in secrets)


def test_a_backup_is_not_restored_over_somebodys_records(running: Town, tmp_path: pathlib.Path) -> None:
    minan(running.env, "backup", str(tmp_path / "backup"))
    done = minan(running.env, "restore", str(tmp_path / "backup"), good=False)
    assert done.returncode == 1
    assert "exists already" in done.stderr


@pytest.mark.bar("R13")
def test_a_backup_with_one_flipped_byte_is_refused(running: Town, tmp_path: pathlib.Path) -> None:
    minan(running.env, "import", "messages", str(board(tmp_path / "board.csv", 3)), "--source", "board")
    folder = tmp_path / "backup"
    minan(running.env, "backup", str(folder))
    assert "whole" in minan(running.env, "restore", "--check", str(folder)).stdout
    path = folder / "records.sqlite3"
    whole = bytearray(path.read_bytes())
    for place in (0, len(whole) // 3, len(whole) - 1):
        whole[place] ^= 1
        path.write_bytes(whole)
        done = minan(running.env, "restore", "--check", str(folder), good=False)
        assert done.returncode == 1
        assert "not what it was" in done.stderr
        whole[place] ^= 1
    path.unlink()
    assert "missing" in minan(running.env, "restore", "--check", str(folder), good=False).stderr
