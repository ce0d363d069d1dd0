"""Who has not spoken for three beats is out of order: a case with a clock, by the worker's turn, never while nobody listened.

Many of one place that fall silent together are one case of the place: a power cut, or the network, is not fifty broken devices.
"""

from __future__ import annotations

import logging
import time
from collections import Counter, defaultdict
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count

from minan.kernel.access import CLOCK
from minan.kernel.act import Opened, open_case
from minan.kernel.models import BusEar, Case
from minan.systems.devices import kinds
from minan.systems.devices.models import Device, Ring

LOOK_SECONDS = 5.0
DEAF_SECONDS = 20  # the bus said nothing of itself for so long: nobody listens
TOGETHER, SHARE = 10, 0.5  # so many of one place, and such a part of all there, are one case
URGENT = frozenset({"smoke", "lift", "button", "gateway"})
MOST = 100  # a turn
_looked = [0.0]
log = logging.getLogger("minan.devices")
left: Counter[str] = Counter()  # faults that the one door did not take, by its rule; counted by this process


def listening(now: datetime) -> datetime | None:
    """Since when this city hears its devices; None: it does not."""
    ear = BusEar.objects.filter(pk=1).first()
    return ear.since if ear is not None and now - ear.at < timedelta(seconds=DEAF_SECONDS) else None


def look(now: datetime) -> int:
    """The worker's turn: every LOOK_SECONDS."""
    if time.monotonic() - _looked[0] < LOOK_SECONDS:
        return 0
    _looked[0] = time.monotonic()
    return sweep(now)


def sweep(now: datetime) -> int:
    """Open a case for every device that fell silent while somebody listened; returns how many cases."""
    due = Device.objects.filter(live=True, fault="", silent_at__lte=now)
    found = list(due.order_by("silent_at")[: MOST * 5])
    since = listening(now) if found else None
    if since is None:
        return 0
    found = [d for d in found if since + timedelta(seconds=kinds.silent_after(d.beat)) <= now]
    by_place: dict[str, list[Device]] = defaultdict(list)
    for device in found:
        by_place[device.place].append(device)
    many = [place for place, some in by_place.items() if len(some) >= TOGETHER]
    counted = Device.objects.filter(live=True, place__in=many).values("place").annotate(n=Count("id"))
    living = {row["place"]: row["n"] for row in counted} if many else {}
    done = 0
    for place, some in by_place.items():
        if len(some) >= TOGETHER and len(some) > SHARE * living[place]:
            done += begin(some, "area", now) is not None
            continue
        for device in some[:MOST]:
            done += begin([device], "silent", now) is not None
    return done


def begin(devices: list[Device], why: str, now: datetime) -> Case | None:
    """One case for these, which lie in one place. None: refused, which is logged and counted; the next turn tries again."""
    one = devices[0]
    mounted = one.mounted if len(devices) == 1 else f"{len(devices)} 台设备（{one.mounted} 等）"
    urgent = any(d.kind in URGENT for d in devices)
    facts = {"device": one.id, "why": why, "unit": one.unit, "place": one.place, "mounted": mounted, "urgent": urgent}
    with transaction.atomic():
        opened = open_case("fault", by=CLOCK, facts=facts, channel="device", key=f"fault:{one.id}:{why}:{now:%Y%m%d%H%M%S}", at=now)
        if not isinstance(opened, Opened):
            left[opened.rule or "refused"] += 1
            more = {"device": one.id, "why": why, "reason": opened.reason.en, "errors": str(opened.errors)}
            log.error("no case of a silent device", extra=more)
            return None
        Device.objects.filter(pk__in=[d.pk for d in devices]).update(fault=opened.case.code)
    return opened.case


# ---- how a device does


def light(device: Device, now: datetime, since: datetime | None, rings: set[str]) -> str:
    """green, yellow (a beat or more is missing), red (it sounds, or is out of order), "" where nobody knows: never green for unknown."""
    if not device.live:
        return "off"
    if device.id in rings or device.fault:
        return "red"
    if device.heard_at is None or since is None:
        return ""
    if device.silent_at is not None and device.silent_at <= now:
        listened = since + timedelta(seconds=kinds.silent_after(device.beat)) <= now
        return "red" if listened else ""
    missed = (now - device.heard_at).total_seconds() / device.beat
    return "yellow" if missed > 1.5 or device.lost_at or device.skew else "green"


def sounding(devices: list[Device]) -> set[str]:
    """Which of them have an open alarm. One query."""
    return set(Ring.objects.filter(device__in=devices).values_list("device_id", flat=True))
