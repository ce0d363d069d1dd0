"""R1: five people keep saying things while the server is killed again and again; they retry with their key as any client does."""

from __future__ import annotations

import http.client
import os
import random
import sqlite3
import threading
import time
from contextlib import closing

import pytest

from tests.faults.town import Town, minan

KILLS = 100 if os.environ.get("MINAN_DEEP") else 15
CLIENTS = 5
PATIENCE = 120.0


class Client(threading.Thread):
    """Says one matter after another until told to stop, each as often as needed, always with the same key."""

    def __init__(self, town: Town, name: int, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.town, self.number, self.stop_ = town, name, stop
        self.acked: dict[str, str] = {}
        self.tries = 0
        self.failed: list[str] = []

    def run(self) -> None:
        count = 0
        while not self.stop_.is_set():
            count += 1
            self.say(f"r1-{self.number}-{count}")

    def say(self, key: str) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            self.tries += 1
            try:
                status, answer = self.town.post(key, f"第 {key} 件：路灯不亮")
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
                continue
            if status in (200, 201):
                self.acked[key] = answer[0]["service_request_id"]
                return
            if status not in (409, 429, 503):
                self.failed.append(f"{key}: {status} {str(answer)[:200]}")
                return
            time.sleep(0.3)
        self.failed.append(f"{key}: never answered")


def first_ack(town: Town, number: int, begun: float) -> float:
    """Seconds from the restart to the first matter taken."""
    while time.monotonic() - begun < 60:
        try:
            if town.post(f"r1-first-{number}", "重启后第一件：路灯不亮")[0] in (200, 201):
                break
        except (OSError, http.client.HTTPException):
            time.sleep(0.02)
    return time.monotonic() - begun


@pytest.mark.slow
@pytest.mark.bar("R1")
def test_what_was_acknowledged_survives_every_kill_once(running: Town) -> None:
    chance, stop = random.Random(1), threading.Event()
    running.token = minan(running.env, "token", "resident").stdout.strip()
    running.start()
    clients = [Client(running, number, stop) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    waits = []
    for number in range(KILLS):
        time.sleep(chance.uniform(0.2, 1.5))
        running.kill()
        begun = time.monotonic()
        running.start()
        waits.append(first_ack(running, number, begun))
    stop.set()
    for client in clients:
        client.join(PATIENCE)
    running.kill()

    acked = {key: code for client in clients for key, code in client.acked.items()}
    with closing(sqlite3.connect(running.data / "minan.sqlite3")) as records:
        rows = records.execute(
            "SELECT c.code, c.text, (SELECT count(*) FROM kernel_event e WHERE e.case_id = c.id AND e.n = 1) FROM kernel_case c"
        ).fetchall()
    codes = {code for code, _, _ in rows}
    texts = [text for _, text, _ in rows]
    said = {
        "acked": len(acked),
        "tries": sum(c.tries for c in clients),
        "first ack, s": sorted(round(w, 2) for w in waits),
    }
    print(said)
    assert [f for client in clients for f in client.failed] == []
    assert len(acked) > KILLS
    assert set(acked.values()) <= codes  # lost 0
    doubled = {key for key in acked if texts.count(f"第 {key} 件：路灯不亮") != 1}
    assert doubled == set()
    assert {n for _, _, n in rows} == {1}
    assert "0 faults" in minan(running.env, "verify").stdout
