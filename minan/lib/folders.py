"""Where a city keeps its records (DATA) and its keys (KEYS), and how both come to be."""

from __future__ import annotations

import os
import pathlib
import secrets
import time

DATA_DEFAULT = "var/data"


def data_folder() -> pathlib.Path:
    """The folder of the database, the uploads and the ledger: the environment's DATA, else var/data."""
    return pathlib.Path(os.environ.get("DATA", "").strip() or DATA_DEFAULT).resolve()


def keys_folder() -> pathlib.Path:
    """The folder of the keys: the environment's KEYS, else beside DATA with "-keys" behind its name."""
    return pathlib.Path(os.environ.get("KEYS", "").strip() or f"{data_folder()}-keys").resolve()


def prepare() -> None:
    """Make both folders, closed to others, and the secret that signs sessions; what is there already stays."""
    data, keys = data_folder(), keys_folder()
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys.chmod(0o700)
    write_once(keys / "secret", secrets.token_urlsafe(64))


def _beside(path: pathlib.Path, data: bytes | str, mode: int) -> pathlib.Path:
    """A new file beside `path` with all of `data`, on the disk. Raises OSError, and nothing is left of it."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}")  # its own for every thread: nobody writes into another's
    try:
        with open(part, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as out:
            os.fchmod(out.fileno(), mode)
            out.write(data.encode() if isinstance(data, str) else data)
            out.flush()
            os.fsync(out.fileno())
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return part


def _settled(folder: pathlib.Path) -> None:
    """The folder's own names are on the disk."""
    held = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)


def write_once(path: pathlib.Path, data: bytes | str, mode: int = 0o600) -> bool:
    """Make a small file, whole or not at all; whoever is first counts. False: it was there already. Raises OSError."""
    part = _beside(path, data, mode)
    try:
        os.link(part, path)  # fails where somebody was faster: theirs counts
    except FileExistsError:
        return False
    finally:
        part.unlink()
    _settled(path.parent)
    return True


def write_whole(path: pathlib.Path, data: bytes | str, mode: int = 0o600) -> None:
    """Replace a file whole: a reader finds the old one or the new one, also after a power cut. Raises OSError: the old one stays."""
    part = _beside(path, data, mode)
    try:
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _settled(path.parent)


def hour_only(*paths: pathlib.Path) -> None:
    """Leave of the times of these files or folders the hour alone: they would tell when somebody without a name was here."""
    hour = time.time() // 3600 * 3600
    for path in paths:
        os.utime(path, (hour, hour))
