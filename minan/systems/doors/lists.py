"""The one list a door fetches (docs/door-protocol.md): keys and void passes for all, hashes of its own households, what to open now."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from minan.kernel import bus, passes
from minan.kernel.bus import line
from minan.lib.passes import on_the_way
from minan.systems.doors import keys, registry
from minan.systems.doors.models import BARRIER, CARD, PIN, PLATE, VISIT, Compound, Door, Key

GOOD = timedelta(hours=72)  # cards, PINs and plates of a list this old open no more; signed passes end by themselves


def stamp(door: Door, now: datetime) -> str:
    """Changes when the list would. One query; made anew each hour, so that a door sees that its line to us is alive."""
    return f'"{door.pk.hex[-8:]}.{door.compound.version}.{passes.number()}.{int(now.timestamp()) // 3600}"'


def _paths(door: Door) -> Q:
    return Q(area=door.closes) | Q(area__startswith=f"{door.closes}/")


def _pin(row: Key) -> list[Any]:
    return [row.mark, row.begins, row.ends, keys.pass_id(row).hex() if row.once else "", row.seal]


def of(door: Door, now: datetime) -> dict[str, Any]:
    """The list before it is signed; hashes are sorted, so that their order says nothing of when they came."""
    second, compound = int(now.timestamp()), door.compound
    rows = list(Key.objects.filter(_paths(door), compound=compound))
    if not all(on_the_way(door.closes, row.area) for row in rows):
        raise RuntimeError(f"a key of another way was about to go to the door {door.pk.hex}: its list is not handed out")
    said: dict[str, Any] = {
        "v": 1, "door": door.pk.hex, "name": door.name, "kind": door.kind, "closes": door.closes, "made": second,
        "good": second + int(GOOD.total_seconds()), "every": "day" if registry.by_day(door) else "hour",
        "cards": sorted([r.mark, r.seal] for r in rows if r.kind == CARD), "salt": compound.salt,
        "pins": sorted(_pin(r) for r in rows if r.kind in (PIN, VISIT) and (not r.ends or r.ends > second)),
        "open": [[o.pk, o.until] for o in door.orders.filter(done=False, until__gt=second).order_by("pk")],
        **passes.listed(now),
    }  # fmt: skip
    if door.kind == BARRIER:
        said |= {
            "plates": sorted([r.mark, r.seal] for r in rows if r.kind == PLATE),
            "plate_key": keys.plate_key(compound).hex(),
        }
    return said


def signed(door: Door, now: datetime) -> bytes:
    return passes.signed(of(door, now), now)


def topic_of(door: Door, prop: str) -> str:
    """Where this door speaks and is spoken to on the bus."""
    return bus.topic(door.compound.place[:12], f"door-{door.pk.hex}", prop)


def enrolled(door: Door) -> tuple[str, str] | None:
    """(name, new secret) with which the door may listen on the bus; None where there is no bus."""
    name = f"door-{door.pk.hex}"
    return (name, bus.enroll(name, door.compound.place[:12])) if line.configured() else None


def ring(compound: Compound) -> None:
    """Tell its doors on the bus, where there is one, to fetch now; they look every few seconds anyway. After the transaction."""
    topics = (
        [topic_of(door, "list") for door in compound.doors.filter(active=True).select_related("compound")]
        if line.configured()
        else []
    )

    def said() -> None:
        for one in topics:
            bus.publish(one, str(compound.version), retain=True)

    transaction.on_commit(said, robust=True)
