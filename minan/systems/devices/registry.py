"""The register of devices: entering one, its key, taking it out; each an event of the house's register."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from minan.kernel import access, bus, directory, house, routing
from minan.kernel.bus.accounts import hashed
from minan.kernel.models import BusAccount, User
from minan.systems.devices.kinds import KINDS
from minan.systems.devices.models import Camera, Device, Ring, Waiting

LETTERS = "abcdefghjkmnpqrstvwxyz23456789"  # a name is read out on a ladder
KEEPERS = ("clerk", "supervisor", "operator")  # roles that enter devices of their own places
DESKS = (directory.POINT, directory.TOWN_DESK, directory.CITY_DESK)


def fresh_name(kind: str) -> str:
    """smoke-k7d2f9: the kind and six letters at random."""
    return f"{kind}-{''.join(secrets.choice(LETTERS) for _ in range(6))}"


def enter(by: str, name: str = "", **facts: Any) -> tuple[Device, str]:
    """Register a device: (it, the secret of its key, shown once). `facts`: kind, place, unit, mounted, beat, maker, serial, filings.

    `by`: who signs in as that; "" for the program. A camera's own facts come in `camera`.
    """
    kind = KINDS[facts["kind"]]
    camera = facts.pop("camera", None)
    facts["beat"] = min(facts.get("beat") or kind.beat, kind.most)
    name = name or fresh_name(facts["kind"])
    with transaction.atomic():
        device = Device.objects.create(id=name, made_at=datetime.now(UTC), **facts)
        if facts["kind"] == "camera":
            Camera.objects.create(device=device, **(camera or {"purpose": "", "answers": ""}))
        secret = bus.enroll(name, device.place)
        Waiting.objects.filter(id=name).delete()
        house.note("key", by, {"device": name, "kind": facts["kind"], "place": device.place, "mounted": device.mounted, "what": "登记"})
    return device, secret


def rotate(by: str, device: Device) -> str:
    """A new key; the old one ends at once."""
    with transaction.atomic():
        secret = bus.enroll(device.id, device.place)
        house.note("key", by, {"device": device.id, "what": "换钥匙"})
    return secret


def retire(by: str, device: Device) -> None:
    """Out of service: its key ends, it is missed no more. Its cases stay."""
    with transaction.atomic():
        bus.revoke(device.id)
        Device.objects.filter(pk=device.pk).update(live=False, silent_at=None)
        Ring.objects.filter(device=device).delete()
        house.note("key", by, {"device": device.id, "what": "停用"})
    device.live = False


# ---- whose


def units_of_places(user: User) -> tuple[list[str], list[str]]:
    """(the person's units, the beginnings of place codes their desks stand over)."""
    units = access.actor(user).units
    begins = []
    for unit in units:
        office = directory.office(unit)
        if office is not None and office.kind in DESKS:
            begins.append(beginning(office.place))
    return units, begins


def beginning(place: str) -> str:
    """The digits with which all codes of a place begin: as wide as its level."""
    width = {"city": 4, "county": 6, "town": 9, "village": 12}.get(directory.level_of(place) or "", len(place))
    return place[:width]


def seen_by(user: User) -> Any:
    """The devices this person reads: their units' own, and those of the places their desk stands over."""
    units, begins = units_of_places(user)
    wanted = Q(unit__in=units)
    for begin in begins:
        wanted |= Q(place__startswith=begin)
    return Device.objects.filter(wanted)


def may_keep(user: User) -> bool:
    """Whether this person enters and takes out devices."""
    return access.has_role(user, *KEEPERS) and bool(units_of_places(user)[0])


def owners(user: User) -> list[str]:
    """The units whose device this person may enter: their own, and those of their desk's places."""
    units, begins = units_of_places(user)
    found = dict.fromkeys(units)
    for office in directory.city().units.values():
        if any(office.place.startswith(begin) for begin in begins if len(begin) >= 9):
            found[office.id] = None
    return list(found)


def places(user: User) -> list[str]:
    """The villages and communities in which this person may enter a device."""
    _units, begins = units_of_places(user)
    own = [
        p for p in directory.city().places.values() if p.level == "village" and any(p.code.startswith(b) for b in begins if len(b) >= 9)
    ]
    return sorted(p.code for p in own)


def owner_of(place: str) -> str:
    """Whose a device of a place is where nobody says otherwise: its point, else the desk over it."""
    point = next((u.id for u in directory.city().units.values() if u.kind == directory.POINT and u.place == place), "")
    return point or routing.desk_of(place)


def enter_many(by: str, rows: list[dict[str, Any]], why: str) -> list[tuple[Device, str]]:
    """Register many at once: (device, secret) each; one event. A row as for `enter`, with `name` where it is known."""
    now, devices, cameras, accounts, out = datetime.now(UTC), [], [], [], []
    for row in rows:
        facts = dict(row)
        name, camera = facts.pop("name", "") or fresh_name(facts["kind"]), facts.pop("camera", None)
        facts["beat"] = min(facts.get("beat") or KINDS[facts["kind"]].beat, KINDS[facts["kind"]].most)
        device, secret = Device(id=name, made_at=now, **facts), secrets.token_urlsafe(24)
        devices.append(device)
        accounts.append(BusAccount(device=name, area=device.place, hash=hashed(secret), changed_at=now))
        out.append((device, secret))
        if facts["kind"] == "camera":
            cameras.append(Camera(device=device, **(camera or {"purpose": "", "answers": ""})))
    with transaction.atomic():
        Device.objects.bulk_create(devices, 500)
        Camera.objects.bulk_create(cameras, 500)
        BusAccount.objects.bulk_create(accounts, 500)
        house.note("key", by, {"what": why, "devices": len(devices)})
    return out
