"""A disk that forgets: a FUSE file system whose power can be cut, after which only what was fsynced is there.

    python -m tests.faults.losing_disk MOUNT BACKING SEED

Files lie in BACKING/current as they are; at `fsync` a file's bytes become durable. Opening `.cut` for writing cuts the
power: BACKING/after gets what a disk may then hold (the durable bytes, and by chance some unsynced writes, out of order,
the last one torn), and every later call fails. Creating, renaming and removing count as durable at once, in order.
"""

from __future__ import annotations

import errno
import os
import pathlib
import random
import sys
from typing import Any

import mfusepy as fuse

CUT = "/.cut"


class File:
    """What of a file has reached the disk, and the writes that have not."""

    def __init__(self, data: bytes = b"") -> None:
        self.durable = bytearray(data)
        self.waiting: list[tuple[int, bytes]] = []  # (offset, bytes); offset -1: cut to that length

    def sync(self) -> None:
        for offset, data in self.waiting:
            lay(self.durable, offset, data)
        self.waiting.clear()

    def after(self, chance: random.Random) -> bytes:
        """The bytes after a cut: some of the waiting writes made it, the last of them perhaps by half."""
        out = bytearray(self.durable)
        some = [w for w in self.waiting if w[0] >= 0 and chance.random() < 0.5] if chance.random() < 0.6 else []
        for number, (offset, data) in enumerate(some):
            torn = number == len(some) - 1 and chance.random() < 0.5
            lay(out, offset, data[: len(data) // 2] if torn else data)
        return bytes(out)


def lay(target: bytearray, offset: int, data: bytes) -> None:
    if offset < 0:
        length = int.from_bytes(data, "big")
        del target[length:]
        target.extend(b"\0" * (length - len(target)))
        return
    target.extend(b"\0" * (offset - len(target)))
    target[offset : offset + len(data)] = data


class Disk(fuse.Operations):  # type: ignore[misc]
    """The file system: everything as it is in `current`, and a memory of what was synced."""

    use_ns = True

    def __init__(self, backing: pathlib.Path, seed: int) -> None:
        self.root, self.target, self.chance, self.dead = (
            backing / "current",
            backing / "after",
            random.Random(seed),
            False,
        )
        self.files = {
            "/" + str(p.relative_to(self.root)): File(p.read_bytes()) for p in self.root.rglob("*") if p.is_file()
        }

    def _real(self, path: str) -> str:
        if self.dead:
            raise fuse.FuseOSError(errno.EIO)
        return str(self.root) + path

    def cut(self) -> None:
        for path, file in self.files.items():
            target = self.target / path.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.after(self.chance))
        self.dead = True

    def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:
        found = os.lstat(self._real(path))
        names = ("st_atime_ns", "st_ctime_ns", "st_mtime_ns")
        return {n: getattr(found, n) for n in ("st_mode", "st_nlink", "st_size", "st_uid", "st_gid")} | {
            n[:-3]: getattr(found, n) for n in names
        }

    def readdir(self, path: str, fh: int) -> list[str]:
        return [".", "..", *os.listdir(self._real(path))]

    def create(self, path: str, mode: int, fi: Any = None) -> int:
        if path == CUT:
            self.cut()
            raise fuse.FuseOSError(errno.EIO)
        handle = os.open(self._real(path), os.O_RDWR | os.O_CREAT, mode)
        self.files.setdefault(path, File())
        return handle

    def open(self, path: str, flags: int) -> int:
        return os.open(self._real(path), os.O_RDWR if flags & (os.O_WRONLY | os.O_RDWR) else os.O_RDONLY)

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        self._real(path)
        return os.pread(fh, size, offset)

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        self._real(path)
        self.files.setdefault(path, File()).waiting.append((offset, bytes(data)))
        return os.pwrite(fh, data, offset)

    def truncate(self, path: str, length: int, fh: int | None = None) -> int:
        os.truncate(self._real(path), length)
        self.files.setdefault(path, File()).waiting.append((-1, length.to_bytes(8, "big")))
        return 0

    def fsync(self, path: str, datasync: int, fh: int) -> int:
        self._real(path)
        if path in self.files:
            self.files[path].sync()
        return 0

    def flush(self, path: str, fh: int) -> int:
        return 0

    def release(self, path: str, fh: int) -> int:
        os.close(fh)
        return 0

    def rename(self, old: str, new: str) -> int:
        os.rename(self._real(old), self._real(new))
        self.files[new] = self.files.pop(old, File())
        return 0

    def link(self, target: str, source: str) -> int:
        os.link(self._real(source), self._real(target))
        self.files[target] = self.files.get(source, File())
        return 0

    def unlink(self, path: str) -> int:
        os.unlink(self._real(path))
        self.files.pop(path, None)
        return 0

    def mkdir(self, path: str, mode: int) -> int:
        os.mkdir(self._real(path), mode)
        return 0

    def chmod(self, path: str, mode: int) -> int:
        os.chmod(self._real(path), mode)
        return 0

    def utimens(self, path: str, times: Any = None) -> int:
        os.utime(self._real(path), ns=times)
        return 0

    def statfs(self, path: str) -> dict[str, int]:
        found = os.statvfs(self._real("/"))
        return {
            n: getattr(found, n)
            for n in ("f_bavail", "f_bfree", "f_blocks", "f_bsize", "f_files", "f_ffree", "f_frsize", "f_namemax")
        }


if __name__ == "__main__":
    fuse.FUSE(
        Disk(pathlib.Path(sys.argv[2]), int(sys.argv[3])),
        sys.argv[1],
        foreground=True,
        nothreads=True,
        default_permissions=False,
    )
