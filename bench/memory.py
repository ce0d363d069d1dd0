"""`python -m bench.memory`: what every process of a demo takes, in MB of PSS, after some pages were read. Prints one JSON object.

`--pid N` measures a demo that runs already; else one is made and served in a folder of its own (a minute).
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import http.cookiejar
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from bench import machine
from bench.base import ROOT
from tools import ports

GOAL_MB = 450
PAGES = ("/", "/desk/", "/tasks/", "/duty/", "/duty/list/", "/supervise/", "/board/", "/desk/new/", "/say/", "/about/")
WHO = ("clerk", "supervisor", "operator", "resident")
SETTLE_SECONDS = 5


def one(pid: int) -> float:
    """Proportional set size of one process, in MB; 0.0 where it is gone."""
    with contextlib.suppress(OSError):
        text = (machine.PROC / str(pid) / "smaps_rollup").read_text("ascii")
        return next((int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0) / 1024
    return 0.0


def name(pid: int, root: int) -> str:
    """What a process of the server is called here."""
    comm = (machine.PROC / str(pid) / "comm").read_text("ascii").strip()
    line = (machine.PROC / str(pid) / "cmdline").read_bytes()
    if pid == root:
        return "main"
    if b"minan.kernel.keeper" in line:
        return "keeper"
    return comm.removeprefix("minan-") if comm.startswith("minan-") else "web" if b"minan" in line else comm


def measured(root: int) -> dict[str, object]:
    """Every process under `root`, the sum, and whether it is within the bar."""
    found: dict[str, float] = {}
    for pid in machine.tree(root):
        with contextlib.suppress(OSError):
            called = name(pid, root)
            found[called] = round(found.get(called, 0.0) + one(pid), 1)
    total = round(sum(found.values()), 1)
    return {"pss_mb": found, "total_mb": total, "goal_mb": GOAL_MB, "met": total <= GOAL_MB}


def read_pages(url: str) -> int:
    """Read some pages as several people, as a morning would; returns how many answered."""
    read = 0
    for who in WHO:
        jar = http.cookiejar.CookieJar()
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        door = browser.open(f"{url}/demo/", timeout=30).read().decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', door)
        body = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1] if token else ""}).encode()
        browser.open(urllib.request.Request(f"{url}/demo/{who}/", body, {"Referer": url}), timeout=30).read()
        for path in PAGES:
            with contextlib.suppress(OSError):
                browser.open(url + path, timeout=30).read()
                read += 1
    return read


@contextlib.contextmanager
def demo() -> Iterator[tuple[int, str]]:
    """A demo of one's own: its process id and address."""
    with tempfile.TemporaryDirectory(prefix="minan-memory-") as folder:
        port = ports.free()
        kept = {k: v for k, v in os.environ.items() if not k.startswith("MINAN_") and k not in ("DATABASE_URL", "KEYS")}
        env = kept | {"DATA": str(Path(folder) / "data"), "PORT": str(port)}
        command = [sys.executable, "-m", "minan", "demo"]
        subprocess.run([*command, "--no-serve"], cwd=ROOT, env=env, check=True, capture_output=True)
        process = subprocess.Popen(command, cwd=ROOT, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line.startswith("ready"):
                raise RuntimeError(f"the demo did not start: {line!r}")
            yield process.pid, f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(30)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pid", type=int, default=0, help="a demo that runs: its first process")
    args = parser.parse_args()
    if args.pid:
        print(json.dumps(measured(args.pid), indent=1))
        return
    with demo() as (pid, url):
        read = read_pages(url)
        time.sleep(SETTLE_SECONDS)
        print(json.dumps(measured(pid) | {"pages_read": read}, indent=1))


if __name__ == "__main__":
    main()
