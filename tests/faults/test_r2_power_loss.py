"""R2: the power is cut while people speak. What was acknowledged is there afterwards; with a weaker setting it is not, and we see it."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

from tests.faults import town
from tests.faults.town import HERE

CUTS = 50 if os.environ.get("MINAN_DEEP") else 5
ACKED_LEAST = 25
pytestmark = [pytest.mark.bar("R2"), pytest.mark.slow]


def possible() -> str:
    """ "" or what this machine lacks for FUSE."""
    if not os.path.exists("/dev/fuse"):
        return "no /dev/fuse"
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        return "/dev/fuse may not be used"
    if importlib.util.find_spec("mfusepy") is None or shutil.which("fusermount3") is None:
        return "no mfusepy or fusermount3"
    try:
        importlib.import_module("mfusepy")
    except OSError:
        return "no libfuse3"
    return ""


class Disk:
    """A mounted disk that forgets, with a prepared city on it."""

    def __init__(self, prepared: pathlib.Path, folder: pathlib.Path, seed: int) -> None:
        self.mount, self.backing = folder / "mount", folder / "backing"
        self.mount.mkdir(parents=True)
        shutil.copytree(prepared / "data", self.backing / "current")
        (self.backing / "after").mkdir()
        words = [sys.executable, "-m", "tests.faults.losing_disk", str(self.mount), str(self.backing), str(seed)]
        self.process = subprocess.Popen(words, cwd=HERE)
        until = time.monotonic() + 20
        while not os.path.ismount(self.mount):
            assert time.monotonic() < until, "the disk was not mounted"
            time.sleep(0.05)

    def cut(self) -> None:
        with contextlib.suppress(OSError):
            (self.mount / ".cut").touch()

    def gone(self) -> None:
        subprocess.run(["fusermount3", "-u", "-z", str(self.mount)], check=False, capture_output=True)
        self.process.kill()
        self.process.wait()


def lost_after_a_cut(
    prepared: pathlib.Path, folder: pathlib.Path, seed: int, synchronous: str = ""
) -> tuple[int, int, str]:
    """(acknowledged, lost of them, what the database says of itself) after one cut."""
    disk = Disk(prepared, folder, seed)
    env = town.environment(disk.mount, prepared / "keys") | ({"TEST_SYNCHRONOUS": synchronous} if synchronous else {})
    acked = folder / "acked"
    try:
        with acked.open("w") as out:
            words = [sys.executable, "-m", "tests.faults.writer", "5000"]
            writer = subprocess.Popen(words, cwd=HERE, env=env, stdout=out, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 90
        while acked.read_text().count("\n") < ACKED_LEAST + seed % 7 and time.monotonic() < until:
            assert writer.poll() is None, "the writer ended before the cut"
            time.sleep(0.02)
        disk.cut()
        writer.kill()
        writer.wait()
    finally:
        disk.gone()
    codes = {line.split()[1] for line in acked.read_text().splitlines() if line.count(" ") == 1}
    with closing(sqlite3.connect(disk.backing / "after" / "minan.sqlite3")) as records:
        integrity = str(records.execute("PRAGMA integrity_check").fetchone()[0])
        there = {code for (code,) in records.execute("SELECT code FROM kernel_case")}
    return len(codes), len(codes - there), integrity


@pytest.fixture
def disks() -> None:
    why = possible()
    if why:
        pytest.skip(f"not run: R2 ({why})")


def test_nothing_acknowledged_is_lost_when_the_power_is_cut(
    disks: None, prepared: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    total = 0
    for seed in range(CUTS):
        acked, lost, integrity = lost_after_a_cut(prepared, tmp_path / str(seed), seed)
        print({"seed": seed, "acked": acked, "lost": lost, "integrity": integrity})
        assert acked >= ACKED_LEAST
        assert (lost, integrity) == (0, "ok")
        total += acked
    assert total >= CUTS * ACKED_LEAST


def test_the_same_cut_with_a_weaker_setting_loses_matters_so_the_test_bites(
    disks: None, prepared: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    """SQLite writes its log through when it folds it into the database: a cut right after that loses nothing, another one does."""
    for seed in range(CUTS):
        acked, lost, integrity = lost_after_a_cut(prepared, tmp_path / f"normal{seed}", seed, synchronous="NORMAL")
        print({"synchronous": "NORMAL", "acked": acked, "lost": lost, "integrity": integrity})
        if lost:
            return
    pytest.fail("no cut lost anything: the disk does not forget")
