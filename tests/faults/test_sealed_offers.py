"""The vault's process is killed between two sealed offers: nothing is pretended, both are told, and handing in again goes through."""

from __future__ import annotations

import http.cookiejar
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from typing import Any

from tests.faults.test_keeper_killed import keeper_of, within
from tests.faults.town import HERE, Town


class Side:
    """One party's browser: no JavaScript, only forms."""

    def __init__(self, town: Town, code: str, link: str) -> None:
        self.base, self.code = f"http://127.0.0.1:{town.port}", code
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.browser = urllib.request.build_opener(jar)
        self.post(f"/m/{code}/", f"/m/{code}/", secret=link)

    def get(self, path: str) -> str:
        with self.browser.open(self.base + path, timeout=20) as answer:
            return str(answer.read().decode())

    def post(self, seen: str, path: str, **said: str) -> str:
        form = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(seen))
        assert form, seen
        body = urllib.parse.urlencode(said | {"csrfmiddlewaretoken": form[1]}).encode()
        with self.browser.open(self.base + path, body, timeout=20) as answer:
            return str(answer.read().decode())

    def hands_in(self, yuan: str, code: str) -> str:
        return self.post(f"/disputes/{self.code}/?step=seal_offer", f"/disputes/{self.code}/seal_offer/", amount=yuan, code=code)

    def page(self) -> str:
        return self.get(f"/disputes/{self.code}/")


def play(town: Town, *words: str) -> dict[str, Any]:
    env = town.env | {"DJANGO_SETTINGS_MODULE": "minan.settings", "PYTHONPATH": str(HERE)}
    done = subprocess.run([sys.executable, "-m", "tests.faults.sealed_round", *words], cwd=HERE, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def until_told(town: Town, step: str, seconds: float = 60) -> dict[str, Any]:
    """The state once this step was taken by the worker."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = play(town, "state")
        if step in found["steps"]:
            return found
        time.sleep(0.5)
    raise AssertionError(f"{step} never came: {found}")


def test_killed_between_two_offers_both_are_told_to_send_again(prepared: pathlib.Path, tmp_path: pathlib.Path) -> None:
    town = Town(prepared, tmp_path)
    town.start()
    try:
        assert within(10, town.keys)
        made = play(town, "begin")
        payer, claimant = Side(town, *made["b"]), Side(town, *made["a"])
        assert "50000.00" in payer.hands_in("50000", play(town, "code", "b")["code"])
        assert play(town, "state")["sealed"]["in"].keys() == {"b"}
        os.kill(keeper_of(town.keys), signal.SIGKILL)
        assert within(30, town.keys)
        assert "请再交一次" in payer.page()
        claimant.hands_in("40000", play(town, "code", "a")["code"])
        told = until_told(town, "offers_lost")
        assert (told["sealed"]["lost"], told["sealed"]["open"], "offers_met" in told["steps"]) == (["b"], True, False)
        assert "40000" not in claimant.page()
        payer.hands_in("50000", play(town, "code", "b")["code"])
        told = until_told(town, "offers_met")
        assert told["sealed"]["result"] == "overlap"
        for one in (payer, claimant):
            assert "45000.00" in one.page()
        log = (town.keys / "keeper" / "log.jsonl").read_text()
        assert '"op":"offer"' in log
        assert not any(sum_ in log for sum_ in ("5000000", "4000000", "4500000", "50000.00", "overlap"))
    finally:
        town.kill()
