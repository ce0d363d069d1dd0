"""/healthz tells the truth even when the database hangs; /metrics counts, and shows itself to this machine only."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from minan.kernel import access, beside, callers, health, metrics, worker
from minan.kernel.act import open_case

BEAT = Path(settings.DATA) / "worker.beat"


@pytest.fixture
def beating() -> Iterator[None]:
    """A worker that turned just now."""
    health._beaten = 0.0
    health.beat()
    yield
    BEAT.unlink(missing_ok=True)


@pytest.mark.django_db
def test_all_parts_are_named_and_well(client: Client, beating: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "states", lambda: {"live": "ok"})  # which processes there are beside the web is their folders' word
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (
        200, {"status": "ok", "database": "ok", "worker": "ok", "live": "ok", "bus": "off", "disk": "ok"}
    )  # fmt: skip


@pytest.mark.django_db
def test_a_worker_that_stopped_or_never_began_is_503(client: Client, beating: None) -> None:
    os.utime(BEAT, (time.time() - health.BEAT_OLD - 1,) * 2)
    assert (client.get("/healthz").status_code, client.get("/healthz").json()["worker"]) == (503, "down")
    BEAT.unlink()
    assert client.get("/healthz").json()["worker"] == "down"


@pytest.mark.django_db(transaction=True)
def test_the_workers_turn_is_its_sign_of_life(client: Client, city: None) -> None:
    BEAT.unlink(missing_ok=True)
    health._beaten = 0.0
    worker.turn()
    assert client.get("/healthz").json()["worker"] == "ok"


def test_a_database_that_hangs_is_told_within_two_seconds_and_asked_by_one_thread_only(
    client: Client, monkeypatch: pytest.MonkeyPatch, beating: None
) -> None:
    let_go = threading.Event()
    asked: list[int] = []

    def hang(answered: list[str]) -> None:
        asked.append(1)
        let_go.wait(30)

    monkeypatch.setattr(health, "_ask", hang)
    begun = time.monotonic()
    answer = client.get("/healthz")
    assert time.monotonic() - begun < 2.0
    assert (answer.status_code, answer.json()["database"], answer.json()["worker"]) == (503, "down", "ok")
    client.get("/healthz")
    assert asked == [1]
    let_go.set()
    assert health._probe is not None
    health._probe[0].join()


def test_a_database_that_refuses_is_down(client: Client, monkeypatch: pytest.MonkeyPatch, beating: None) -> None:
    class Away:
        def cursor(self) -> Any:
            raise OSError("no such host")

        def close(self) -> None:
            pass

    monkeypatch.setattr(health, "connection", Away())
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["database"]) == (503, "down")


def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "DISK_LOW", 1 << 60)
    assert health.disk() == "low"


@pytest.mark.django_db(transaction=True)
def test_what_is_counted_stands_in_prometheus_form(client: Client, city: None, beating: None) -> None:
    said = open_case("matter", by=access.SPEAKER, facts={"text": "路灯不亮", "place": "131022100010"})
    assert said
    client.get("/api/v1/openapi.json")
    before = client.get("/metrics").content.decode()
    assert "minan_outbox_rows 1\n" in before
    worker.settle()
    page = client.get("/metrics").content.decode()
    assert 'minan_cases_open{state="said"} 1\n' in page
    assert "minan_outbox_rows 0\n" in page
    assert "minan_deliveries_parked 0\n" in page
    assert "minan_clocks_due 0\n" in page
    assert 'minan_part_up{part="worker"} 1\n' in page
    counted = [
        line
        for line in page.splitlines()
        if line.startswith('minan_requests_total{method="GET",route="api/v1/openapi.json",status="2xx"}')
    ]
    assert len(counted) == 1
    assert 'route="api/v1/openapi.json",status="2xx",le="+Inf"}' in page
    assert said.case.code not in page
    for line in page.splitlines():
        assert line.startswith("#") or len(line.rsplit(" ", 1)) == 2


@pytest.mark.django_db
def test_metrics_are_for_this_machine_and_for_the_token(client: Client, settings: Any, city: None) -> None:
    settings.METRICS_TOKEN = "a-long-token"
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404
    assert (
        client.get("/metrics", REMOTE_ADDR="203.0.113.9", headers={"Authorization": "Bearer wrong"}).status_code == 404
    )
    assert (
        client.get("/metrics", REMOTE_ADDR="203.0.113.9", headers={"Authorization": "Bearer a-long-token"}).status_code
        == 200
    )
    assert client.get("/metrics").status_code == 200


def test_every_process_is_counted_whichever_answers() -> None:
    mine, theirs = metrics.Sums(), metrics.Sums()
    key = ("GET", "two/processes", "2xx")
    theirs.pid, theirs.name = os.getpid(), "1-other"
    mine.add(key, 0.1)
    theirs.add(key, 0.3)
    for sums in (mine, theirs):
        sums.flush()
    assert metrics._all()[key][:2] == [2.0, 0.4]


def test_an_address_is_believed_only_from_our_own_proxy(rf: Any, settings: Any) -> None:
    request = rf.get("/", REMOTE_ADDR="10.0.0.1", headers={"X-Forwarded-For": "203.0.113.9, 198.51.100.7"})
    settings.TRUSTED_PROXY = 0
    assert callers.address(request) == "10.0.0.1"
    settings.TRUSTED_PROXY = 1
    assert callers.address(request) == "198.51.100.7"
