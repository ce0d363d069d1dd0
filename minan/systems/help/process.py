"""The help lane's process: its socket, its journal, its channels; the records in a thread of their own (kernel/beside.py starts it)."""

from __future__ import annotations

import fcntl
import logging
import os
import threading
import time

from django.conf import settings
from django.db import connections

from minan.systems.help import book, rungs, sealing, spool

NAME = "help"
TURN_MOST = 0.5  # seconds between two looks at the spool and the clock
log = logging.getLogger("minan.help")


def wanted() -> bool:
    """A city that has the folder has the lane."""
    return True


def _alone(stop: threading.Event) -> int:
    """The one lane of this DATA; who comes second waits until the first is gone."""
    from minan.kernel import beside  # it imports every process.py, this one too

    held = os.open(sealing.room() / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    while not stop.is_set():
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except OSError:
            beside.beat(NAME)
            stop.wait(0.2)
    return held


def run(stop: threading.Event) -> None:
    """Until told to stop: take, ring, write down. Loaded here and not above: other processes read this file for its name."""
    from minan.kernel import beside, bus  # as above
    from minan.systems.help import buttons, record, sends, wire  # other processes read this file for its name alone
    from minan.systems.help.journal import Journal, size_of  # as above
    from minan.systems.help.lane import Lane  # as above

    connections.close_all()
    held = _alone(stop)
    spool.reserve()
    rungs.pace(settings.HELP_RUNG_SECONDS)
    lane = Lane(Journal(sealing.room(), size_of(sealing.room())), sends.Channels())
    lane.book = book.load()
    lane.load()
    server = wire.Server(lane.take)
    server.begin()
    threading.Thread(target=record.run, args=(lane, stop), name="help-records", daemon=True).start()
    ears = buttons.listen(bus, lane)
    while not stop.is_set():
        beside.beat(NAME)
        lane.news.clear()
        lane.collect()
        due = lane.turn()
        lane.news.wait(TURN_MOST if due is None else min(TURN_MOST, max(0.005, due - time.time())))
    server.shutdown()
    if ears is not None:
        ears.close()
    os.close(held)
