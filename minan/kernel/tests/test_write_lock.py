"""Who writes to one SQLite file stands in line: nobody is overtaken, nobody keeps the place of the dead."""

from __future__ import annotations

import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError, connection, connections, transaction

from minan.kernel.sqlite.base import DatabaseWrapper
from minan.kernel.sqlite.queue import Line, WriteLock, lock_of

HOLD = """
import sys, time
from minan.kernel.sqlite.queue import WriteLock
lock = WriteLock(sys.argv[1])
assert lock.acquire(10)
print("held", flush=True)
time.sleep(60)
"""

COUNT = """
import sqlite3, sys
from minan.kernel.sqlite.queue import WriteLock
path, times = sys.argv[1], int(sys.argv[2])
lock = WriteLock(path)
base = sqlite3.connect(path, isolation_level=None, timeout=0)
for _ in range(times):
    assert lock.acquire(30)
    base.execute("BEGIN IMMEDIATE")
    n = base.execute("SELECT n FROM counter").fetchone()[0]
    base.execute("UPDATE counter SET n = ?", [n + 1])
    base.execute("COMMIT")
    lock.release()
"""


@pytest.fixture
def base(tmp_path: pathlib.Path, django_db_blocker: Any) -> Iterator[DatabaseWrapper]:
    """A database of our own in a file, with one table."""
    with django_db_blocker.unblock():
        wrapper = another(tmp_path / "city.sqlite3")
        with wrapper.cursor() as cursor:
            cursor.execute("CREATE TABLE counter (n INTEGER)")
            cursor.execute("INSERT INTO counter VALUES (0)")
        yield wrapper
        wrapper.close()


def another(path: pathlib.Path, timeout: float = 20) -> DatabaseWrapper:
    settings = {
        **connections.settings["default"],
        "ENGINE": "minan.kernel.sqlite",
        "NAME": path,
        "TIME_ZONE": None,
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": timeout, "init_command": "PRAGMA journal_mode=WAL"},
    }
    wrapper = DatabaseWrapper(settings, alias="another")
    wrapper.inc_thread_sharing()
    return wrapper


def free(wrapper: DatabaseWrapper) -> bool:
    lock = lock_of(str(wrapper.settings_dict["NAME"]), False)
    taken = lock.acquire(0)
    if taken:
        lock.release()
    return taken


def begin(wrapper: DatabaseWrapper) -> None:
    wrapper.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)


def test_three_clerks_write_in_the_order_in_which_they_came() -> None:
    line, order = Line(), []
    assert line.acquire(1)

    def clerk(name: str) -> None:
        assert line.acquire(10)
        order.append(name)
        line.release()

    threads = []
    for name in ("first", "second", "third"):
        threads.append(threading.Thread(target=clerk, args=(name,)))
        threads[-1].start()
        while len(line._waiting) < len(threads):
            time.sleep(0.001)
    line.release()
    for thread in threads:
        thread.join()
    assert order == ["first", "second", "third"]


def test_who_has_waited_too_long_leaves_the_line_and_blocks_nobody() -> None:
    line = Line()
    assert line.acquire(1)
    assert not line.acquire(0.01)
    assert not line._waiting
    line.release()
    assert line.acquire(0)


def test_a_transaction_holds_the_lock_until_it_commits_and_a_savepoint_takes_no_second_one(
    base: DatabaseWrapper,
) -> None:
    begin(base)
    assert not free(base)
    base.take_turn()
    assert not free(base)
    base.commit()
    assert free(base)


def test_a_rollback_and_a_close_give_the_lock_back(base: DatabaseWrapper) -> None:
    begin(base)
    base.rollback()
    assert free(base)
    begin(base)
    assert not free(base)
    base.close()
    assert free(base)


def test_a_commit_that_fails_gives_the_lock_back_after_the_rollback(base: DatabaseWrapper) -> None:
    with base.cursor() as cursor:
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("CREATE TABLE a (id INTEGER PRIMARY KEY)")
        cursor.execute("CREATE TABLE b (a INTEGER REFERENCES a DEFERRABLE INITIALLY DEFERRED)")
    begin(base)
    with base.cursor() as cursor:
        cursor.execute("INSERT INTO b VALUES (7)")
    with pytest.raises(Exception, match="FOREIGN KEY"):
        base.commit()
    base.rollback()
    assert free(base)


def test_a_begin_that_fails_gives_the_lock_back(base: DatabaseWrapper) -> None:
    path = base.settings_dict["NAME"]
    stranger = sqlite3.connect(path, isolation_level=None)  # somebody's own tool, which knows no line
    stranger.execute("BEGIN IMMEDIATE")
    late = another(path, timeout=0.05)
    with pytest.raises(OperationalError, match="locked"):
        begin(late)
    assert free(late)
    stranger.execute("ROLLBACK")
    stranger.close()
    late.close()


def test_reading_does_not_wait_for_the_one_who_writes(base: DatabaseWrapper) -> None:
    begin(base)
    reader = another(base.settings_dict["NAME"], timeout=0)
    with reader.cursor() as cursor:
        assert cursor.execute("SELECT n FROM counter").fetchone() == (0,)
    reader.close()
    base.rollback()


def test_a_single_statement_that_writes_waits_too_and_says_so_when_its_time_is_up(base: DatabaseWrapper) -> None:
    begin(base)
    late = another(base.settings_dict["NAME"], timeout=0.05)
    with late.cursor() as cursor, pytest.raises(OperationalError, match=r"not free within 0\.05 s"):
        cursor.execute("UPDATE counter SET n = 9")
    base.rollback()
    with late.cursor() as cursor:
        cursor.execute("UPDATE counter SET n = 9")
    assert free(base)
    late.close()


def test_two_threads_of_one_office_lose_no_count(base: DatabaseWrapper) -> None:
    def clerk() -> None:
        mine = another(base.settings_dict["NAME"])
        for _ in range(100):
            begin(mine)
            with mine.cursor() as cursor:
                n = cursor.execute("SELECT n FROM counter").fetchone()[0]
                cursor.execute("UPDATE counter SET n = %s", [n + 1])
            mine.commit()
            mine.set_autocommit(True)
        mine.close()

    threads = [threading.Thread(target=clerk) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with base.cursor() as cursor:
        assert cursor.execute("SELECT n FROM counter").fetchone() == (200,)


def test_three_processes_lose_no_count_and_sqlite_itself_never_has_to_wait(base: DatabaseWrapper) -> None:
    path = str(base.settings_dict["NAME"])
    base.close()
    racing = [subprocess.Popen([sys.executable, "-c", COUNT, path, "100"]) for _ in range(3)]
    assert [process.wait(60) for process in racing] == [0, 0, 0]
    with base.cursor() as cursor:
        assert cursor.execute("SELECT n FROM counter").fetchone() == (300,)


def test_a_killed_process_gives_its_place_back(tmp_path: pathlib.Path) -> None:
    path = str(tmp_path / "x.sqlite3")
    holder = subprocess.Popen([sys.executable, "-c", HOLD, path], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    mine = WriteLock(path)
    assert not mine.acquire(0.05)
    os.kill(holder.pid, signal.SIGKILL)
    holder.communicate()
    assert mine.acquire(5)
    mine.release()


def test_a_busy_process_cannot_take_the_lock_back_before_the_one_who_waits(tmp_path: pathlib.Path) -> None:
    busy, waiting = WriteLock(str(tmp_path / "x")), WriteLock(str(tmp_path / "x"))  # two open files: as two processes
    assert busy.acquire(1)
    got = threading.Event()
    thread = threading.Thread(target=lambda: waiting.acquire(10) and got.set())
    thread.start()
    files = busy._open()
    until = time.monotonic() + 5
    while _flock_free(files[1]) and time.monotonic() < until:
        time.sleep(0.001)
    busy.release()
    assert busy.acquire(0.3) is False
    assert got.is_set()
    waiting.release()
    thread.join()


def _flock_free(file: int) -> bool:
    import fcntl  # only here: the test looks under the lock's own lid

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    fcntl.flock(file, fcntl.LOCK_UN)
    return True


@pytest.mark.django_db(transaction=True)
def test_the_citys_own_database_writes_behind_the_lock() -> None:
    if connection.vendor != "sqlite":
        assert not hasattr(connection, "take_turn")
        return
    with transaction.atomic(), transaction.atomic():
        assert connection._held is not None  # type: ignore[attr-defined]
    assert connection._held is None  # type: ignore[attr-defined]
