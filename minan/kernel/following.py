"""Keeps a backup at most some seconds behind (SQLite): the write-ahead log is pinned, and its new transactions are copied.

A reader that stays open keeps SQLite from beginning the log anew, so nothing is overwritten before it was copied. When
the log has grown, the follower takes the one write lock all of Minan's writers share, copies the rest, lets the log go
into the database, and pins the new one: no transaction falls between.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from contextlib import suppress
from pathlib import Path

from django.db import connection

from minan.kernel import backup, wal
from minan.kernel.sqlite.queue import lock_of

LOG_MOST = 48 << 20  # bytes of log before it goes into the database
LOCK_SECONDS = 20.0
NEW = (0, 0)  # the salts of a log that nothing was copied of yet


class Follower:
    """One backup folder that follows the records. `begin`, then `step` every few seconds, then `end`."""

    def __init__(self, folder: Path) -> None:
        if connection.vendor != "sqlite":
            raise backup.Refused(
                "on PostgreSQL the server's own archiving follows; `minan backup FOLDER` makes a whole one"
            )
        self.folder, self.records = folder, Path(connection.settings_dict["NAME"])
        self.log = self.records.with_name(self.records.name + "-wal")
        self.lock = lock_of(str(self.records), False)
        self.number, self.place, self.salts = 0, 0, NEW
        self.reader: sqlite3.Connection | None = None

    def begin(self) -> None:
        """Pin the log, then make the whole copy it is laid over."""
        self._pin()
        backup.make(self.folder)
        (self.folder / backup.LOG).mkdir()
        self.step()

    def _pin(self) -> None:
        self.reader = sqlite3.connect(self.records, isolation_level=None, check_same_thread=False)
        self.reader.execute("PRAGMA wal_autocheckpoint = 0")
        self.reader.execute("BEGIN")
        self.reader.execute("SELECT count(*) FROM sqlite_master").fetchone()

    def _unpin(self) -> None:
        if self.reader is not None:
            with suppress(sqlite3.Error):
                self.reader.execute("ROLLBACK")
            self.reader.close()
            self.reader = None

    def step(self) -> int:
        """Copy what was committed since the last step, and new pictures; returns the bytes of log copied."""
        if not self.lock.acquire(LOCK_SECONDS):
            return 0  # somebody writes something long: next time
        try:
            copied = self._ship()
            if self.place > LOG_MOST:
                self._turn()
        finally:
            self.lock.release()
        backup.copy_pictures(self.folder)
        backup.copy_erased(self.folder)
        return copied

    def _ship(self) -> int:
        """Inside the write lock: no transaction is half written."""
        if not self.log.exists():
            return 0
        with self.log.open("rb") as file:
            log = wal.header(file.read(wal.HEADER.size))
            if log is None:
                return 0
            if self.salts not in (NEW, log.salts):
                raise backup.Refused("the log was begun anew behind the follower's back: begin a new backup")
            self.salts = log.salts
            end = wal.committed(file, log, self.place)
            begin = self.place or wal.HEADER.size
            if end <= begin:
                return 0
            file.seek(begin)
            data = file.read(end - begin)
        self.number += 1
        name = f"{self.number:08d}-{log.page}-{hashlib.sha256(data).hexdigest()}.seg"
        backup.write(self.folder / backup.LOG / name, data)
        self.place = end
        return len(data)

    def _turn(self) -> None:
        """Inside the write lock, everything copied: let the log go into the database and pin the next one."""
        self._unpin()
        helper = sqlite3.connect(self.records, isolation_level=None)
        busy = helper.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        helper.close()
        if not busy:
            self.place, self.salts = 0, NEW
        self._pin()

    def end(self) -> None:
        self._unpin()


def run(folder: Path, seconds: float, stop: threading.Event) -> None:
    """Follow until told to stop."""
    follower = Follower(folder)
    try:
        follower.begin()
        while not stop.wait(seconds):
            follower.step()
        follower.step()
    finally:
        follower.end()
