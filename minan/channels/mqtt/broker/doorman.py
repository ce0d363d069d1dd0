"""Who comes in: the first packet is read and judged here, before the broker sees any of it.

amqtt asks who somebody is only after it has ended the older session of the same name; so another's name would be enough to throw a
device out. Here: name, secret, the name again as client id (nobody takes another's place), a last will for a topic of one's own
only, and no packet above PACKET_MOST.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from amqtt.adapters import BufferReader, StreamReaderAdapter
from amqtt.mqtt.connect import ConnectPacket

from minan.kernel.bus.accounts import Account, fits
from minan.kernel.bus.topics import PAYLOAD_MOST, PROGRAM, ROOT, allowed, parse

CONNECT_MOST = 4096  # bytes: name, secret, will
PACKET_MOST = PAYLOAD_MOST + 1024  # a payload with its topic
HELLO_SECONDS = 5.0
REFUSED = b"\x20\x02\x00\x05"  # CONNACK: not authorized
KEEPALIVE_MOST = 600  # seconds; a device that promises less than nothing is asked for this


class TooMuch(Exception):
    """More bytes than a packet may have."""


class Reader(StreamReaderAdapter):
    """The rest of a connection: first what was read of it already, then the stream; nothing larger than PACKET_MOST."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, begun: bytes) -> None:
        super().__init__(reader)
        self.writer, self.begun, self.at = writer, begun, 0

    async def read(self, n: int = -1) -> bytes:
        if n > PACKET_MOST:
            self.writer.transport.abort()
            raise asyncio.IncompleteReadError(b"", n)  # as if it had hung up
        if self.at < len(self.begun):
            part = self.begun[self.at : self.at + n] if n >= 0 else self.begun[self.at :]
            self.at += len(part)
            return part
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


async def entered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, accounts: Mapping[str, Account], program: str) -> Reader | None:
    """Read the first packet and judge; None: refused, and the connection is shut."""
    with suppress(Exception):  # whatever somebody sends before we know them is no reason to fall over
        packet = await asyncio.wait_for(first_packet(reader), HELLO_SECONDS)
        if may_enter(await read(packet), accounts, program):
            return Reader(reader, writer, packet)
        writer.write(REFUSED)
        await writer.drain()
    writer.close()
    return None
