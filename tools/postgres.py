"""A PostgreSQL of one's own for tests and benchmarks: made in a folder, reached by a socket there, stopped at the end."""

from __future__ import annotations

import os
import pathlib
import pwd
import shutil
import subprocess
import sys
import tempfile

# A test's cluster may lose everything when the power goes; a fault test passes durable=True.
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
COMMON = ("listen_addresses=", "max_connections=160", "shared_buffers=128MB", "timezone=UTC", "log_min_messages=fatal")


def programs() -> pathlib.Path | None:
    """The folder of initdb and pg_ctl: on the path, or where Debian puts them. None: not on this machine."""
    folders = [pathlib.Path(found).resolve().parent for found in [shutil.which("initdb")] if found]
    folders += sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "pg_ctl").exists()), None)


def start(folder: pathlib.Path, durable: bool = False, more: tuple[str, ...] = ()) -> str:
    """Make and start a cluster in `folder`; returns its DATABASE_URL. Raises RuntimeError where PostgreSQL is missing."""
    where = programs()
    if where is None:
        raise RuntimeError("not run: PostgreSQL (initdb is not on this machine)")
    folder.mkdir(parents=True, exist_ok=True)
    _let_through(folder)
    socket = pathlib.Path(tempfile.mkdtemp(prefix="minan-pg-"))  # short: a socket's path has 107 bytes at most
    (folder / "socket").write_text(str(socket), "utf-8")
    data = folder / "cluster"
    if not data.exists():
        data.mkdir()
        _own(folder, socket, data)
        _run([where / "initdb", "-D", data, "-U", "minan", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"])
    _own(folder, socket)
    settings = [*COMMON, f"unix_socket_directories={socket}", *(() if durable else QUICK), *more]
    with (data / "minan.conf").open("w", encoding="utf-8") as file:
        for name, value in (setting.split("=", 1) for setting in settings):
            file.write(f"{name} = '{value}'\n")
    conf = data / "postgresql.conf"
    if "minan.conf" not in conf.read_text("utf-8"):
        with conf.open("a", encoding="utf-8") as file:
            file.write("include 'minan.conf'\n")
    _own(data / "minan.conf")
    _run([where / "pg_ctl", "-D", data, "-w", "-t", "60", "-l", data / "log", "start"])
    return f"postgresql:///postgres?user=minan&host={socket}"


def stop(folder: pathlib.Path, how: str = "immediate") -> None:
    """Stop the cluster in `folder`; nothing happens if none runs."""
    where = programs()
    if where and (folder / "cluster" / "postmaster.pid").exists():
        _run([where / "pg_ctl", "-D", folder / "cluster", "-w", "-m", how, "stop"])
    if (folder / "socket").exists():
        shutil.rmtree((folder / "socket").read_text("utf-8"), ignore_errors=True)


def _user() -> str | None:
    """PostgreSQL refuses to run as root: then it runs as postgres, or as nobody."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _own(*paths: pathlib.Path) -> None:
    user = _user()
    for path in paths:
        if user:
            shutil.chown(path, user)


def _let_through(folder: pathlib.Path) -> None:
    """A folder made by mkdtemp is closed to others, also to whom the cluster belongs."""
    for path in (folder, *folder.parents):
        if _user() and str(path).startswith(tempfile.gettempdir() + os.sep):
            path.chmod(path.stat().st_mode | 0o011)


def _run(command: list[pathlib.Path | str]) -> None:
    done = subprocess.run(
        [str(part) for part in command], user=_user(), cwd="/", check=False, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{pathlib.Path(command[0]).name} failed: {done.stdout[-2000:]}")


if __name__ == "__main__":
    action, where_to = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    if action == "start":
        print(start(where_to, durable="--durable" in sys.argv))
    else:
        stop(where_to, "fast")
