"""Wall buttons and pendants: the lane's own connection to the bus, so that no storm of other devices stands before a press.

A device publishes `minan/<area>/<device>/press`; what it reads on `…/taken` says truly whether somebody was rung. Its payload may
carry its own number of this press (32 hex digits): sent again it is the same press. A button that is bound to nobody is told so.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from minan.kernel.bus.line import configured
from minan.systems.help.lane import PRESS, Lane

NAME, FILTERS = "help", ("minan/+/+/press",)


def number_of(device: str, payload: bytes, at: float) -> str:
    """The press's own number; of a plain button one that a repetition within ten seconds shares."""
    try:
        said = json.loads(payload) if payload[:1] == b"{" else payload.decode("ascii").strip()
    except (ValueError, UnicodeDecodeError):
        said = ""
    given = str(said.get("press", "")) if isinstance(said, dict) else str(said)
    if PRESS.fullmatch(given):
        return hashlib.sha256(f"{device}:{given}".encode()).hexdigest()[:32]  # nobody takes another's number
    return hashlib.sha256(f"{device}:{int(at // 10)}".encode()).hexdigest()[:32]


def heard(bus: Any, lane: Lane, message: Any) -> dict[str, Any]:
    """One press from the bus; returns what the device is told. What the broker kept from earlier is no press."""
    where = bus.parse(message.topic)
    if where is None or message.retained:
        return {}
    how = "pendant" if where.device.startswith("pendant") else "button"
    answer = lane.take(
        {
            "op": "press",
            "device": where.device,
            "press": number_of(where.device, message.payload, message.at.timestamp()),
            "how": how,
        }
    )
    return {"taken": bool(answer.get("ok")), "going": bool(answer.get("ok") and answer["call"]["going"])}


def listen(bus: Any, lane: Lane) -> Any:
    """The connection; None where this city has no bus. It comes up by itself, also later."""
    if not configured():
        return None
    line: list[Any] = []

    def hear(message: Any) -> None:
        told = heard(bus, lane, message)
        if told and line:
            where = bus.parse(message.topic)
            line[0].publish(bus.topic(where.area, where.device, "taken"), json.dumps(told))

    line.append(bus.connect(NAME, hear, FILTERS))
    return line[0]
