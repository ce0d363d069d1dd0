"""SQLite's write-ahead log as bytes: which frames are committed, and how they are laid over an older copy of the database.

Format: sqlite.org/fileformat2.html §4. A frame is a page with its number; a frame that carries the database's size ends
a transaction. Laying all frames of a log over any copy made after the log began gives the database at the log's end.
Pure: files only.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

HEADER = struct.Struct(">IIIIIIII")  # magic, version, page size, checkpoint number, salt 1, salt 2, checksums
FRAME = struct.Struct(">IIIIII")  # page number, size of the database after commit or 0, salt 1, salt 2, checksums
MAGIC = (0x377F0682, 0x377F0683)


class BadLog(ValueError):
    """The bytes are no write-ahead log, or not all of one."""


class Log(NamedTuple):
    """What a log's header says."""

    page: int
    salts: tuple[int, int]


def header(data: bytes) -> Log | None:
    """The header, or None where the log is empty or just being begun."""
    if len(data) < HEADER.size:
        return None
    magic, _, page, _, one, two, _, _ = HEADER.unpack(data[: HEADER.size])
    if magic not in MAGIC:
        raise BadLog("not a write-ahead log")
    return Log(page, (one, two))


def committed(file: BinaryIO, log: Log, begin: int) -> int:
    """Where the last whole transaction of this log ends, at or behind `begin` (0 or the end of a frame)."""
    place = end = begin or HEADER.size
    file.seek(place)
    while len(head := file.read(FRAME.size)) == FRAME.size:
        _, size, one, two, _, _ = FRAME.unpack(head)
        if (one, two) != log.salts:
            break  # left over from an earlier round of the log
        if len(file.read(log.page)) != log.page:
            break
        place += FRAME.size + log.page
        if size:
            end = place
    return end if end > (begin or HEADER.size) else begin


def frames(data: bytes, page: int) -> Iterator[tuple[int, int, bytes]]:
    """(page number, size at commit or 0, the page) of whole frames. BadLog where the bytes do not end with a frame."""
    width = FRAME.size + page
    if len(data) % width:
        raise BadLog("half a frame")
    for place in range(0, len(data), width):
        number, size, *_ = FRAME.unpack_from(data, place)
        yield number, size, data[place + FRAME.size : place + width]


def lay(database: Path, page: int, data: bytes) -> None:
    """Lay whole transactions over the database file."""
    with database.open("r+b") as file:
        for number, size, content in frames(data, page):
            file.seek((number - 1) * page)
            file.write(content)
            if size:
                file.truncate(size * page)
