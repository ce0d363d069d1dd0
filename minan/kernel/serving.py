"""Starts the web processes and the worker, says when they answer, and stops them cleanly.

On SQLite one process does both, so that all writing meets in one line; on PostgreSQL the web has its own processes and the
worker one. The program is loaded once, before the processes are forked.
"""

from __future__ import annotations

import contextlib
import gc
import http.client
import importlib
import os
import signal
import socket
import sys
import threading
import time
from functools import partial
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import DatabaseError, connection, connections
from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from minan.kernel import ballast, beside, hanging, moving, places, replies, vault, worker
from minan.kernel.commands import worker as behind

READY_SECONDS, STOP_SECONDS, WATCH_SECONDS = 60, 15, 1
LEAVING_SECONDS, PORTS_BESIDE = 2, 4  # PORT and those counted from it
QUICK_SECONDS = 5.5  # as granian counts it
LOG: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"none": {"class": "logging.NullHandler"}},
    "loggers": {"_granian": {"handlers": ["none"], "level": "WARNING", "propagate": True}},
}


def serve() -> int:
    """Serve until SIGTERM or SIGINT. Returns the exit code."""
    free_or_exit([("PORT", settings.BIND, settings.PORT)])
    on_sqlite = connection.vendor == "sqlite"
    application = get_wsgi_application()
    importlib.import_module(settings.ROOT_URLCONF)  # loads every page once, before the processes are forked
    moving.begin()
    ballast.keep()
    if on_sqlite:
        replies.take_over()
    with contextlib.suppress(DatabaseError):  # one that is away is waited for by whoever asks it
        places.tree()  # the city is read once, before the fork, and shared
    connections.close_all()
    gc.collect()
    gc.freeze()  # the collector leaves alone what all processes share: a page it writes to is a page that each has for itself

    def loaded() -> Any:
        """Runs in each web process, after the fork."""
        _begin_in_child(with_worker=on_sqlite)
        return application

    server = _server(1 if on_sqlite else settings.WEB_PROCESSES)
    keeper = []
    if not settings.KEEPER:  # with a place of its own it is another user's, and started by them
        keeper.append(beside.Beside([sys.executable, "-m", "minan.kernel.keeper", "--served", str(vault.folder())]))
        server.on_startup(keeper[0].start)
    forked = beside.all_wanted()
    if not on_sqlite:
        forked.insert(0, beside.Beside(beside.command("worker"), first=partial(behind.alone, os.getpid())))
    for process in forked:  # before the server opens its port, which is not theirs to hold, and before there are threads
        process.begin()
    for process in forked:
        process.watcher.start()
    server.on_startup(threading.Thread(target=_announce, daemon=True).start)
    try:
        server.serve(target_loader=loaded, wrap_loader=False)
    finally:
        beside.stop_all(forked)
        beside.stop_all(keeper)  # last: what is in hand elsewhere may still be sealed
    return 0


def _server(workers: int) -> Any:
    """The web server, which goes on when one of its processes dies."""
    server = Granian(
        "minan.wsgi:application",
        address=settings.BIND,
        port=settings.PORT,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=settings.THREADS + (hanging.SPARE if settings.DATABASE_URL else 0),
        blocking_threads_idle_timeout=600,  # a thread keeps its database connection
        backpressure=256,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_dictconfig=LOG,
        log_level=LogLevels.warning,
        http1_settings=HTTP1Settings(header_read_timeout=10_000),
        websockets=False,
    )
    server.respawned_wrks = Patient()
    return server


class Patient(dict[int, float]):
    """When each web process was started again. Granian ends the whole server where one dies twice within QUICK_SECONDS; we start it once
    more, a little later: whoever calls for help finds nobody to start a server by hand."""

    def get(self, idx: int, default: Any = 0.0) -> Any:
        """Asked before a web process is started again: never too soon, but slower."""
        if time.monotonic() - super().get(idx, default) <= QUICK_SECONDS:
            time.sleep(WATCH_SECONDS)
        return float("-inf")


def _announce() -> None:
    """One line on standard output as soon as /healthz answers."""
    time.sleep(0.15)  # the processes are forked in this moment: no lock may be held then
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        with contextlib.suppress(OSError, http.client.HTTPException):
            asking = http.client.HTTPConnection(_reachable(), settings.PORT, timeout=5)
            asking.request("GET", "/healthz")
            if asking.getresponse().status in (200, 404):
                print(f"ready http://{_reachable()}:{settings.PORT}", flush=True)
                return
        time.sleep(0.05)
    print(f"not ready after {READY_SECONDS} s; ask /healthz what is wrong", file=sys.stderr, flush=True)


def _reachable() -> str:
    return "127.0.0.1" if settings.BIND == "0.0.0.0" else settings.BIND  # noqa: S104 compared, not bound


def free_or_exit(doors: list[tuple[str, str, int]]) -> None:
    """Ends with one sentence where another program listens on one of these: (setting, address, port). What this city was stopped a
    moment ago has up to LEAVING_SECONDS to go."""
    until = time.monotonic() + LEAVING_SECONDS
    while taken := next((one for one in doors if not _free(one[1], one[2])), None):
        if time.monotonic() > until:
            setting, _, port = taken
            other = f"{setting}={port + 100}" if setting != "PORT" and os.environ.get(setting) else f"PORT={_another()}"
            sys.exit(f"something else listens on port {port} ({setting}): stop it, or give another, such as {other}")
        time.sleep(0.1)


def _another() -> int:
    """A PORT whose own ports beside it are free too, looked for in a few steps."""
    ways = [settings.PORT + step for step in range(100, 2_100, 100)]
    return next((port for port in ways if all(_free(settings.BIND, port + n) for n in range(PORTS_BESIDE))), ways[0])


def _free(address: str, port: int) -> bool:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((address, port))
        except OSError:
            return False
    return True


def _begin_in_child(with_worker: bool) -> None:
    stop = threading.Event()
    if with_worker:
        threading.Thread(target=worker.run, args=(stop,), name="worker").start()
    threading.Thread(target=_watch, args=(os.getppid(), stop), name="watch").start()


def _watch(parent: int, stop: threading.Event) -> None:
    """Stop the worker when this process ends, and this process when the one that started it is gone."""
    main = threading.main_thread()
    while main.is_alive():
        main.join(WATCH_SECONDS)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)
            break
    stop.set()
