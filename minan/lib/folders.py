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


def write_once(path: pathlib.Path, text: str) -> bool:
    """Write a small file that only its owner reads, whole or not at all. False: it was there already."""
    beginning = path.with_name(f".{path.name}.{secrets.token_hex(8)}")  # its own for every thread: nobody writes into another's
    file = os.open(beginning, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(file, text.encode())
        os.fsync(file)
    finally:
        os.close(file)
    try:
        os.link(beginning, path)  # fails where somebody was faster: theirs counts
    except FileExistsError:
        return False
    finally:
        beginning.unlink()
    return True


def hour_only(*paths: pathlib.Path) -> None:
    """Leave of the times of these files or folders the hour alone: they would tell when somebody without a name was here."""
    hour = time.time() // 3600 * 3600
    for path in paths:
        os.utime(path, (hour, hour))
