"""S3: the disk is full to the last byte. A press is taken, on the disk and rung; the lane is killed, and none is lost."""

from __future__ import annotations

import json
import pathlib
import shutil
import subprocess
import sys

import pytest

from minan.systems.help.tests.real import ROOT

pytestmark = [pytest.mark.bar("S3"), pytest.mark.bar("R4"), pytest.mark.once, pytest.mark.faults]
MOUNT = "mount -t tmpfs -o size=24m tmpfs {disk} && exec {python} -m minan.systems.help.tests.full_disk {disk}"


def test_s3_a_full_disk_takes_every_press_and_loses_none(tmp_path: pathlib.Path) -> None:
    if (
        shutil.which("unshare") is None
        or subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False).returncode
    ):
        pytest.skip("not run: S3 (no mount namespaces on this machine)")
    disk = tmp_path / "disk"
    disk.mkdir()
    command = MOUNT.format(disk=disk, python=sys.executable)
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False, timeout=200
    )
    assert done.returncode == 0, done.stderr[-3000:]
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["free"] == 0
    assert (said["taken"], said["lost"]) == (40, 0)
    assert said["written"]
    assert said["reserve_given_up"]
