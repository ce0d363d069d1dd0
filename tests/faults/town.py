"""A city of its own for the fault tests: a DATA that is prepared once and copied, real processes, and a hard way to stop them."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time
import urllib.parse
from typing import Any

from tools import ports

HERE = pathlib.Path(__file__).resolve().parents[2]
PLACE = "131022100010"


def environment(data: pathlib.Path, keys: pathlib.Path, **more: str) -> dict[str, str]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith("MINAN_") and name != "DATABASE_URL"
    }
    return kept | {"DATA": str(data), "KEYS": str(keys), "MINAN_HTTP": "1", "PYTHONUNBUFFERED": "1"} | more


def minan(env: dict[str, str], *words: str, good: bool = True) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "minan", *words]
    done = subprocess.run(command, cwd=HERE, env=env, capture_output=True, text=True, check=False, timeout=300)
    assert not good or done.returncode == 0, f"minan {' '.join(words)}: {done.stdout}{done.stderr}"
    return done


def prepare(folder: pathlib.Path) -> None:
    """Tables and the model city in folder/data, the keys in folder/keys."""
    env = environment(folder / "data", folder / "keys")
    minan(env, "migrate")
    minan(env, "city", "load", "city/langfang")


class Town:
    """One DATA, copied from a prepared one, and the server on it."""

    def __init__(self, prepared: pathlib.Path, folder: pathlib.Path) -> None:
        self.data, self.keys, self.port = folder / "data", folder / "keys", ports.free()
        if not self.data.exists():
            shutil.copytree(prepared / "data", self.data)
        shutil.copytree(prepared / "keys", self.keys, ignore=shutil.ignore_patterns("*.sock"))
        self.env = environment(self.data, self.keys, PORT=str(self.port))
        self.server: subprocess.Popen[str] | None = None
        self.token = ""  # a person's token: without one POST is throttled

    def start(self, seconds: float = 60) -> float:
        """Start the server; returns how long it took until it answered."""
        begun = time.monotonic()
        self.server = subprocess.Popen(
            [sys.executable, "-m", "minan", "serve"],
            cwd=HERE,
            env=self.env,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self.server.stdout is not None
        line = self.server.stdout.readline()
        assert line.startswith("ready"), line
        assert time.monotonic() - begun < seconds
        return time.monotonic() - begun

    def kill(self) -> None:
        """SIGKILL to the server and whatever it started: nothing can be said good-bye to."""
        if self.server is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.server.pid, signal.SIGKILL)
            self.server.wait()
            self.server = None

    def post(self, key: str, text: str, timeout: float = 10, photo: bytes = b"") -> tuple[int, Any]:
        """Say a matter over Open311; returns (status, answer). OSError or HTTPException where the server is away."""
        asking = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        facts = {
            "service_code": "lamp.out",
            "description": text,
            "address_id": PLACE,
            "address_string": "固安镇朝阳社区",
            "lat": "39.50699",
            "long": "116.23387",
        }
        headers = {"Idempotency-Key": key, "Content-Type": "application/x-www-form-urlencoded"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        body: bytes = urllib.parse.urlencode(facts).encode()
        if photo:
            mark = "minan-test-boundary"
            parts = [
                f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
                for name, value in facts.items()
            ]
            parts.append(
                f'--{mark}\r\nContent-Disposition: form-data; name="media"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'.encode()
            )
            body = b"".join(parts) + photo + f"\r\n--{mark}--\r\n".encode()
            headers["Content-Type"] = f"multipart/form-data; boundary={mark}"
        asking.request("POST", "/open311/v2/requests.json", body, headers)
        answer = asking.getresponse()
        content = answer.read()
        with contextlib.suppress(ValueError):
            return answer.status, json.loads(content)
        return answer.status, content
