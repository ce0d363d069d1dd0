"""A city that really runs: `minan demo` as a process of its own, with its own DATA and port, stopped and started at will."""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import time
import urllib.request

from tools import ports

ROOT = pathlib.Path(__file__).resolve().parents[2]
READY_SECONDS = 120


class City:
    """The demo city in `folder`: `url` is where it answers."""

    def __init__(self, folder: pathlib.Path, port: int | None = None) -> None:
        self.port = port or ports.free()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None
        kept = {
            name: value for name, value in os.environ.items() if name not in ("KEYS", "DATABASE_URL", "MINAN_SECRET")
        }
        self.environment = kept | {
            "MINAN_HELP_RUNG_SECONDS": "2",
            "DATA": str(folder / "data"), "PORT": str(self.port), "MINAN_HTTP": "1", "DJANGO_SETTINGS_MODULE": "minan.settings",
            "MINAN_PUSH": "mailto:test@langfang.example", "MINAN_MAIL": "smtp://127.0.0.1:9", "MINAN_MAIL_FROM": "minan@langfang.example",
        }  # fmt: skip

    def run(self, *arguments: str) -> None:
        """One command in this city, to its end."""
        subprocess.run([sys.executable, "-m", *arguments], check=True, cwd=ROOT, env=self.environment, timeout=120)

    def make(self) -> None:
        """The city's data and a small story, nothing served yet."""
        self.run("minan", "demo", "--empty", "--no-serve")
        self.run("tests.e2e.prepare")

    def start(self) -> None:
        """Serve; returns when it answers."""
        with (self.folder / "log").open("ab") as log:
            command = [sys.executable, "-m", "minan", "demo"]
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until and self.process.poll() is None:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                if answer.status == 200:
                    return
            time.sleep(0.05)
        raise RuntimeError(f"the city did not start: {(self.folder / 'log').read_text('utf-8')[-2000:]}")

    def stop(self) -> None:
        """End it as a service manager would."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)
        self.process = None
