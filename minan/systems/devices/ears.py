"""What devices say, taken in: signs of life, last values, descriptions, alarms. Called by the process of the bus, many at once.

Values are written when they change or are a minute old, all of one turn in one transaction; a sign of life when half a beat is
over. Nothing else of what a device says is kept.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Literal

from django.db import transaction

from minan.kernel.access import CLOCK
from minan.kernel.act import act
from minan.kernel.bus import Heard
from minan.kernel.models import Case
from minan.systems.devices import kinds
from minan.systems.devices.models import Device, Value, Waiting
from minan.systems.devices.words_of import Said, Unreadable, described, read

KNOWN_SECONDS = 10.0  # how old the list of devices in memory may be
VALUE_SECONDS = 60.0  # a value that did not change is written again after this
SKEW_SECONDS = 300  # a clock that is this wrong is told
CHUNK = 500
WAITING_MOST = 500  # announced devices that wait

# Why something was not taken in, counted by this process (the bench and the tests read it).
left: Counter[str] = Counter()


class Known:
    """The living devices by name, with what is needed to judge a message; read again every KNOWN_SECONDS."""

    def __init__(self) -> None:
        self.rows: dict[str, Device] = {}
        self.read_at = -KNOWN_SECONDS
        self.beaten: dict[str, datetime] = {}  # device → the sign of life that was written last
        self.values: dict[tuple[str, str], tuple[str, datetime]] = {}

    def forget(self) -> None:
        self.__init__()  # type: ignore[misc]

    def all(self, *, fresh: bool = False) -> dict[str, Device]:
        if fresh or time.monotonic() - self.read_at > KNOWN_SECONDS:
            self.rows = {d.id: d for d in Device.objects.filter(live=True)}
            self.read_at = time.monotonic()
            self.values = {key: value for key, value in self.values.items() if key[0] in self.rows}
        return self.rows

    def of(self, heard: Iterable[Heard]) -> list[tuple[Heard, Device]]:
        """Those of devices that are registered, live and in their place; the others are left out and counted."""
        rows = self.all()
        found, missed = [], False
        for one in heard:
            device = rows.get(one.device)
            if device is None and not missed and time.monotonic() - self.read_at > 1.0:
                missed, rows = True, self.all(fresh=True)  # registered a moment ago
                device = rows.get(one.device)
            if device is None or device.place != one.area:
                left["unknown"] += one.times
                continue
            found.append((one, device))
        return found


known = Known()


def alive(pairs: Iterable[tuple[Heard, Device]]) -> None:
    """Signs of life: who fell silent and speaks again is told to their case; the moment is written for many at once.

    What this process remembers of it is remembered when it is written: a transaction that failed leaves no sign of life behind.
    """
    due: dict[int, list[str]] = defaultdict(list)
    latest: dict[str, datetime] = {}
    for heard, device in pairs:
        latest[device.id] = max(heard.at, latest.get(device.id, heard.at))
    rows = known.rows
    for name, at in latest.items():
        device, before = rows[name], known.beaten.get(name)
        if device.fault:
            speaks_again(device, at)
        elif before is not None and at - before < timedelta(seconds=device.beat / 2):
            continue
        due[device.beat].append(name)
    beaten = {name: latest[name] for names in due.values() for name in names}
    transaction.on_commit(lambda: known.beaten.update(beaten))
    for beat, names in due.items():
        at = max(latest[name] for name in names)
        silent = at + timedelta(seconds=kinds.silent_after(beat))
        for n in range(0, len(names), CHUNK):
            Device.objects.filter(pk__in=names[n : n + CHUNK]).update(heard_at=at, silent_at=silent, lost_at=None)


def speaks_again(device: Device, at: datetime) -> None:
    """The fault's case hears of it; one that nobody looked at yet is over, and the others of an area get three beats to follow."""
    case = Case.objects.filter(code=device.fault).first()
    if case is not None and case.open:
        step = "back" if case.state == "silent" else "speaks"
        if case.facts.get("why") == "wrong" or (step == "speaks" and case.facts.get("speaks")):
            return
        act(case, step, by=CLOCK, key=f"{step}:{case.code}:{case.moves}", at=max(at, case.changed_at))
        if step == "speaks":
            return
        for other in Device.objects.filter(fault=device.fault).exclude(pk=device.pk):
            Device.objects.filter(pk=other.pk).update(fault="", silent_at=at + timedelta(seconds=kinds.silent_after(other.beat)))
    Device.objects.filter(pk=device.pk).update(fault="")
    transaction.on_commit(lambda: setattr(device, "fault", ""))


def newer(device: Device, said: Said, lane: Literal["alarm_no", "value_no"]) -> bool:
    """False: a number this device gave before in this lane: an old message, said again by somebody.

    Asked in the transaction of what is done with the message: one that failed and is tried again is not old.
    """
    return said.n is None or Device.objects.filter(**{"pk": device.pk, f"{lane}__lt": said.n}).update(**{lane: said.n}) == 1


def skewed(said: Said, at: datetime) -> int:
    """Seconds by which the device's clock is wrong; 0 where it is right, or says nothing. It decides nothing."""
    apart = int((said.at - at).total_seconds()) if said.at else 0
    return max(-(2**31), min(2**31 - 1, apart)) if abs(apart) >= SKEW_SECONDS else 0


def _fresh(said: list[tuple[Heard, Device, Said]]) -> dict[tuple[str, str], tuple[Said, datetime]]:
    """(device, property) → what is to be written: it changed, or was written a minute ago."""
    fresh: dict[tuple[str, str], tuple[Said, datetime]] = {}
    for one, device, word in said:
        if not newer(device, word, "value_no"):
            left["replayed"] += one.times
            continue
        before = known.values.get((device.id, one.prop))
        if before and before[0] == word.value and one.at - before[1] < timedelta(seconds=VALUE_SECONDS):
            continue
        fresh[device.id, one.prop] = word, one.at
    return fresh


def values(heard: list[Heard]) -> None:
    """Last values and signs of life. Raises Unreadable where one of several cannot be read: then each comes alone."""
    pairs = known.of(heard)
    said = [(one, device, read(one.payload)) for one, device in pairs if one.prop not in kinds.SIGNS]
    with transaction.atomic():
        fresh = _fresh(said)
        alive(pairs)
        rows = [Value(device_id=device, prop=prop, value=word.value, at=at) for (device, prop), (word, at) in sorted(fresh.items())]
        Value.objects.bulk_create(rows, CHUNK, update_conflicts=True, unique_fields=["device", "prop"], update_fields=["value", "at"])
        for (device, _prop), (word, at) in fresh.items():
            if (apart := skewed(word, at)) != known.rows[device].skew:
                Device.objects.filter(pk=device).update(skew=apart)
                known.rows[device].skew = apart
    known.values |= {key: (word.value, at) for key, (word, at) in fresh.items()}


def states(heard: list[Heard]) -> None:
    """online and offline; offline is what the broker says in the name of a device that went (last will). A later word takes it back."""
    for one, device in known.of(heard):
        if read(one.payload).value.casefold() == "offline":
            Device.objects.filter(pk=device.pk).update(lost_at=one.at)
            known.beaten.pop(device.id, None)
        else:
            alive([(one, device)])


def configs(heard: list[Heard]) -> None:
    """What a device tells about itself. A gateway may announce others (config/<name>): they wait until somebody registers them."""
    for one, device in known.of(heard):
        if not one.payload:
            continue
        properties, about = described(one.payload)
        _, _, name = one.prop.partition("/")
        if not name:
            changed = {"properties": properties} | {k: v for k, v in about.items() if k in ("maker", "serial") and not getattr(device, k)}
            Device.objects.filter(pk=device.pk).update(**changed)
        elif device.kind == "gateway":
            announce(device, name, {"properties": properties} | about, one.at)
        else:
            raise Unreadable("only a gateway announces others")


def announce(gateway: Device, name: str, config: dict[str, object], at: datetime | None = None) -> None:
    """Put a device that nobody registered in the waiting list; at most WAITING_MOST wait."""
    now = at or datetime.now(UTC)
    if Device.objects.filter(pk=name).exists():
        return
    row = Waiting.objects.filter(pk=name).first()
    if row is not None:
        Waiting.objects.filter(pk=name).update(times=row.times + 1, at=now, config=config)
    elif Waiting.objects.count() < WAITING_MOST:
        Waiting.objects.create(id=name, gateway=gateway.id, place=gateway.place, config=config, first_at=now, at=now)
    else:
        left["waiting"] += 1
