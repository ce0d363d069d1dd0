"""A whole community that speaks real MQTT: a connection a device, beats, values, alarms, a silent one, a storm, presses of help buttons.

Used by the demo (slowly), by `minan simulate community`, the bench and the tests. It reports the processor time it took itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import resource
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from minan.kernel.bus.topics import topic
from minan.systems.devices import frames

CONNECTING, ROUNDS = 100, 8  # at once; tries
STEP = 0.02  # seconds between two handfuls of messages
AGAIN_SECONDS = 2.0  # a press nobody took is said again
QUIET_SECONDS = 3.0  # before the good-bye: a broker forgets what of a connection it had not read yet
ALARMED = 20  # devices that cry in a storm
VALUES = {"water": "level", "env": "temp", "lift": "floor", "camera": "fps", "smoke": "battery"}


@dataclass(slots=True)
class Member:
    """A device that is played."""

    name: str
    area: str
    kind: str
    secret: str
    beat: float


class Player(asyncio.Protocol):
    """One device's connection."""

    def __init__(self, member: Member, crowd: Crowd) -> None:
        self.member, self.crowd, self.reader, self.number = member, crowd, frames.Reader(), 0
        self.transport: asyncio.Transport | None = None
        self.entered: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.waits: dict[int, float] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        will = (self.address("state"), "offline")
        transport.write(frames.connect(self.member.name, self.member.secret, will))

    def address(self, prop: str) -> str:
        return topic(self.member.area, self.member.name, prop)

    def data_received(self, data: bytes) -> None:
        for kind, flags, body in self.reader.feed(data):
            if kind == frames.CONNACK and not self.entered.done():
                self.entered.set_result(body[1:2] == b"\x00")
            elif kind == frames.PUBACK:
                self.waits.pop(int.from_bytes(body[:2], "big"), None)
                self.crowd.counts["acked"] += 1
            elif kind == frames.PUBLISH and flags & 6 and self.transport is not None:
                size = int.from_bytes(body[:2], "big")
                self.transport.write(frames.acknowledge(int.from_bytes(body[2 + size : 4 + size], "big")))

    def connection_lost(self, error: Exception | None) -> None:
        self.transport = None
        if not self.entered.done():
            self.entered.set_result(False)
        if not self.crowd.ending:
            self.crowd.counts["lost_connections"] += 1

    def say(self, prop: str, payload: bytes, *, sure: bool = False, retain: bool = False) -> bool:
        """False: it has no connection now."""
        if self.transport is None or self.transport.is_closing():
            return False
        number = 0
        if sure:
            self.number = number = self.number % 65535 + 1
            self.waits[number] = time.monotonic()
        self.transport.write(frames.publish(self.address(prop), payload, number, retain=retain))
        self.crowd.counts["sent"] += 1
        return True


@dataclass
class Crowd:
    """All of them. `host`, `port`: of the broker; `silent`: how many never say a word."""

    members: list[Member]
    host: str
    port: int
    silent: int = 1
    players: dict[str, Player] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    ending: bool = False

    async def enter(self, member: Member) -> bool:
        loop = asyncio.get_running_loop()
        try:
            _, player = await loop.create_connection(lambda: Player(member, self), self.host, self.port)
            if not await asyncio.wait_for(player.entered, 30):
                self.counts["refused"] += 1
                return False
        except (OSError, TimeoutError):
            return False
        self.players[member.name] = player
        return True

    async def gather(self) -> int:
        """Everybody comes in, tried again where the door does not know them yet; returns how many did."""
        some = asyncio.Semaphore(CONNECTING)

        async def one(member: Member) -> bool:
            async with some:
                return await self.enter(member)

        for _ in range(ROUNDS):  # a broker reads new keys within a second or two
            await asyncio.gather(*(one(m) for m in self.members if m.name not in self.players))
            if len(self.players) == len(self.members):
                break
            await asyncio.sleep(1)
        return len(self.players)

    async def keep(self) -> None:
        """Who lost its connection comes back."""
        for member in self.members:
            player = self.players.get(member.name)
            if player is None or player.transport is None:
                await self.enter(member)

    def leave(self) -> None:
        self.ending = True
        for player in self.players.values():
            if player.transport is not None:
                player.transport.write(frames.BYE)
                player.transport.close()


def reading(member: Member, n: int) -> tuple[str, bytes]:
    """A property and its value, which moves a little."""
    prop = VALUES.get(member.kind, "signal")
    value = round(random.uniform(10, 30) + n % 3, 1)  # noqa: S311 no secret: a made-up reading
    return prop, json.dumps({"value": value, "n": n}).encode() if n % 2 else str(value).encode()


async def slowly(crowd: Crowd, stopped: Callable[[], bool]) -> None:
    """The demo's neighbourhood: beats on time, now and then a value, one that is silent."""
    due: dict[str, float] = {}
    n = 0
    while not stopped():
        now = time.monotonic()
        with contextlib.suppress(OSError):
            await crowd.keep()
        for member in crowd.members[crowd.silent :]:
            player = crowd.players.get(member.name)
            if player is None or due.get(member.name, 0) > now:
                continue
            due[member.name], n = now + member.beat * random.uniform(0.7, 0.95), n + 1  # noqa: S311 as above
            player.say("beat", b"1")
            player.say(*reading(member, n * 2))
        await asyncio.sleep(0.5)
    crowd.leave()


async def storm(crowd: Crowd, rate: int, seconds: float, presses: int, alarms: float = 0.05) -> dict[str, Any]:
    """`rate` messages a second for `seconds`, of which the part `alarms` cries; `presses` spread over that time, each said until it
    is acknowledged. Returns what was done, and the processor time of this process."""
    begun_cpu = _cpu()
    entered = await crowd.gather()
    talking = [p for p in crowd.players.values() if p.member.kind != "button"][crowd.silent :]
    buttons = [p for p in crowd.players.values() if p.member.kind == "button"] or talking[:1]
    crying = talking[:ALARMED]
    begun, said, cried, pressed = time.monotonic(), 0, 0, 0
    late: list[tuple[Player, bytes, float]] = []
    while (passed := time.monotonic() - begun) < seconds:
        while said < passed * rate:
            said += 1
            if alarms and said % max(1, round(1 / alarms)) == 0:
                cried += crying[cried % len(crying)].say("alarm", b"ON", sure=True)
            else:
                player = talking[said % len(talking)]
                player.say(*reading(player.member, said))
        while pressed < presses and pressed < passed / seconds * presses + 1:
            late.append((buttons[pressed % len(buttons)], json.dumps({"id": pressed, "at": time.time()}).encode(), 0.0))
            pressed += 1
        late = _press(late)
        await asyncio.sleep(STEP)
    end = time.monotonic() + 10
    while late and time.monotonic() < end:
        late = _press(late)
        await asyncio.sleep(STEP)
    took = time.monotonic() - begun
    await asyncio.sleep(QUIET_SECONDS)
    crowd.leave()
    await asyncio.sleep(0.2)
    return {
        "devices": entered, "seconds": round(took, 1), "sent": crowd.counts["sent"], "rate": round(said / seconds), "alarms": cried,
        "presses": pressed, "presses_not_acknowledged": len(late), "lost_connections": crowd.counts["lost_connections"],
        "refused": crowd.counts["refused"], "generator_cpu_seconds": round(_cpu() - begun_cpu, 2),
    }  # fmt: skip


def _press(late: list[tuple[Player, bytes, float]]) -> list[tuple[Player, bytes, float]]:
    """Say again what nobody acknowledged within AGAIN_SECONDS; what was acknowledged is done."""
    now, left = time.monotonic(), []
    for player, payload, said_at in late:
        if said_at and not player.waits:
            continue
        due = now - said_at > AGAIN_SECONDS
        if due:
            player.waits.clear()
            player.say("press", payload, sure=True)
        left.append((player, payload, now if due else said_at))
    return left


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
