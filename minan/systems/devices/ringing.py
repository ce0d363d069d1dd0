"""From an alarm on the bus to a case: one a device and alarm while it is open, told at most once a minute, with how often it sounded."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from minan.kernel.access import CLOCK
from minan.kernel.act import Opened, act, open_case
from minan.kernel.bus import Heard
from minan.kernel.models import Case, Event
from minan.systems.devices import ears, kinds, telling
from minan.systems.devices.models import Device, Ring
from minan.systems.devices.words_of import Said, Unreadable, read, rings

ALERT = timedelta(seconds=60)  # at most one a device


class NotTaken(RuntimeError):
    """The one door did not take an alarm: it is tried again, then parked."""


def alarms(heard: list[Heard]) -> None:
    """Every alarm message of a turn. Raises Unreadable where it says neither on nor off."""
    pairs = ears.known.of(heard)
    words = [(one, device, read(one.payload)) for one, device in pairs]
    if any(rings(said) is None for _, _, said in words):
        raise Unreadable("neither on nor off")
    ears.alive(pairs)
    for one, device, said in words:
        with transaction.atomic():
            _take(one, device, said)


def _take(one: Heard, device: Device, said: Said) -> None:
    if not ears.newer(device, said, "alarm_no"):
        ears.left["replayed"] += one.times
        return
    name = kinds.alarm_of(device.kind, str(said.more.get("alarm", "")))
    if rings(said):
        sound(device, name, one.at, one.times, said)
    else:
        stop(device, name, one.at)


def _open_ring(device: Device, name: str) -> tuple[Ring, Case] | None:
    """The alarm that stands; one whose case was closed stands no more."""
    ring = Ring.objects.filter(device=device, alarm=name).first()
    if ring is None:
        return None
    case = Case.objects.filter(county=ring.county, id=ring.case_id).first()
    if case is None or not case.open:
        ring.delete()
        return None
    return ring, case


def sound(device: Device, name: str, at: datetime, times: int = 1, said: Said | None = None) -> Case:
    """It sounds: a new case, or the one that is open, told again where the last word is a minute old."""
    with transaction.atomic():
        found = _open_ring(device, name)
        if found is None:
            return _begin(device, name, at, times, ears.skewed(said, at) if said else 0)
        ring, case = found
        ring.times, ring.at = ring.times + times, max(ring.at, at)
        due = at - ring.told_at >= ALERT
        if due:
            done = act(
                case, "again", by=CLOCK, facts={"times": ring.times}, key=f"again:{case.code}:{ring.times}", at=max(at, case.changed_at)
            )
            ring.told_at = at if isinstance(done, Event) else ring.told_at
        ring.save(update_fields=["times", "at", "told_at"])
        if due:
            transaction.on_commit(lambda: telling.sounds(case, device, name, ring.times, ring.since))
    return case


def _begin(device: Device, name: str, at: datetime, times: int, skew: int) -> Case:
    facts = {"device": device.id, "alarm": name, "unit": device.unit, "place": device.place, "mounted": device.mounted}
    key = f"alarm:{device.id}:{name}:{at:%Y%m%d%H%M%S%f}"
    opened = open_case("alarm", by=CLOCK, facts=facts | ({"skew": skew} if skew else {}), channel="device", key=key, at=at)
    if not isinstance(opened, Opened):
        raise NotTaken(f"{opened.reason.en} {opened.errors}")
    case = opened.case
    Ring.objects.create(
        device=device, alarm=name, county=case.county, case_id=case.id, code=case.code, since=at, at=at, told_at=at, times=times
    )
    transaction.on_commit(lambda: telling.sounds(case, device, name, times, at))
    return case


def stop(device: Device, name: str, at: datetime) -> None:
    """It stopped: the case knows, and stays until somebody settles it."""
    found = _open_ring(device, name)
    if found is not None and found[1].facts.get("sounding"):
        act(found[1], "cleared", by=CLOCK, key=f"cleared:{found[1].code}:{found[0].times}", at=max(at, found[1].changed_at))
