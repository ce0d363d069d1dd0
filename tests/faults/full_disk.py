"""R4 inside a mount of its own: fills the disk under a running city and prints, as JSON, what it took and what it refused.

Run by test_r4_full_disk.py under `unshare -rm`, with a tmpfs of 64 MB mounted on the folder named.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import pathlib
import random
import sys
import time

from PIL import Image

from tests.faults.town import Town

TEXTS_MOST = 4_000


def photo(seed: int) -> bytes:
    """A picture that no store has seen: noise, about 100 kB."""
    out = io.BytesIO()
    Image.frombytes("RGB", (320, 240), random.Random(seed).randbytes(320 * 240 * 3)).save(out, "JPEG", quality=80)
    return out.getvalue()


def free(folder: pathlib.Path) -> float:
    found = os.statvfs(folder)
    return found.f_bavail / found.f_blocks


def fill(folder: pathlib.Path, share: float) -> None:
    """Eat space until this share of the disk is free."""
    with contextlib.suppress(OSError), (folder / "eaten").open("ab", buffering=0) as file:
        while free(folder) > share:
            if file.write(b"x" * 65536) == 0:
                return


def main(prepared: pathlib.Path, disk: pathlib.Path) -> dict[str, object]:
    town = Town(prepared, disk)
    acked: list[str] = []
    said: dict[str, object] = {}

    def post(key: str, picture: bytes = b"") -> int:
        status, answer = town.post(key, f"路灯不亮 {key}", timeout=30, photo=picture)
        if status in (200, 201):
            acked.append(answer[0]["service_request_id"])
        return status

    try:
        town.start()
        said["ballast"] = (town.data / "ballast").stat().st_size
        said["photo_before"], said["text_before"] = post("p0", photo(0)), post("t0")
        fill(disk, 0.08)
        said["photo_low"], said["text_low"] = post("p1", photo(1)), post("t1")
        fill(disk, 0.0)
        texts, status = 0, 0
        while texts < TEXTS_MOST and (status := post(f"full{texts}")) in (200, 201):
            texts += 1
            if texts % 50 == 0:
                fill(disk, 0.0)  # somebody else goes on writing, whatever is freed
        said |= {"texts_when_full": texts, "then": status, "ballast_given_up": not (town.data / "ballast").exists()}
        (disk / "eaten").unlink()
        begun = time.monotonic()
        while (again := post(f"again{time.monotonic()}", photo(int(begun)))) not in (
            200,
            201,
        ) and time.monotonic() - begun < 30:
            time.sleep(0.2)
        said |= {"photo_after": again, "seconds_to_normal": round(time.monotonic() - begun, 1), "acked": len(acked)}
        town.kill()
        import sqlite3  # only here: the server's own file, once it is gone

        records = sqlite3.connect(town.data / "minan.sqlite3")
        kept = {code for (code,) in records.execute("SELECT code FROM kernel_case")}
        said |= {"lost": len(set(acked) - kept), "integrity": records.execute("PRAGMA integrity_check").fetchone()[0]}
    finally:
        town.kill()
    return said


if __name__ == "__main__":
    print(json.dumps(main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))))
