"""Takes what waits to its partner: a call each, or one file a batch; tried again with growing pauses, then parked.

A message is claimed before it goes (tries, next try), so that a worker that dies in between leaves it to the next turn, which sends
the same id again: the partner counts ids.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from minan.channels.exchange import acks, answers, calling, known, places_on_disk
from minan.channels.exchange.models import Sent
from minan.channels.exchange.partners import Partner, PartnersError
from minan.kernel.directory import LOCAL
from minan.lib.uuid7 import uuid7

TRIES = 8
WAIT = (30, 120, 600, 1800, 3600, 10_800, 21_600, 43_200)  # seconds before the next try; about a day in all
CALLS, BATCH, BUDGET = 20, 500, 4.0  # calls a turn, rows a file, seconds a turn
REST, REST_MOST = 30, 600  # seconds a partner that does not answer at all is left alone

log = logging.getLogger("minan.exchange")
_down: dict[str, tuple[int, datetime]] = {}  # partner → failures in a row, until when nobody calls
_said = {"faults": ""}  # so that a wrong partners.toml is logged once and not twice a second


def forget() -> None:
    """Every partner may be called again (tests; a person pressed the button)."""
    _down.clear()


def due(now: datetime) -> set[str]:
    """The partners for whom something waits. One query."""
    rows = Sent.objects.filter(state="waiting", next_at__lte=now)
    return set(rows.values_list("partner", flat=True).distinct())


def turn(now: datetime) -> int:
    """What the worker calls; returns how many messages were tried."""
    waiting = due(now)
    if not waiting:
        return 0
    try:
        partners = known.partners()
    except PartnersError as error:
        if _said["faults"] != str(error):
            _said["faults"] = str(error)
            log.error("partners.toml is wrong; nothing is sent", extra={"error": str(error)[:300]})
        return 0
    until, done = time.monotonic() + BUDGET, 0
    for code in sorted(waiting & partners.keys()):
        partner = partners[code]
        if (code in _down and _down[code][1] > now) or (
            partner.way_out == "call" and not known.keys(code).get("out_key")
        ):
            continue  # it rests; or it has no key yet, which the doctor says
        done += call_waiting(partner, now, until) if partner.way_out == "call" else file_waiting(partner, now)
    return done


# ---- calls


def _claimed(sent: Sent, now: datetime) -> bool:
    """One worker, one try."""
    wait = timedelta(seconds=WAIT[min(sent.tries, len(WAIT) - 1)])
    rows = Sent.objects.filter(id=sent.id, state="waiting", tries=sent.tries, next_at__lte=now)
    return rows.update(tries=F("tries") + 1, next_at=now + wait) == 1


def call_waiting(partner: Partner, now: datetime, until: float) -> int:
    """Call for what is due, oldest try first; stops where the partner is down or the turn's time is used up."""
    rows = Sent.objects.select_related("foreign").filter(partner=partner.code, state="waiting", next_at__lte=now)
    done = 0
    for sent in rows.order_by("next_at", "id")[:CALLS]:
        if time.monotonic() > until:
            break
        if _claimed(sent, now):
            done += 1
            sent.tries += 1
            if not _called(partner, sent, now):
                break
    return done


def _called(partner: Partner, sent: Sent, now: datetime) -> bool:
    """One call and what came of it; False where the partner as a whole is down."""
    try:
        row = answers.row(partner, sent)
        Sent.objects.filter(id=sent.id).update(payload=hashlib.sha256(json.dumps(row).encode()).hexdigest())
        said = calling.deliver(partner, sent.id.hex, row)
    except answers.Erased:
        acks.park(sent, "原文已过保存期", now)
        return True
    except calling.Failed as failed:
        Sent.objects.filter(id=sent.id).update(error=str(failed)[:200])
        if sent.tries >= TRIES:
            acks.park(sent, str(failed), now)
        if failed.down:
            fails = _down.get(partner.code, (0, now))[0] + 1
            _down[partner.code] = fails, now + timedelta(seconds=min(REST * 2 ** (fails - 1), REST_MOST))
        log.warning(
            "answer not taken", extra={"partner": partner.code, "tries": sent.tries, "error": str(failed)[:120]}
        )
        return not failed.down
    _down.pop(partner.code, None)
    acks.take(partner, sent, said.result, said.reason, now)
    return True


# ---- files


def _batch(partner: Partner, now: datetime) -> str:
    """The batch to be written now: one that was begun and not finished, else a new one of all that waits."""
    rows = Sent.objects.filter(partner=partner.code, state="waiting", next_at__lte=now)
    begun = rows.exclude(batch="").order_by("batch").values_list("batch", flat=True).first()
    if begun:
        return str(begun)
    name = f"{partner.code}-{now.astimezone(LOCAL):%Y%m%d}-{uuid7().hex[-12:]}"
    ids = list(rows.filter(batch="").order_by("id").values_list("id", flat=True)[:BATCH])
    return (
        name
        if Sent.objects.filter(id__in=ids, batch="", state="waiting").update(batch=name, tries=F("tries") + 1)
        else ""
    )


def file_waiting(partner: Partner, now: datetime) -> int:
    """Write one file with its manifest, each whole or not at all, then say that it went; a name is never used for two batches."""
    name = _batch(partner, now)
    batch = (
        list(
            Sent.objects.select_related("foreign")
            .filter(partner=partner.code, batch=name, state="waiting")
            .order_by("id")
        )
        if name
        else []
    )
    rows, going = [], []
    for sent in batch:
        try:
            rows.append(answers.row(partner, sent))
            going.append(sent)
        except answers.Erased:
            acks.park(sent, "原文已过保存期", now)
    if not going:
        return len(batch)
    data = answers.written(partner, rows)
    try:
        _put(partner, name, data, going)
    except OSError as error:
        Sent.objects.filter(id__in=[one.id for one in going]).update(error=f"{type(error).__name__}: {error}"[:200])
        _down[partner.code] = 1, now + timedelta(seconds=REST)
        log.error("answers not written", extra={"partner": partner.code, "error": type(error).__name__})
        return 0
    with transaction.atomic():
        for sent in going:
            Sent.objects.filter(id=sent.id).update(payload=hashlib.sha256(data).hexdigest())
            acks.take(partner, sent, acks.RECEIVED, "", now)
    return len(batch)


def _put(partner: Partner, name: str, data: bytes, going: list[Sent]) -> None:
    """The manifest last: where it lies, the file is whole."""
    out = places_on_disk.folder(partner.code, "out")
    places_on_disk.put(out / f"{name}.{partner.format}", data)
    manifest = {
        "file": f"{name}.{partner.format}", "sha256": hashlib.sha256(data).hexdigest(), "rows": len(going),
        "made_at": max(one.made_at for one in going).isoformat(), "messages": [one.id.hex for one in going],
    }  # fmt: skip
    places_on_disk.put(out / f"{name}.manifest.json", json.dumps(manifest, indent=1).encode())
