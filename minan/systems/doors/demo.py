"""What the demo shows of the doors: 朝阳花园 in 朝阳社区 with five doors, 王秀兰's home in it, a week of counts, one door held open."""

from __future__ import annotations

import hashlib
import random
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from minan.kernel.directory import LOCAL
from minan.kernel.models import Unit, User
from minan.systems.doors import homes, registry
from minan.systems.doors.models import Batch, Compound, Door

UNIT, VILLAGE = "131022100010-point", "131022100010"
DOORS = (
    ("南门", "gate", "", "", 480, 900), ("东门道闸", "barrier", "", "", 480, 260), ("3 号楼 1 单元", "door", "3", "1", 24, 60),
    ("3 号楼 2 单元", "door", "3", "2", 24, 66), ("5 号楼", "door", "5", "", 3, 5),
)  # fmt: skip


def make(empty: bool) -> None:
    """Nothing in an empty demo."""
    if not empty:
        seed(datetime.now(UTC))


def seed(now: datetime) -> None:
    """Once; nothing where the city has no such point."""
    if Compound.objects.exists() or not Unit.objects.filter(pk=UNIT).exists():
        return
    compound = registry.put_up_compound(UNIT, VILLAGE, "朝阳花园", 320)
    chance = random.Random(6)  # noqa: S311 (figures to look at)
    for name, kind, building, unit, count, daily in DOORS:
        door = registry.put_up_door(compound, name, kind, building, unit, count, True)
        _week(door, daily, now, chance)
    Door.objects.filter(compound=compound, name="3 号楼 1 单元").update(seen_at=now, state={"held": True})
    resident = User.objects.filter(username="resident").first()
    if resident is not None:
        _home, code = homes.enrol(compound, "3", "2", "302", now)
        homes.join(resident, code, now)


def _week(door: Door, daily: int, now: datetime, chance: random.Random) -> None:
    """Seven days of counts as a door sends them; without lines, for nobody was there."""
    point = (
        ec.generate_private_key(ec.SECP256R1())
        .public_key()
        .public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
        .hex()
    )
    rows = []
    for n in range(7):
        day = now.astimezone(LOCAL).date() - timedelta(days=n)
        counts = {
            "opened": int(daily * chance.uniform(0.8, 1.2)),
            "expired": chance.randrange(4),
            "unknown": chance.randrange(6),
        }
        counts |= {"held": 1} if n == 0 and door.name.endswith("1 单元") else {}
        name = hashlib.sha256(f"{door.pk.hex}{day}".encode()).hexdigest()
        rows.append(Batch(id=name, door=door, day=day, hour=-1, point=point, lines=b"", counts=counts))
    Batch.objects.bulk_create(rows)
    Door.objects.filter(pk=door.pk).update(seen_at=now)
