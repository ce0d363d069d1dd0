"""Compounds and doors: putting one up, its credential, who answers for it, how it is. What is set up stands in the house's register."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from minan.kernel import access, directory, house, routing
from minan.kernel.models import User
from minan.kernel.procedure import Words
from minan.systems.doors.models import BARRIER, DOOR, GATE, Compound, Door, Home

SILENT = timedelta(minutes=3)  # not heard for so long: offline, and no green light
ROLES = ("clerk", "handler", "worker", "supervisor")
PART = re.compile(r"[0-9a-z-]{1,8}", re.ASCII)
FEW = 5  # with fewer homes enrolled behind it a door counts by the day
KINDS = ((DOOR, Words("单元门", "Door")), (GATE, Words("大门", "Gate")), (BARRIER, Words("道闸", "Barrier")))
NAME_MOST = 40


class Unfit(ValueError):
    """What was typed cannot be; `words` say why."""

    def __init__(self, words: Words) -> None:
        super().__init__(words.en)
        self.words = words


def units(user: User) -> list[str]:
    """The units at which this person looks after doors."""
    held = [p for p in access.actor(user).posts if p.role in ROLES]
    return list(dict.fromkeys(unit for post in held for unit in (post.unit, post.seat) if unit))


def headed(user: User) -> list[str]:
    """The units whose doors this person administers: those they head, and those right under them."""
    own = {p.unit for p in access.actor(user).posts if p.role in house.HEADS}
    below = [office.id for office in directory.city().units.values() if routing.above(office.id, "block") in own] if own else []
    return [*own, *below]


def compounds(user: User) -> list[Compound]:
    return list(Compound.objects.filter(unit__in={*units(user), *headed(user)}).order_by("name"))


@transaction.atomic
def put_up_compound(unit: str, place: str, name: str, spaces: int, by: str = "") -> Compound:
    """`by`: who signs in as that; "" for the program. Raises Unfit."""
    name = name.strip()
    if not 0 < len(name) <= NAME_MOST:
        raise Unfit(Words("小区要有名字，最多 40 个字", "A compound has a name of at most 40 characters"))
    if not re.fullmatch(r"[0-9]{12,15}", place) or place not in directory.city().places:
        raise Unfit(Words("选一个社区或者村", "Choose a community or a village"))
    if not 0 <= spaces <= 20_000:
        raise Unfit(Words("车位数是 0 到 20000", "Parking places are 0 to 20,000"))
    n = 1 + Compound.objects.filter(path__startswith=f"{place[:12]}/").count()
    while Compound.objects.filter(path=f"{place[:12]}/c{n}").exists():
        n += 1
    row = {
        "unit": unit,
        "place": place,
        "path": f"{place[:12]}/c{n}",
        "name": name,
        "spaces": spaces,
        "salt": secrets.token_hex(16),
    }
    made = Compound.objects.create(**row)
    house.note("key", by, {"compound": made.path, "name": made.name, "unit": unit, "what": "登记小区"})
    return made


def inside(compound: Compound, building: str, unit: str) -> str:
    """The path of a unit of a building; of the compound where both are empty. Raises Unfit."""
    parts = [part.strip().lower() for part in (building, unit) if part.strip()]
    if any(not PART.fullmatch(part) for part in parts) or (unit.strip() and not building.strip()):
        raise Unfit(
            Words("楼号、单元号用数字或字母，如 3、2", "Building and unit are digits or letters, such as 3 and 2")
        )
    return "/".join([compound.path, *parts])


@transaction.atomic
def put_up_door(
    compound: Compound, name: str, kind: str, building: str, unit: str, homes: int, fire: bool, by: str = ""
) -> Door:
    """`by` as above. Raises Unfit."""
    name = name.strip()
    if not 0 < len(name) <= NAME_MOST or compound.doors.filter(name=name).exists():
        raise Unfit(
            Words(
                "门要有名字，最多 40 个字，一个小区里不能重名",
                "A door has a name of at most 40 characters, once in a compound",
            )
        )
    if kind not in dict(KINDS) or not 0 <= homes <= 50_000:
        raise Unfit(Words("选一种门；门后的户数是 0 到 50000", "Choose a kind; homes behind it are 0 to 50,000"))
    closes = inside(compound, building, unit)
    door = Door.objects.create(compound=compound, name=name, kind=kind, closes=closes, homes=homes, fire=fire)
    house.note("key", by, _named(door) | {"what": "登记门"})
    return door


def _named(door: Door) -> dict[str, str]:
    return {"door": door.pk.hex, "name": f"{door.compound.name} {door.name}", "unit": door.compound.unit}


def _mark(key: str) -> str:
    return hashlib.sha256(b"minan:door:" + key.encode()).hexdigest()


@transaction.atomic
def credential(door: Door, by: str = "") -> str:
    """A new credential for the door's program, shown once; the one before ends. `by` as above."""
    key = secrets.token_urlsafe(32)
    Door.objects.filter(pk=door.pk).update(key=_mark(key))
    house.note("key", by, _named(door) | {"what": "门的凭证"})
    return key


def by_key(key: str) -> Door | None:
    """The door that speaks with this credential. One query."""
    return Door.objects.select_related("compound").filter(key=_mark(key), active=True).first() if key else None


def changed(compound: Compound) -> None:
    """Its doors must know something new: they fetch it within seconds."""
    Compound.objects.filter(pk=compound.pk).update(version=F("version") + 1)
    compound.refresh_from_db(fields=["version"])
    from minan.systems.doors import lists  # which asks this module: the bell alone needs it

    lists.ring(compound)


def health(door: Door, now: datetime) -> str:
    """One word for how a door is: fire, forced, held, offline, new (never heard), well."""
    if door.seen_at is None:
        return "new"
    if now - door.seen_at > SILENT:
        return "offline"
    said: dict[str, Any] = door.state
    return next((word for word in ("fire", "forced", "held") if said.get(word)), "well")


def by_day(door: Door) -> bool:
    """Whether so few homes are enrolled behind it that even the hour would tell who passed. One query."""
    behind = Home.objects.filter(Q(path=door.closes) | Q(path__startswith=f"{door.closes}/"), compound=door.compound_id)
    return len(behind.values_list("pk")[:FEW]) < FEW
