"""The lane's journal: what was pressed, sent, seen and answered, on the disk before anybody is told that it is taken.

Two files of a fixed size, laid down whole at the start, so that a full disk takes nothing away: what is written lies on blocks
that are ours already. One is in use; when it is nearly full, and once a day, what is still needed goes to the other under the next
generation, and the old one is overwritten: what was left behind can be read by nobody, not even with the key.
Each record is closed (sealing.py) and bound to generation and number: stale or torn bytes end the reading, they are never read.
"""

from __future__ import annotations

import os
import struct
import threading
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from minan.systems.help import sealing

SIZE, SHARE = 4 << 20, 32  # bytes of each of the two files; on a small disk that share of it
HEAD, MAGIC = 64, b"minan-help-1"
NEARLY = 0.75  # of SIZE: then what is over is left behind
ENTRY_MOST = 1 << 20
ZERO = b"\0" * (1 << 20)


def size_of(folder: Path) -> int:
    """How large the files are on this disk."""
    found = os.statvfs(folder)
    return max(256 << 10, min(SIZE, found.f_blocks * found.f_frsize // SHARE))


class Journal:
    """Open it, read `entries()` once, then `append`. One writer; any thread of it."""

    def __init__(self, folder: Path, size: int = SIZE) -> None:
        self.folder, self.size, self._lock, self.left = folder, size, threading.Lock(), 0
        self.files = [self._laid(folder / f"journal.{n}") for n in range(2)]
        generations = [self._generation(fd) for fd in self.files]
        self.now = 0 if generations[0] >= generations[1] else 1
        self.generation, self.at, self.number = max(generations), HEAD, 0
        if not self.generation:
            self._begin(self.now, 1)
        with suppress(OSError):
            self._wipe(1 - self.now)  # a power cut may have come between the switch and this

    def _laid(self, path: Path) -> int:
        """The file whole, its blocks written and not only promised; one that is there stays."""
        held = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        there = os.fstat(held).st_size
        with suppress(OSError):  # a disk that is full at the very first start: the file grows as it can
            while there < self.size:
                there += os.pwrite(held, ZERO[: self.size - there], there)
            os.fsync(held)
        return held

    @staticmethod
    def _generation(fd: int) -> int:
        raw = os.pread(fd, HEAD, 0)
        if len(raw) < 24 or raw[:12] != MAGIC:
            return 0
        generation, crc = struct.unpack(">QI", raw[12:24])
        return int(generation) if zlib.crc32(raw[:20]) == crc else 0

    def _begin(self, which: int, generation: int) -> None:
        head = MAGIC + struct.pack(">Q", generation)
        os.pwrite(self.files[which], head + struct.pack(">I", zlib.crc32(head)), 0)
        os.fdatasync(self.files[which])
        self.now, self.generation = which, generation

    def _wipe(self, which: int) -> None:
        """Overwrite the file that is not in use, where anything lies in it. Its blocks stay ours. Raises OSError."""
        fd, at, size = self.files[which], 0, os.fstat(self.files[which]).st_size
        while at < size and (raw := os.pread(fd, len(ZERO), at)):
            if raw.strip(b"\0"):
                os.pwrite(fd, ZERO[: len(raw)], at)
            at += len(raw)
        os.fdatasync(fd)

    def _bound(self, generation: int, number: int) -> str:
        return f"journal:{generation}:{number}"

    def entries(self) -> Iterator[dict[str, Any]]:
        """All that was written, oldest first; leaves the writer behind the last whole record."""
        fd, self.at, self.number = self.files[self.now], HEAD, 0
        while len(head := os.pread(fd, 8, self.at)) == 8:
            length, crc = struct.unpack(">II", head)
            raw = os.pread(fd, length, self.at + 8) if 0 < length <= ENTRY_MOST else b""
            if not raw or len(raw) != length or zlib.crc32(raw) != crc:
                return
            try:
                entry = sealing.opened(raw, self._bound(self.generation, self.number))
            except sealing.Torn:
                return
            self.at, self.number = self.at + 8 + length, self.number + 1
            yield entry

    def append(self, entries: Iterable[dict[str, Any]], *, sync: bool = True) -> None:
        """Write them in one piece; with `sync` they are on the disk when this returns. Raises OSError."""
        with self._lock:
            whole, number = b"", self.number
            for entry in entries:
                raw = sealing.shut(entry, self._bound(self.generation, number))
                whole, number = whole + struct.pack(">II", len(raw), zlib.crc32(raw)) + raw, number + 1
            if not whole:
                return
            fd, at = self.files[self.now], self.at
            done = os.pwrite(fd, whole, at)
            if done != len(whole):
                raise OSError("half a record")
            if sync:
                os.fdatasync(fd)
            self.at, self.number = at + len(whole), number

    @property
    def nearly_full(self) -> bool:
        return self.at > max(self.size * NEARLY, 2 * self.left)  # not again and again where most of it is still open

    def renew(self, entries: Iterable[dict[str, Any]]) -> None:
        """Go on in the other file with these entries alone; the old one counts until the new one's head is on the disk, then it is wiped.

        Raises OSError: after it the journal goes on in whichever file has the newest head.
        """
        with self._lock:
            which, generation, at, number = 1 - self.now, self.generation + 1, HEAD, 0
            fd = self.files[which]
            for entry in entries:
                raw = sealing.shut(entry, self._bound(generation, number))
                piece = struct.pack(">II", len(raw), zlib.crc32(raw)) + raw
                os.pwrite(fd, piece, at)
                at, number = at + len(piece), number + 1
            os.pwrite(fd, b"\0" * 8, at)
            os.fdatasync(fd)
            self._begin(which, generation)
            self.at, self.number, self.left = at, number, at
            self._wipe(1 - which)

    def close(self) -> None:
        for fd in self.files:
            with suppress(OSError):
                os.close(fd)
        self.files = []
