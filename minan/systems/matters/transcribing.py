"""机器转写, where the city has a program for it: what it hears is a proposal to the clerk who writes the recording down, and nothing else.

MINAN_TRANSCRIBE names a program on this machine: a recording on its input (its kind in MIME_TYPE), UTF-8 text on its output. It gets no
name, no number, no key of ours; it has LIMIT_SECONDS, and what it says beyond LETTERS_MOST is cut. Where it fails nothing is lost.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shlex
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from minan.kernel import attachments, sounds
from minan.kernel.access import CLOCK
from minan.kernel.act import act
from minan.kernel.models import Attachment, Case
from minan.lib.text import neutral
from minan.lib.uuid7 import uuid7_at
from minan.systems.matters import spoken

LIMIT_SECONDS, LOOK_SECONDS = 300.0, 1.0
LETTERS_MOST = 4000
BATCH = 50
AGE = timedelta(days=1)  # an older one was listened to long ago, or the clerk's clock says so
PROCEDURE = "matter"

log = logging.getLogger("minan.transcribe")
Beat = Callable[[], bool]  # told every second; True: stop


def waiting(now: datetime, tried: set[UUID]) -> list[tuple[Case, Attachment]]:
    """The recordings of the last day that nobody wrote down and no machine heard, oldest first. Two queries."""
    since = uuid7_at((now - AGE).timestamp())
    found = Attachment.objects.filter(id__gt=since, mime__startswith=sounds.KIND).exclude(id__in=tried).order_by("id")
    rows = list(found[:BATCH])
    cases = {case.id: case for case in Case.objects.filter(id__in={row.case_id for row in rows}, procedure=PROCEDURE, closed_at=None)}
    out = []
    for row in rows:
        case = cases.get(row.case_id)
        if case is not None and spoken.unheard(case.facts, row.n):
            out.append((case, row))
        else:
            tried.add(row.id)
    return out


def heard(sound: bytes, mime: str, beat: Beat) -> str:
    """What the program makes of a sound; "" where it says nothing, fails, takes too long, or we are to stop."""
    few = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "MIME_TYPE": mime}
    until, given = time.monotonic() + LIMIT_SECONDS, bytes(sound) or None
    try:
        child = subprocess.Popen(
            shlex.split(settings.TRANSCRIBE), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            cwd="/", env=few, start_new_session=True,
        )  # fmt: skip
    except (OSError, ValueError) as error:  # ValueError: a quotation mark of the setting is not closed
        log.warning("no transcript", extra={"error": type(error).__name__})
        return ""
    while True:
        try:
            said, _ = child.communicate(given, timeout=LOOK_SECONDS)
            break
        except subprocess.TimeoutExpired:
            given = None  # what is left of it is still being written
            if beat() or time.monotonic() > until:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)
                child.communicate()
                log.warning("no transcript", extra={"error": "time"})
                return ""
    if child.returncode:
        log.warning("no transcript", extra={"error": f"exit {child.returncode}"})
        return ""
    return neutral(said.decode("utf-8", "replace")).strip()[:LETTERS_MOST]


def turn(now: datetime, tried: set[UUID], beat: Beat) -> int:
    """Hear one recording; returns how many. `tried` remembers those that are done with, until this process ends."""
    for case, row in waiting(now, tried)[:1]:
        tried.add(row.id)
        path = attachments.path_of(row.sha256)
        words = heard(path.read_bytes(), row.mime, beat) if path.is_file() else ""
        if words:
            fresh = Case.objects.get(county=case.county, id=case.id)
            facts = {"words": words, "of": row.n}
            act(fresh, spoken.TRANSCRIBED, by=CLOCK, facts=facts, key=f"heard:{row.id.hex}", at=max(now, fresh.changed_at))
        return 1
    return 0
