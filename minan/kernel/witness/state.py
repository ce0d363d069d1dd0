"""What a witness keeps: every leaf hash it saw (32 bytes each, in order), every checkpoint, and where it stands.

The place it stands at is one small file replaced whole; leaves beyond it are left over from an interrupted look and cut
off at the next start. So the power may go at any moment: a signature leaves the house only after its state is on the disk.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from minan.kernel import merkle, notes
from minan.lib.folders import write_whole

AT = "at.json"
LEAVES = "leaves"
READ = 0o644  # nothing here is secret: who checks the city reads it
PIECE = 1 << 20
SPARE = 64 << 20  # bytes left free on the disk


class Broken(Exception):
    """The folder is not what this program left there."""


@dataclass(slots=True)
class Standing:
    """Where a witness stands: the tree it has seen whole, and the newest checkpoint it cosigned ("" before the first)."""

    log: notes.Key
    tree: merkle.Compact
    note: str = ""

    @property
    def said(self) -> notes.Checkpoint | None:
        return notes.Checkpoint.parse(notes.parts(self.note)[0]) if self.note else None


class State:
    """The folder of one witness of one log; locked while it is held. `reading`: somebody else's, nothing in it is touched."""

    def __init__(self, folder: Path, *, reading: bool = False) -> None:
        self.folder, self._reading = folder, reading
        if reading:
            return
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = open(folder / "lock", "w")  # noqa: SIM115 held as long as the program runs
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Broken(f"{folder}: another witness is at work here") from error

    def close(self) -> None:
        if not self._reading:
            self._lock.close()

    @property
    def leaves_file(self) -> Path:
        return self.folder / LEAVES

    def load(self) -> Standing | None:
        """Where it stood; None for a new folder. Raises Broken where leaves are missing or the place is unreadable."""
        try:
            kept: dict[str, Any] = json.loads((self.folder / AT).read_text("utf-8"))
            tree = merkle.Compact(kept["size"], [base64.b64decode(one) for one in kept["tree"]])
            standing = Standing(notes.Key.parse(kept["log"]), tree, kept["note"])
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            raise Broken(f"{self.folder / AT}: {error}") from error
        held = self.leaves_file.stat().st_size if self.leaves_file.exists() else 0
        if held < tree.size * merkle.HASH or (standing.said and standing.said.root != tree.root()):
            raise Broken(f"{self.folder}: leaves are missing or the place is not that of the last checkpoint")
        if not self._reading:
            self.cut(tree.size)
        return standing

    def save(self, standing: Standing) -> None:
        """Leaves first, then the checkpoint's line, then the place: on the disk before anything is said outside."""
        self.cut(standing.tree.size)
        self._sync()
        if standing.note:
            self._remember(standing.note)
        kept = {
            "log": standing.log.text(),
            "size": standing.tree.size,
            "tree": [base64.b64encode(one).decode() for one in standing.tree.hashes],
            "note": standing.note,
        }
        write_whole(self.folder / AT, json.dumps(kept, ensure_ascii=False, indent=1), READ)

    def _remember(self, note: str) -> None:
        """Every checkpoint seen, a line each, a file a month."""
        now = datetime.now(UTC)
        with open(self.folder / f"checkpoints-{now:%Y-%m}.jsonl", "a", encoding="utf-8") as out:
            out.write(json.dumps({"at": f"{now:%Y-%m-%dT%H:%M:%SZ}", "note": note}, ensure_ascii=False) + "\n")
            out.flush()
            os.fsync(out.fileno())

    def _sync(self) -> None:
        with open(self.leaves_file, "ab") as file:
            os.fsync(file.fileno())

    def cut(self, size: int) -> None:
        """Forget leaves beyond `size`: they belong to no checkpoint that was taken."""
        if self.leaves_file.exists() and self.leaves_file.stat().st_size > size * merkle.HASH:
            os.truncate(self.leaves_file, size * merkle.HASH)

    def add(self, tree: merkle.Compact, pieces: Iterable[bytes]) -> None:
        """Append leaves to the file and the tree, in bounded memory."""
        with open(self.leaves_file, "ab") as out:
            for piece in pieces:
                out.write(piece)
                tree.extend(merkle.split(piece))

    def room(self, leaves: int) -> bool:
        """Whether so many more leaves find room on the disk."""
        return shutil.disk_usage(self.folder).free > leaves * merkle.HASH + SPARE

    def read(self, begin: int, end: int) -> Iterator[bytes]:
        """The kept leaf hashes [begin, end), in pieces."""
        with open(self.leaves_file, "rb") as file:
            file.seek(begin * merkle.HASH)
            left = (end - begin) * merkle.HASH
            while left > 0 and (piece := file.read(min(PIECE, left))):
                left -= len(piece)
                yield piece

    def root(self, size: int) -> bytes:
        """The root over the first `size` kept leaves."""
        tree = merkle.Compact()
        for piece in self.read(0, size):
            tree.extend(merkle.split(piece))
        return tree.root()

    def testify(self, name: str, text: str) -> Path:
        """Write evidence once, under a name that its content gives."""
        path = self.folder / name
        if not path.exists():
            write_whole(path, text, READ)
        return path
