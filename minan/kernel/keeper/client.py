"""How others ask the keeper: one connection a thread, made anew when it breaks, a keeper started where none is there."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from minan.kernel.keeper import protocol

WAIT = 5.0  # seconds until a keeper that does not answer counts as away
BEGIN = 5.0  # seconds for a new one to come up
PAUSES = (0.0, 0.01, 0.05, 0.2, 0.5)  # seconds before each try of one question: a keeper that dies still lets in for a moment
AGAIN = 2.0  # seconds after a failed start in which nobody tries again
HOME = Path(__file__).resolve().parents[3]
PASSED_ON = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TZ")  # a keeper needs no password of the database

_mine = threading.local()
_starting = threading.Lock()
_failed: dict[Path, tuple[float, bool]] = {}  # when the last one failed, and whether its keys are lost
_started: dict[Path, subprocess.Popen[bytes]] = {}


class Gone(Exception):
    """No keeper answers. `lost`: because its private keys are not there."""

    def __init__(self, *, lost: bool = False) -> None:
        super().__init__("the private keys are lost" if lost else "the keeper is away")
        self.lost = lost


def _connect(folder: Path) -> socket.socket:
    door, path = socket.socket(socket.AF_UNIX), folder / protocol.SOCKET
    door.settimeout(WAIT)
    try:
        if len(os.fsencode(path)) <= protocol.PATH_MOST:
            door.connect(str(path))
            return door
        room = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            door.connect(f"/proc/self/fd/{room}/{protocol.SOCKET}")
        finally:
            os.close(room)
    except OSError:
        door.close()
        raise
    return door


def _spawn(folder: Path) -> subprocess.Popen[bytes]:
    env = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    paths = [str(HOME), *filter(None, [os.environ.get("PYTHONPATH")])]
    return subprocess.Popen(
        [sys.executable, "-m", "minan.kernel.keeper", str(folder)],
        env=env | {"PYTHONPATH": os.pathsep.join(paths)},
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _give_up(folder: Path) -> None:
    """Raises Gone where it failed for somebody else a moment ago."""
    at, lost = _failed.get(folder, (-AGAIN, False))
    if time.monotonic() - at < AGAIN:
        raise Gone(lost=lost)


def _begin(folder: Path) -> socket.socket:
    """A connection to a keeper that is started for it. Raises Gone."""
    with _starting:
        try:
            return _connect(folder)  # somebody else was faster
        except OSError:
            _give_up(folder)  # they were not lucky
        ended: int | None = -signal.SIGKILL
        until = time.monotonic() + BEGIN
        while time.monotonic() < until:
            if ended is not None:  # the first, or one that was killed or that found a dying one's lock
                _started[folder] = _spawn(folder)
            time.sleep(0.01)
            try:
                return _connect(folder)
            except OSError:
                ended = _started[folder].poll()
            if ended is not None and ended > 0:
                break
        _failed[folder] = (time.monotonic(), ended == protocol.LOST)
        raise Gone(lost=ended == protocol.LOST)


def _line(folder: Path, spawn: bool) -> socket.socket:
    """This thread's connection."""
    held: dict[Path, tuple[int, socket.socket]] = _mine.__dict__.setdefault("lines", {})
    pid, door = held.get(folder, (0, None))
    if door is not None and pid == os.getpid():
        return door
    if door is not None:
        door.close()  # the parent's, from before the fork
    try:
        door = _connect(folder)
    except OSError:
        if not spawn:
            raise Gone from None
        door = _begin(folder)
    held[folder] = (os.getpid(), door)
    return door


def hang_up(folder: Path) -> None:
    """Close this thread's connection."""
    held = _mine.__dict__.get("lines", {}).pop(folder, None)
    if held is not None:
        held[1].close()


def _exchange(door: socket.socket, message: bytes) -> dict[str, Any]:
    door.sendall(message)
    came = bytearray()
    while len(came) < 4 or len(came) < 4 + protocol.size(came):
        part = door.recv(1 << 16)
        if not part:
            raise ConnectionResetError
        came += part
    return protocol.parsed(came[4:])


def ask(folder: Path, message: dict[str, Any], *, spawn: bool = True) -> dict[str, Any]:
    """The keeper's answer, {"ok": …} or {"no": code}; where there is none and `spawn`, one is started. Raises Gone."""
    line = protocol.packed(message)
    if len(line) > protocol.MOST:
        return {"no": "unfit"}
    _give_up(folder)
    for pause in PAUSES:
        time.sleep(pause)
        door = _line(folder, spawn)
        try:
            return _exchange(door, line)
        except (OSError, protocol.Unfit) as error:
            hang_up(folder)
            if isinstance(error, TimeoutError):
                _failed[folder] = (time.monotonic(), False)  # whoever comes meanwhile need not wait as long
                break
    raise Gone


def dismiss(folder: Path) -> None:
    """Send a keeper home that was started on demand, and wait for it (tests, and commands that need its place)."""
    with contextlib.suppress(Gone):
        ask(folder, {"op": "leave"}, spawn=False)
    hang_up(folder)
    child = _started.pop(folder, None)
    if child is not None:
        try:
            child.wait(WAIT)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
