"""Who comes in: the first packet is read and judged here, before the broker sees any of it.

amqtt asks who somebody is only after it has ended the older session of the same name; so another's name would be enough to throw a
device out. Here: name, secret, the name again as client id (nobody takes another's place), a last will for a topic of one's own
only, and no packet above PACKET_MOST.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from amqtt.adapters import BufferReader, StreamReaderAdapter
from amqtt.mqtt.connect import ConnectPacket

from minan.kernel.bus.accounts import Account, fits
from minan.kernel.bus.topics import PAYLOAD_MOST, PROGRAM, ROOT, allowed, parse

CONNECT_MOST = 4096  # bytes: name, secret, will
PACKET_MOST = PAYLOAD_MOST + 1024  # a payload with its topic
HELLO_SECONDS = 5.0
FEW_READS, LATER_SECONDS, LATER_MOST = 8, 0.05, 5.0  # four packets a second are few; seconds
REFUSED = b"\x20\x02\x00\x05"  # CONNACK: not authorized
log = logging.getLogger("minan.bus")
KEEPALIVE_MOST = 600  # seconds; a device that promises less than nothing is asked for this


class TooMuch(Exception):
    """More bytes than a packet may have."""


class Reader(StreamReaderAdapter):
    """The rest of a connection: first what was read of it already, then the stream; nothing larger than PACKET_MOST.

    While the broker has too much in hand (`busy`), whoever talks a lot is read later, and whoever seldom says a word at once: a help
    button does not stand in line behind two thousand thermometers.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, begun: bytes, busy: Callable[[], bool]) -> None:
        super().__init__(reader)
        self.writer, self.begun, self.at, self.busy = writer, begun, 0, busy
        self.second, self.reads = 0.0, 0

    async def _wait(self) -> None:
        loop = asyncio.get_running_loop()
        if loop.time() - self.second > 1.0:
            self.second, self.reads = loop.time(), 0
        self.reads += 1
        end = loop.time() + LATER_MOST
        while self.reads > FEW_READS and self.busy() and loop.time() < end:
            await asyncio.sleep(LATER_SECONDS)

    async def read(self, n: int = -1) -> bytes:
        if n > PACKET_MOST:
            self.writer.transport.abort()
            raise asyncio.IncompleteReadError(b"", n)  # as if it had hung up
        if self.at < len(self.begun):
            part = self.begun[self.at : self.at + n] if n >= 0 else self.begun[self.at :]
            self.at += len(part)
            return part
        if n == 1:  # the first byte of a packet, or of its length
            await self._wait()
        return await super().read(n)


async def first_packet(reader: asyncio.StreamReader) -> bytes:
    """The whole CONNECT packet as bytes. Raises TooMuch, asyncio.IncompleteReadError."""
    head = await reader.readexactly(2)
    length, shift, last = head[1] & 0x7F, 7, head[1]
    while last & 0x80:
        more = await reader.readexactly(1)
        head, last = head + more, more[0]
        length |= (last & 0x7F) << shift
        shift += 7
        if shift > 28:
            raise TooMuch
    if head[0] >> 4 != 1 or length > CONNECT_MOST:
        raise TooMuch
    return head + await reader.readexactly(length)


async def read(packet: bytes) -> ConnectPacket:
    return await ConnectPacket.from_stream(BufferReader(packet))


def may_enter(connect: Any, accounts: Mapping[str, Account], program: str) -> bool:
    """Whether this CONNECT is let in: `program` is the hash of the secret of the city's own processes."""
    name, secret, client = connect.username or "", connect.password or "", connect.client_id or ""
    will = connect.will_topic if connect.will_flag else None
    if name == PROGRAM:
        return client.startswith(f"{PROGRAM}-") and fits(secret, program) and (will is None or will.startswith(f"{ROOT}/"))
    account = accounts.get(name)
    if account is None or client != name or not fits(secret, account.hash):
        return False
    return will is None or may_write(name, account, will)


def may_write(device: str, account: Account, topic: str) -> bool:
    return allowed(account.area, device, topic, reads=False) and parse(topic) is not None


def _never() -> bool:
    return False


async def entered(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, accounts: Mapping[str, Account], program: str, busy: Callable[[], bool]
) -> Reader | None:
    """Read the first packet and judge; None: refused, and the connection is shut. A fault while judging is logged, and lets nobody in."""
    try:
        packet = await asyncio.wait_for(first_packet(reader), HELLO_SECONDS)
        connect = await read(packet)
    except Exception:  # whatever somebody sends before we know them is no reason to fall over
        writer.close()
        return None
    try:
        may = may_enter(connect, accounts, program)
    except Exception:  # a fault of ours
        log.exception("a device could not be judged", extra={"device": str(connect.username)[:40]})
        may = False
    if may:
        return Reader(reader, writer, packet, _never if connect.username == PROGRAM else busy)
    with suppress(OSError):  # it may be gone already
        writer.write(REFUSED)
        await writer.drain()
    writer.close()
    return None
