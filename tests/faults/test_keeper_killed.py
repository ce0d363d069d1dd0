"""The vault's keeper is killed under a living server: matters are taken in as ever, it is there again at once, its log is whole."""

from __future__ import annotations

import os
import pathlib
import signal
import socket
import struct
import time

from minan.kernel.keeper import client, log
from tests.faults.town import Town, minan


def keeper_of(keys: pathlib.Path) -> int:
    """The process that listens; 0 where none does."""
    with socket.socket(socket.AF_UNIX) as asking:
        try:
            asking.connect(str(keys / "keeper.sock"))
        except OSError:
            return 0
        return int(struct.unpack("3i", asking.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0])


def served(keys: pathlib.Path) -> bool:
    try:
        return bool(client.ask(keys, {"op": "status"}, spawn=False)["ok"]["served"])
    except (client.Gone, KeyError):
        return False


def within(seconds: float, keys: pathlib.Path) -> bool:
    until = time.monotonic() + seconds
    while not served(keys) and time.monotonic() < until:
        time.sleep(0.05)
    return served(keys)


def test_the_keeper_is_killed_again_and_again_and_no_matter_is_lost(
    prepared: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    town = Town(prepared, tmp_path)
    town.start()
    try:
        assert within(10, town.keys)
        for n in range(12):
            if n % 3 == 1:
                assert within(30, town.keys)
                pid = keeper_of(town.keys)
                assert pid > 0
                os.kill(pid, signal.SIGKILL)
            status, said = town.post(f"key-{n}", f"第{n}盏路灯不亮")
            assert status in (200, 201), said
        assert within(30, town.keys)
        last = keeper_of(town.keys)
    finally:
        town.kill()
    until = time.monotonic() + 10
    while pathlib.Path(f"/proc/{last}").exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not keeper_of(town.keys)  # it ends with its server
    log.check(town.keys / "keeper" / "log.jsonl")
    assert "12" in minan(town.env, "verify").stdout
