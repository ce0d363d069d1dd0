"""The bag of sealed lines of the doors on a home's way: whoever holds the home's private key finds its own in it, nobody else any."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from minan.kernel.directory import LOCAL
from minan.systems.doors.keeping import LINES_DAYS
from minan.systems.doors.models import Batch, Door, Home

BYTES_MOST = 4_000_000


def doors_of(home: Home) -> list[Door]:
    """The doors on the way to this home, the outermost first."""
    parts = home.path.split("/")
    ways = ["/".join(parts[: n + 1]) for n in range(len(parts))]
    found = Door.objects.filter(compound_id=home.compound_id, closes__in=ways, active=True)
    return sorted(found, key=lambda door: (len(door.closes), door.name))


def _full(point: str) -> str:
    """The point as every browser takes it: 65 bytes, hex."""
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes.fromhex(point))
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint).hex()


def bag(home: Home, now: datetime) -> dict[str, Any]:
    """{"doors": [{"name", "hours": [[day, hour or -1, point, base64 of lines]]}], "days"}: all lines of these doors.

    Were only the home's own handed out, somebody would have to know which they are. Two queries.
    """
    doors = doors_of(home)
    since = now.astimezone(LOCAL).date() - timedelta(days=LINES_DAYS - 1)
    found = Batch.objects.filter(door__in=doors, day__gte=since).order_by("-day", "-hour", "pk")
    hours: dict[Any, list[list[Any]]] = {door.pk: [] for door in doors}
    left = BYTES_MOST
    for row in found.iterator(chunk_size=200):
        left -= len(row.lines)
        if left < 0:
            break
        if row.lines:
            hours[row.door_id].append(
                [row.day.isoformat(), row.hour, _full(row.point), base64.b64encode(bytes(row.lines)).decode()]
            )
    return {"days": LINES_DAYS, "doors": [{"name": door.name, "hours": hours[door.pk]} for door in doors]}
