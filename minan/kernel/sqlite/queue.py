"""One fair lock for all who write to one SQLite file: first come, first served, over threads and processes.

SQLite itself waits by trying again at random times: whoever comes late may go first, and the slowest of a hundred waits
half a second (SPEED.md). Here threads stand in line inside the process, and the process at the head of its line holds
`<database>.lock` (flock: the system releases it when the holder dies). A second file, `<database>.turn`, is the place
of the next process in line, so that a busy process cannot take the lock back before a waiting one had it.
"""

from __future__ import annotations

import collections
import fcntl
import functools
import os
import threading
import time

PAUSE_LEAST, PAUSE_MOST = 0.0002, 0.002  # seconds between two tries for a lock that another process holds


class Line:
    """Threads of this process in the order in which they came. Not bound to a thread: anyone may release."""

    def __init__(self) -> None:
        self._door = threading.Lock()
        self._waiting: collections.deque[threading.Lock] = collections.deque()
        self._taken = False

    def acquire(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds. False: the time was up."""
        with self._door:
            if not self._taken:
                self._taken = True
                return True
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        if turn.acquire(timeout=max(timeout, 0)):
            return True
        with self._door:
            if turn in self._waiting:
                self._waiting.remove(turn)
                return False
            return True  # handed over in the very moment in which the time was up

    def release(self) -> None:
        """Hand over to the next in line."""
        with self._door:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False


class WriteLock:
    """The lock of one database. `path` is None for one in memory: then only threads can meet."""

    def __init__(self, path: str | None) -> None:
        self.path = path
        self._line = Line()
        self._files: tuple[int, int] | None = None

    def acquire(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds. False: the time was up, nothing is held."""
        until = time.monotonic() + timeout
        if not self._line.acquire(timeout):
            return False
        if self.path is None:
            return True
        try:
            taken = self._take_file(until)
        except BaseException:
            self._line.release()
            raise
        if not taken:
            self._line.release()
        return taken

    def release(self) -> None:
        """Give it to the next in line."""
        try:
            if self._files:
                fcntl.flock(self._files[0], fcntl.LOCK_UN)
        finally:
            self._line.release()

    def _take_file(self, until: float) -> bool:
        lock, turn = self._open()
        if not _flock(turn, until):
            return False
        try:
            return _flock(lock, until)
        finally:
            fcntl.flock(turn, fcntl.LOCK_UN)

    def _open(self) -> tuple[int, int]:
        if self._files is None:
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
            self._files = (os.open(f"{self.path}.lock", flags, 0o600), os.open(f"{self.path}.turn", flags, 0o600))
        return self._files

    def after_fork(self) -> None:
        """In a child: its parent's line and open files are not its own."""
        files, self._files, self._line = self._files, None, Line()
        for file in files or ():
            os.close(file)


def _flock(file: int, until: float) -> bool:
    pause = PAUSE_LEAST
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
        time.sleep(pause)
        pause = min(pause * 1.5, PAUSE_MOST)


_locks: dict[str, WriteLock] = {}
_locks_door = threading.Lock()


@functools.lru_cache(maxsize=1_000)
def lock_of(name: str, in_memory: bool) -> WriteLock:
    """The one lock of this process for the database of that name."""
    key = name if in_memory else os.path.realpath(name)
    with _locks_door:
        if key not in _locks:
            _locks[key] = WriteLock(None if in_memory else key)
        return _locks[key]


def _forget() -> None:
    global _locks_door
    _locks_door = threading.Lock()
    for lock in _locks.values():
        lock.after_fork()


os.register_at_fork(after_in_child=_forget)
