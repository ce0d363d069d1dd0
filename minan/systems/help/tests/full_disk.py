"""S3 inside a mount of its own: fills the disk under a running lane, presses, kills it, and prints as JSON what became of it.

Run by test_s3_full_disk.py under `unshare -rm`, with a tmpfs of 24 MB mounted on the folder named.
"""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import sys

import django


def fill(folder: pathlib.Path) -> None:
    """Eat all that is left."""
    with contextlib.suppress(OSError), (folder / "eaten").open("ab", buffering=0) as file:
        while file.write(b"x" * 4096):
            pass
    with contextlib.suppress(OSError), (folder / "crumbs").open("ab", buffering=0) as file:
        while file.write(b"x"):
            pass


def main(disk: pathlib.Path, calls: int = 40) -> dict[str, object]:
    from minan.systems.help import spool, wire  # not before the settings are there
    from minan.systems.help.tests.real import RealLane, Screen, at_once, here, until

    data, keys = here(disk)
    screen, lane = Screen(data), RealLane(data, keys, calls + 1)
    lane.start()
    until((data / "help" / "reserve").exists)
    fill(disk)
    free = os.statvfs(disk).f_bavail
    done = at_once(lane, range(1, calls + 1), 4)
    until(lambda: {press for press, _at, _s in done} <= screen.heard.keys())
    written = all(
        wire.ask({"op": "press", "cap": f"SECRET{n}", "press": press})["ok"]
        for n, (press, _a, _s) in enumerate(done, 1)
    )
    lane.kill()
    spool.put(
        "f" * 32, {"op": "press", "cap": f"SECRET{calls + 1}", "press": "f" * 32}
    )  # the page itself, while the lane is away
    reserve = (data / "help" / "reserve").exists()
    fill(disk)
    lane.start()
    known = [wire.ask({"op": "calls_of", "press": press})["call"] for press in [*(p for p, _a, _s in done), "f" * 32]]
    until(lambda: "f" * 32 in screen.heard)
    lane.stop()
    return {
        "free": free,
        "taken": len(done),
        "written": written,
        "lost": known.count(None),
        "reserve_given_up": not reserve,
    }


if __name__ == "__main__":
    os.environ |= {"DJANGO_SETTINGS_MODULE": "minan.settings", "MINAN_HTTP": "1"}
    django.setup()
    print(json.dumps(main(pathlib.Path(sys.argv[1]))))
