"""R4: the disk fills up under a running city. Photos are refused first, words are taken on; nothing acknowledged is lost."""

from __future__ import annotations

import json
import pathlib
import shutil
import subprocess
import sys

import pytest

from tests.faults.town import HERE

MOUNT = "mount -t tmpfs -o size=64m tmpfs {disk} && exec {python} -m tests.faults.full_disk {prepared} {disk}"


@pytest.mark.bar("R4")
def test_a_full_disk_refuses_photos_takes_words_and_loses_nobodys_matter(
    prepared: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    if (
        shutil.which("unshare") is None
        or subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False).returncode
    ):
        pytest.skip("not run: R4 (no mount namespaces on this machine)")
    disk = tmp_path / "disk"
    disk.mkdir()
    command = MOUNT.format(disk=disk, python=sys.executable, prepared=prepared)
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", command], cwd=HERE, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]
    said = json.loads(done.stdout.splitlines()[-1])
    print(said)
    assert (said["photo_before"], said["text_before"]) == (200, 200)
    assert (said["photo_low"], said["text_low"]) == (507, 200)
    assert said["ballast"] > 2_000_000
    assert said["ballast_given_up"]
    assert said["texts_when_full"] >= 20
    assert said["then"] in (200, 429, 507)  # 429: an address without a key may say sixty a minute
    assert said["photo_after"] == 200
    assert said["seconds_to_normal"] <= 10
    assert (said["lost"], said["integrity"]) == (0, "ok")
