"""R8: the worker dies in the middle of its jobs again and again: each effect comes, each text leaves once, and nothing stays lying."""

from __future__ import annotations

import collections
import contextlib
import json
import os
import pathlib
import random
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from minan.kernel.keeper import client
from minan.kernel.tests.loopback import Asked, Loopback, Reply, serving
from tests.faults.town import HERE, Town, minan

DEEP = bool(os.environ.get("MINAN_DEEP"))
TOLD, LATE, KILLS = (5_000, 5_000, 30) if DEEP else (300, 300, 8)
STUCK = 120.0  # seconds; none may be under way for longer


@pytest.fixture
def town(prepared: pathlib.Path, tmp_path: pathlib.Path) -> Iterator[Town]:
    here = Town(prepared, tmp_path)
    limits = (HERE / "minan/kernel/keeper/limits.toml").read_text("utf-8")
    room = here.keys / "keeper"
    room.mkdir(mode=0o700, exist_ok=True)
    (room / "limits.toml").write_text(re.sub(r"= (\d+)$", r"= \g<1>000", limits, flags=re.MULTILINE), "utf-8")
    here.env |= {
        "MINAN_QUIET": "none",
        "MINAN_FOLD_SECONDS": "0",
        "MINAN_SMS_PER_HOUR": "100000",
        "MINAN_LOG": "CRITICAL",
    }
    yield here
    here.kill()
    client.dismiss(here.keys)


class Mortal:
    """A worker that is killed without a word."""

    def __init__(self, town: Town) -> None:
        command = [sys.executable, "-m", "tests.faults.mortal"]
        how: dict[str, Any] = {"stdout": subprocess.PIPE, "text": True, "start_new_session": True}
        self.process = subprocess.Popen(command, cwd=HERE, env=town.env, **how)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "up\n"

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()


def asked_of(town: Town, sql: str) -> list[Any]:
    with closing(sqlite3.connect(town.data / "minan.sqlite3", timeout=30)) as records:
        return records.execute(sql).fetchall()


WAITS = (
    "SELECT (SELECT count(*) FROM kernel_outbox) + (SELECT count(*) FROM kernel_delivery) + (SELECT count(*) FROM kernel_message "
    "WHERE next_at IS NOT NULL OR held_at IS NOT NULL) + (SELECT count(*) FROM kernel_clock "
    "WHERE next_at < datetime('now') AND paused_at IS NULL AND done_at IS NULL)"
)


def killed_again_and_again(town: Town, kills: int, chance: random.Random, fake: Loopback) -> tuple[float, int]:
    """(seconds the last worker needed until nothing waited, how often the provider was being asked when the worker died)."""
    in_hand = 0
    for _ in range(kills):
        mortal, before = Mortal(town), len(fake.asked)
        until = time.monotonic() + 10
        while (
            len(fake.asked) < before + chance.randint(5, 40)
            and time.monotonic() < until
            and asked_of(town, WAITS)[0][0]
        ):
            time.sleep(0.005)
        mortal.kill()
        in_hand += asked_of(town, "SELECT count(*) FROM kernel_message WHERE held_at IS NOT NULL AND provider <> ''")[
            0
        ][0]
    last, begun = Mortal(town), time.monotonic()
    try:
        while asked_of(town, WAITS)[0][0] and time.monotonic() < begun + STUCK * (5 if DEEP else 1):
            time.sleep(0.1)
    finally:
        last.kill()
    return time.monotonic() - begun, in_hand


def keys(town: Town, name: str, **key: str) -> None:
    path = town.keys / f"sms-{name}.json"
    path.write_text(json.dumps(key), "utf-8")
    path.chmod(0o600)


def made(town: Town, told: int, late: int) -> None:
    command = [sys.executable, "-m", "tests.faults.jobs", str(told), str(late)]
    subprocess.run(command, cwd=HERE, env=town.env, check=True, timeout=900)


@pytest.mark.slow
@pytest.mark.bar("R8")
def test_each_effect_comes_and_each_text_leaves_once_however_often_the_worker_dies(town: Town) -> None:
    chance, delivered, lock = random.Random(8), collections.Counter[str](), threading.Lock()
    known: set[str] = set()

    def platform(asked: Asked) -> Reply:
        """A city's own: what it has had already it does not send again."""
        key = asked.headers["Idempotency-Key"]
        with lock:
            delivered[key] += key not in known
            known.add(key)
        return Reply(200, {"ok": True}, slow=0.004)

    with serving(platform) as fake:
        town.env |= {"MINAN_SMS": "own", "MINAN_SMS_OWN_URL": fake.url}
        keys(town, "own", secret="s")
        made(town, TOLD, LATE)
        seconds, in_hand = killed_again_and_again(town, KILLS, chance, fake)

    accepted = asked_of(town, "SELECT case_id, n FROM kernel_event WHERE step = 'accept'")
    texts = asked_of(town, "SELECT id, case_id, n, sent_at, reason FROM kernel_message WHERE channel = 'sms'")
    print(
        {
            "jobs": TOLD + LATE,
            "kills": KILLS,
            "asked": len(fake.asked),
            "sent": len(delivered),
            "in hand": in_hand,
            "s": seconds,
        }
    )
    assert asked_of(town, WAITS)[0][0] == 0, "nothing stays lying"
    assert len(accepted) == TOLD
    assert {(case, n) for _, case, n, _, _ in texts} >= set(accepted)
    assert len(texts) == len({(case, n) for _, case, n, _, _ in texts}), "one row a matter, step and channel"
    assert [row for row in texts if row[3] is None] == [], "each was sent"
    assert set(delivered) == {row[0] for row in texts}
    assert set(delivered.values()) == {1}
    steps = collections.Counter(
        case for (case,) in asked_of(town, "SELECT case_id FROM kernel_event WHERE step = 'remind' AND by = 'clock'")
    )
    assert len(steps) == LATE, "each clock that was due rang"
    assert set(steps.values()) == {1}
    assert asked_of(town, "SELECT count(*) FROM kernel_delivery")[0][0] == 0
    told = asked_of(town, "SELECT count(*) FROM kernel_message WHERE channel = 'page'")[0][0]
    assert told >= TOLD
    assert "0 faults" in minan(town.env, "verify").stdout


@pytest.mark.slow
@pytest.mark.bar("R8")
def test_a_provider_without_a_key_of_its_own_is_asked_at_most_once_and_what_nobody_knows_is_named(town: Town) -> None:
    chance, asked_with, most, kills = (
        random.Random(9),
        collections.Counter[str](),
        2_000 if DEEP else 60,
        20 if DEEP else 4,
    )

    def vendor(asked: Asked) -> Reply:
        (key,) = parse_qs(urlsplit(asked.path).query)["OutId"]
        asked_with[key] += 1
        return Reply(200, {"Code": "OK"}, slow=0.01)

    with serving(vendor) as fake:
        town.env |= {"MINAN_SMS": "aliyun", "MINAN_SMS_ALIYUN": "SMS_1", "MINAN_SMS_ALIYUN_URL": fake.url}
        keys(town, "aliyun", id="AK", secret="SK")
        made(town, most, 0)
        _, in_hand = killed_again_and_again(town, kills, chance, fake)
    rows = asked_of(town, "SELECT id, sent_at, reason FROM kernel_message WHERE channel = 'sms'")
    unsure = [row for row in rows if row[1] is None]
    print({"texts": len(rows), "kills": kills, "in hand": in_hand, "unsure": len(unsure)})
    assert set(asked_with.values()) == {1}, "never twice"
    assert {reason for _, _, reason in unsure} <= {"unsure"}
    assert len(unsure) <= kills
    assert {row[0] for row in rows} - set(asked_with) <= {row[0] for row in unsure}, "who was not asked is named"
    assert asked_of(town, WAITS)[0][0] == 0
