"""The keeper's own log: one JSON object a line, each bound to the one before by its hash, on the disk before a look is answered."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ZERO = "0" * 64
BLOCK = 1 << 18
Entry = dict[str, Any]


class Broken(Exception):
    """The log is not what was written; `line` is the first that is wrong, counted from 1."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"line {line}: {why}")
        self.line = line


def hash_of(entry: Entry) -> str:
    """SHA-256 of the entry as canonical JSON without its own hash; `prev` is part of it."""
    bare = {key: value for key, value in entry.items() if key != "hash"}
    return hashlib.sha256(json.dumps(bare, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def check(path: Path) -> tuple[int, str]:
    """(lines, hash of the last) of a whole log, every link followed. Raises Broken."""
    n, head = 0, ZERO
    with path.open("rb") as file:
        for line in file:
            entry = _entry(line)
            if entry is None:
                raise Broken(n + 1, "cannot be read")
            if entry.get("n") != n + 1 or entry.get("prev") != head:
                raise Broken(n + 1, "lines are missing or were put in before it")
            if entry.get("hash") != hash_of(entry):
                raise Broken(n + 1, "it was changed")
            n, head = n + 1, entry["hash"]
    return n, head


def _entry(line: bytes) -> Entry | None:
    try:
        found = json.loads(line) if line.endswith(b"\n") else None
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def backwards(path: Path) -> Iterator[Entry]:
    """The entries from the last to the first; ends at a line that cannot be read."""
    for line in lines_backwards(path):
        entry = _entry(line)
        if entry is None:
            return
        yield entry


def lines_backwards(path: Path) -> Iterator[bytes]:
    """The lines from the last to the first, read a block at a time."""
    with path.open("rb") as file:
        at, rest = file.seek(0, os.SEEK_END), b""
        while at or rest:
            step = min(BLOCK, at)
            at -= step
            file.seek(at)
            lines = (file.read(step) + rest).splitlines(keepends=True)
            rest = lines.pop(0) if at and lines else b""
            yield from reversed(lines)
            if not at:
                return


class Log:
    """Appended to by the one keeper; `settle` is the moment at which what was added cannot be lost any more."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self.torn = self._mend()
        self.size = os.fstat(self.file).st_size
        last: Entry = next(backwards(path), {"n": 0, "hash": ZERO})
        if self.size and not last["n"]:
            raise Broken(0, "its last line cannot be read")
        self.n, self.head = int(last["n"]), str(last["hash"])
        self.waiting: list[bytes] = []
        self.sure = (self.n, self.head)

    def _mend(self) -> int:
        """Cut off a line that a power cut tore: nothing was answered on it. Returns its bytes."""
        size = os.fstat(self.file).st_size
        start = max(0, size - BLOCK)
        tail = os.pread(self.file, BLOCK, start)
        torn = len(tail) - (tail.rfind(b"\n") + 1)
        if torn:
            os.ftruncate(self.file, size - torn)
            os.fsync(self.file)
        return torn

    def add(self, entry: Entry) -> None:
        """One more line; it counts from `settle` on."""
        whole = {"n": self.n + 1, **entry, "prev": self.head}
        whole["hash"] = hash_of(whole)
        self.n, self.head = whole["n"], whole["hash"]
        self.waiting.append(json.dumps(whole, separators=(",", ":")).encode() + b"\n")

    def settle(self) -> None:
        """Write what waits and have it on the disk. OSError: nothing of it is in the log."""
        if not self.waiting:
            return
        lines, self.waiting = b"".join(self.waiting), []
        if os.fstat(self.file).st_size != self.size:
            self.n, self.head = self.sure
            raise OSError("somebody else wrote to the log")
        try:
            if os.write(self.file, lines) != len(lines):
                raise OSError("the disk is full")
            os.fdatasync(self.file)
        except OSError:
            self.n, self.head = self.sure
            with contextlib.suppress(OSError):
                os.ftruncate(self.file, self.size)
            raise
        self.size += len(lines)
        self.sure = (self.n, self.head)
