"""A keeper of a test's own: where it lies, who it is, how it dies."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from typing import Any

from minan.kernel import vault
from minan.kernel.keeper import client

PHONE, NAME = "13812345678", "王秀兰金丝雀"
KNOWN = {"name": NAME, "phone": PHONE}
ROOT = pathlib.Path(__file__).resolve().parents[3]


def event(n: int) -> str:
    """The hash of an event that might have been."""
    return hashlib.sha256(str(n).encode()).hexdigest()


def look(n: int, *, who: str = "user:12", why: str = "call", event_: str | None = None) -> dict[str, Any]:
    """One look at a case of its own that knows KNOWN."""
    code = f"GA{n:013}"
    return vault.unseal(code, *vault.seal(code, KNOWN), who=who, why=why, event=event(n) if event_ is None else event_)


def held(n: int, **how: Any) -> str:
    """The code with which the keeper refuses a look; "" where it opens."""
    try:
        look(n, **how)
    except vault.Held as refused:
        return refused.code
    return ""


def pid_of(keys: pathlib.Path) -> int:
    """The process that listens there."""
    vault.status()
    with socket.socket(socket.AF_UNIX) as asking:
        asking.connect(str(keys / "keeper.sock"))
        return int(struct.unpack("3i", asking.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0])


def gone(pid: int, seconds: float = 10) -> bool:
    """Whether this process ends within so many seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with contextlib.suppress(OSError):
            if pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        if not pathlib.Path(f"/proc/{pid}").exists():
            return True
        time.sleep(0.02)
    return False


def kill(keys: pathlib.Path) -> None:
    pid = pid_of(keys)
    os.kill(pid, signal.SIGKILL)
    assert gone(pid)


def lose(keys: pathlib.Path) -> None:
    """The private keys are gone, and what the keeper held in memory with them."""
    client.dismiss(keys)
    shutil.rmtree(keys / "keeper")


def lines(keys: pathlib.Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (keys / "keeper" / "log.jsonl").read_bytes().splitlines()]


def tool(*words: Any, good: bool = True, **env: str) -> str:
    """`python -m minan.kernel.keeper WORDS`; returns what it printed."""
    command = [sys.executable, "-m", "minan.kernel.keeper", *map(str, words)]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | env, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode == 0) == good, done.stdout + done.stderr
    return done.stdout + done.stderr
