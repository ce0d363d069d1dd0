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
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection, connections
from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from minan.kernel import ballast, moving, replies, vault, worker
from minan.kernel.commands import worker as behind
from minan.lib import starters

READY_SECONDS, STOP_SECONDS, WATCH_SECONDS = 60, 15, 1
LASTED_SECONDS, PAUSE_MOST = 3, 15  # of a process beside
LOG: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"none": {"class": "logging.NullHandler"}},
    "loggers": {"_granian": {"handlers": ["none"], "level": "WARNING", "propagate": True}},
}


def serve() -> int:
    """Serve until SIGTERM or SIGINT. Returns the exit code."""
    if not _free(settings.BIND, settings.PORT):
        sys.exit(f"something else listens on port {settings.PORT}: give another, such as PORT={settings.PORT + 123}")
    on_sqlite = connection.vendor == "sqlite"
    application = get_wsgi_application()
    importlib.import_module(settings.ROOT_URLCONF)  # loads every page once, before the processes are forked
    moving.begin()
    ballast.keep()
    if on_sqlite:
        replies.take_over()
    connections.close_all()
    gc.collect()
    gc.freeze()  # the collector leaves alone what all processes share: a page it writes to is a page that each has for itself

    def loaded() -> Any:
        """Runs in each web process, after the fork."""
        _begin_in_child(with_worker=on_sqlite)
        return application

    server = Granian(
        "minan.wsgi:application",
        address=settings.BIND,
        port=settings.PORT,
        interface=Interfaces.WSGI,
        workers=1 if on_sqlite else settings.WEB_PROCESSES,
        blocking_threads=settings.THREADS,
        blocking_threads_idle_timeout=600,  # a thread keeps its database connection
        backpressure=256,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_dictconfig=LOG,
        log_level=LogLevels.warning,
        http1_settings=HTTP1Settings(header_read_timeout=10_000),
        websockets=False,
    )
    beside = []
    if not settings.KEEPER:  # with a place of its own it is another user's, and started by them
        beside.append(Beside([sys.executable, "-m", "minan.kernel.keeper", "--served", str(vault.folder())]))
        server.on_startup(beside[0].start)
    if not on_sqlite:
        beside.append(Beside([sys.executable, "-m", "minan", "worker", "--with-parent"], first=partial(behind.alone, os.getpid())))
        beside[-1].start()  # before the server opens its port, which is not the worker's to hold
    server.on_startup(threading.Thread(target=_announce, daemon=True).start)
    try:
        server.serve(target_loader=loaded, wrap_loader=False)
    finally:
        for process in reversed(beside):
            process.stop()
    return 0


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


def _nothing() -> object:
    return None


class Beside:
    """A process beside the web processes, started again when it ends by itself: at once, and slower where it does not last.

    `first`: run in a fork at the first start, which shares the memory of all that is loaded; every later start is the command's.
    """

    def __init__(self, command: list[str], first: Callable[[], object] | None = None) -> None:
        self.command, self.first = command, first
        self.pid = 0
        self.wait: Callable[[], object] = _nothing
        self.stopping, self.watcher = threading.Event(), threading.Thread(target=self._keep, daemon=True)

    def start(self) -> None:
        """Start it, and somebody who watches it."""
        if self.first:
            self._fork(self.first)
        else:
            self._spawn()
        self.watcher.start()

    def stop(self) -> None:
        """End it; after STOP_SECONDS by force."""
        self.stopping.set()
        for name, seconds in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, WATCH_SECONDS)):
            if self.pid and self.watcher.is_alive():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.pid, name)
                self.watcher.join(seconds)

    def _spawn(self) -> None:
        process = subprocess.Popen(self.command, env=starters.told())
        self.pid, self.wait = process.pid, process.wait

    def _fork(self, work: Callable[[], object]) -> None:
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                work()
                code = 0
            finally:
                os._exit(code)
        self.pid, self.wait = pid, lambda: os.waitpid(pid, 0)

    def _keep(self) -> None:
        pause = WATCH_SECONDS
        while True:
            begun = time.monotonic()
            self.wait()
            pause = WATCH_SECONDS if time.monotonic() - begun > LASTED_SECONDS else min(pause * 2, PAUSE_MOST)
            if self.stopping.wait(pause):
                return
            self._spawn()
