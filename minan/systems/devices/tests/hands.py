"""Hands of the tests of devices: a device registered, what it says, and time that stands still."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from minan.kernel import access, bus, worker
from minan.kernel.act import act
from minan.kernel.models import BusEar, Case, Event
from minan.systems.devices import ears, registry
from minan.systems.devices.models import Device

VILLAGE, POINT, STATION, POLICE = "131022100010", "131022100010-point", "131022100-station", "131022100-police"
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


def device(kind: str = "smoke", **more: Any) -> Device:
    """Registered, and listened to for an hour."""
    BusEar.objects.update_or_create(pk=1, defaults={"since": NOW - timedelta(hours=1), "at": NOW})
    facts = {"kind": kind, "place": VILLAGE, "unit": POINT, "mounted": "3 号楼 2 单元楼道"} | more
    made, secret = registry.enter("", **facts)
    assert secret
    ears.known.forget()
    return made


def says(one: Device, prop: str, payload: Any = "", after: float = 0.0) -> None:
    """The device says it, `after` seconds after NOW."""
    ears.known.read_at = -1e9  # what another process wrote is read
    text = payload if isinstance(payload, str) else json.dumps(payload)
    bus.hand_over(bus.topic(one.place, one.id, prop), text, NOW + timedelta(seconds=after))
    one.refresh_from_db()


def only(procedure: str) -> Case:
    return Case.objects.get(procedure=procedure)


def goes(case: Case, step: str, who: Any, after: float = 600.0, **facts: Any) -> Any:
    """The step as a person takes it (None: the clock); the event, or the refusal."""
    by = access.actor(who) if who is not None else access.CLOCK
    case.refresh_from_db()
    done = act(case, step, by=by, facts=facts, at=max(NOW + timedelta(seconds=after), case.changed_at))
    case.refresh_from_db()
    return done


def took(case: Case, step: str, who: Any, after: float = 600.0, **facts: Any) -> Event:
    done = goes(case, step, who, after, **facts)
    assert isinstance(done, Event), (step, done)
    return done


def settle(after: float = 600.0) -> None:
    worker.settle(NOW + timedelta(seconds=after))


def listened(after: float) -> datetime:
    """Somebody still listens at that moment, which is returned."""
    now = NOW + timedelta(seconds=after)
    BusEar.objects.filter(pk=1).update(at=now)
    return now
