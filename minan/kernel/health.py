"""/healthz: what of this city is alive, answered within two seconds even when the database does not answer at all."""

from __future__ import annotations

import os
import shutil
import threading
import time
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from minan.kernel import beside

ANSWER_SECONDS = 1.2  # how long the database may take
BEAT_SECONDS = 1.0  # how often the worker says that it lives
BEAT_OLD = 30.0  # after this it is dead, or stuck
DISK_LOW = 256 * 1024 * 1024  # bytes

_lock = threading.Lock()
_probe: tuple[threading.Thread, list[str]] | None = None
_beaten = 0.0


def _beat_file() -> Path:
    return Path(settings.DATA) / "worker.beat"


def beat() -> None:
    """The worker lives: seen by every process of this machine through the time of a file."""
    global _beaten
    now = time.monotonic()
    if now - _beaten < BEAT_SECONDS:
        return
    _beaten = now
    path = _beat_file()
    try:
        os.utime(path)
    except FileNotFoundError:
        path.touch(mode=0o600)
    except OSError:  # a full or read-only disk is told by /healthz itself
        return


def _ask(answered: list[str]) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
        answered.append("ok")
    except Exception:  # whatever is wrong with it, it is down
        answered.append("down")
    finally:
        connection.close()


def database() -> str:
    """ok or down; asked in a thread of its own, of which there is at most one, so that a stuck database stops nobody here."""
    global _probe
    with _lock:
        if _probe is None or not _probe[0].is_alive():
            answered: list[str] = []
            _probe = threading.Thread(target=_ask, args=(answered,), name="healthz", daemon=True), answered
            _probe[0].start()
        asking, said = _probe
    asking.join(ANSWER_SECONDS)
    return said[0] if said else "down"


def worker() -> str:
    """ok where some worker on this machine turned lately."""
    try:
        age = time.time() - _beat_file().stat().st_mtime
    except OSError:
        return "down"
    return "ok" if age < BEAT_OLD else "down"


def disk() -> str:
    """ok, low (less than DISK_LOW bytes free where the records lie) or down."""
    try:
        return "ok" if shutil.disk_usage(settings.DATA).free >= DISK_LOW else "low"
    except OSError:
        return "down"


def parts() -> dict[str, str]:
    """Every part: ok, low, down, or off where it is not configured; the processes beside the web by their names."""
    return {"database": database(), "worker": worker(), "live": "off", "bus": "off", **beside.states(), "disk": disk()}


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 where database and worker live, else 503 with the same JSON."""
    found = parts()
    well = found["database"] == "ok" and found["worker"] == "ok"
    response = JsonResponse({"status": "ok" if well else "down", **found}, status=200 if well else 503)
    response._has_been_logged = True  # type: ignore[attr-defined]  # whoever asks each second is told; the log is for what is new
    return response
